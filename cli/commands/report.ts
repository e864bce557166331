import { renameSync, writeFileSync } from "node:fs";
import type { Command } from "commander";
import type { SlotRange } from "../../core/domain/history.ts";
import { slotAt } from "../../core/domain/slot.ts";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import { LONGEST_RUN_MS } from "../../core/history/as-of.ts";
import { scheduledSlots } from "../../core/history/gaps.ts";
import { holdingRow } from "../../core/history/holdings.ts";
import { series } from "../../core/history/series.ts";
import { type Every, nominalMs, type Step } from "../../core/history/steps.ts";
import { totalRow } from "../../core/history/totals.ts";
import type { ReportAccount, ReportAsset, ReportData, ReportGap } from "../../report-page/data/report-data.ts";
import { type HistoryOptions, historyCommand, type OpenHistory, withHistory } from "../shared/history-command.ts";
import { DEFAULT_DENOMINATION } from "../shared/known-names.ts";
import { assertOutFile } from "../shared/option-file.ts";
import { type RangeOptions, readEvery, readRange, readSteps, withRangeOptions } from "../shared/ranges.ts";

interface Options extends HistoryOptions, RangeOptions {
  readonly out: string;
  readonly every?: string;
  readonly denomination: string;
  readonly title: string;
}

/** No screen shows more steps. */
const MAX_STEPS = 2000;

/** The number of snapshots from which the usual interval is computed if there is no schedule. */
const SAMPLED_SNAPSHOTS = 100;

const INTERVALS: readonly Every[] = [
  { count: 5, unit: "minutes" },
  { count: 15, unit: "minutes" },
  { count: 1, unit: "hours" },
  { count: 3, unit: "hours" },
  { count: 6, unit: "hours" },
  { count: 12, unit: "hours" },
  { count: 1, unit: "days" },
  { count: 1, unit: "weeks" },
  { count: 1, unit: "months" },
];

/** Returns the `report` command, which writes a self-contained HTML page. */
export function reportCommand(): Command {
  const command = historyCommand("report", "write a self-contained HTML report", ["html"], "html")
    .requiredOption("--out <file>", "the HTML file to write")
    .option(
      "--every <interval>",
      `length of an interval (default: the shortest that gives at most ${MAX_STEPS} intervals)`,
    )
    .option("--denomination <symbol>", "denomination of the values", DEFAULT_DENOMINATION)
    .option("--title <text>", "the page's heading", "Balances")
    .action((options: Options) => {
      assertOutFile(options.out);
      return withHistory(options, async (history) => {
        // Imported on demand because it loads a bundler.
        const { renderReport } = await import("../../report-page/build/render.ts");
        const page = await renderReport(await collectReport(history, readRange(options, history), options));
        // Renamed when complete, so that an interrupted write never leaves a partial page at this path.
        writeFileSync(`${options.out}.partial`, page);
        renameSync(`${options.out}.partial`, options.out);
        process.stderr.write(`Wrote ${options.out} (${Math.round(page.length / 1024)} KB).\n`);
      });
    });
  return withRangeOptions(command);
}

async function collectReport(history: OpenHistory, range: SlotRange, options: Options): Promise<ReportData> {
  const every = options.every === undefined ? await defaultInterval(range, history) : readEvery(options.every);
  const steps = endingAt(readSteps(options, history, range, every), range.to);
  const names = await history.reader.assets();
  const accounts: ReportAccount[] = [];
  for (const accountId of history.accountIds) {
    const snapshots: (Snapshot | undefined)[] = [];
    for await (const { snapshot } of series(history.reader, accountId, steps, history.periodMs(range))) {
      snapshots.push(snapshot);
    }
    const symbols = [...new Set(snapshots.flatMap((snapshot) => [...(snapshot?.balances.keys() ?? [])]))].sort();
    accounts.push({
      accountId,
      steps: steps.map(({ at }) => slotAt(at)),
      snapshots: snapshots.map((snapshot) => (snapshot ? pointOf(snapshot, options.denomination) : null)),
      assets: symbols.map((symbol) =>
        assetColumns(symbol, names.get(symbol)?.name ?? symbol, accountId, snapshots, options.denomination),
      ),
      gaps: await gapsOf(history, accountId, range),
    });
  }
  const { timezone, now } = history;
  return { title: options.title, generatedAt: slotAt(now), timezone, denomination: options.denomination, accounts };
}

function pointOf(snapshot: Snapshot, denomination: string) {
  const { total, covers, of } = totalRow(snapshot.accountId, snapshot, denomination);
  const { slot, capturedAt, unsettled } = snapshot;
  return { slot, capturedAt, total, covers, of, ...(unsettled.length > 0 && { unsettled }) };
}

function assetColumns(
  symbol: string,
  name: string,
  accountId: string,
  snapshots: readonly (Snapshot | undefined)[],
  denomination: string,
): ReportAsset {
  const rows = snapshots.map((snapshot) => holdingRow(accountId, symbol, snapshot, denomination));
  return {
    symbol,
    name,
    quantities: rows.map((row) => row.total),
    holds: rows.map((row) => row.hold),
    values: rows.map((row) => row.values[denomination]?.total ?? null),
  };
}

/** Returns the slots without a complete snapshot. A run that may still be in progress is not a gap. */
async function gapsOf(history: OpenHistory, accountId: string, { from, to }: SlotRange): Promise<ReportGap[]> {
  const { reader, schedules, since, now } = history;
  const ended = { from, to: Math.min(to, now - LONGEST_RUN_MS) };
  const gaps: ReportGap[] = [];
  const slots = scheduledSlots(reader, accountId, schedules, since.get(accountId) ?? "", ended);
  for await (const { slot, complete, attempt } of slots) {
    if (!complete) gaps.push({ slot, ...(attempt && { reason: `${attempt.code}: ${attempt.message}` }) });
  }
  return gaps;
}

/**
 * Returns the steps with the last one at `end`, so that the report closes with the balances at the end of the range. What
 * remains after the last whole interval becomes a step of its own if it is longer than half an interval. A shorter rest
 * could lack a snapshot although none was missed, so it extends the last interval instead.
 */
function endingAt(steps: readonly Step[], end: number): Step[] {
  const last = steps.at(-1);
  if (last === undefined) return [];
  return end - last.at > (last.at - last.after) / 2
    ? [...steps, { after: last.at, at: end }]
    : [...steps.slice(0, -1), { ...last, at: end }];
}

/** Returns the shortest interval that gives at most `MAX_STEPS` steps and is not shorter than the snapshots' own. */
async function defaultInterval(range: SlotRange, history: OpenHistory): Promise<Every> {
  const snapshotMs = history.schedules.length > 0 ? history.periodMs(range) : await usualIntervalMs(range, history);
  const minMs = Math.max((range.to - range.from) / MAX_STEPS, snapshotMs);
  return INTERVALS.find((every) => nominalMs(every) >= minMs) ?? { count: 1, unit: "years" };
}

/** Returns the median interval between the newest snapshots of the first account; 0 if there are fewer than two. */
async function usualIntervalMs({ to }: SlotRange, { reader, accountIds }: OpenHistory): Promise<number> {
  const slots: number[] = [];
  for await (const { status, slot } of reader.recordsBack(accountIds[0] ?? "", to)) {
    if (status === "complete") slots.push(Date.parse(slot));
    if (slots.length > SAMPLED_SNAPSHOTS) break;
  }
  const intervals = slots.slice(1).map((slot, index) => (slots[index] ?? slot) - slot);
  return intervals.sort((a, b) => a - b)[intervals.length >> 1] ?? 0;
}
