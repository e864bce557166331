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

/** More points than this no screen shows. */
const MOST_STEPS = 2000;

/** Without a schedule, to find out how far apart snapshots are. */
const SLOTS_LOOKED_AT = 100;

const DISTANCES: readonly Every[] = [
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

/** `report`: one page to hand to someone. */
export function reportCommand(): Command {
  const command = historyCommand("report", "writes one self-contained page to hand to someone", ["html"], "html")
    .requiredOption("--out <file>", "the page, an HTML file")
    .option("--every <distance>", `the distance of its points (default: what gives at most ${MOST_STEPS} of them)`)
    .option("--denomination <symbol>", "in which values are shown", DEFAULT_DENOMINATION)
    .option("--title <text>", "its heading", "Balances")
    .action((options: Options) => {
      assertOutFile(options.out);
      return withHistory(options, async (history) => {
        // Loaded only here: it brings a bundler.
        const { renderReport } = await import("../../report-page/build/render.ts");
        const page = await renderReport(await collect(history, readRange(options, history), options));
        // Under another name until it is whole: a page that was broken off does not look like one.
        writeFileSync(`${options.out}.partial`, page);
        renameSync(`${options.out}.partial`, options.out);
        process.stderr.write(`${options.out}: ${Math.round(page.length / 1024)} KB\n`);
      });
    });
  return withRangeOptions(command);
}

async function collect(history: OpenHistory, range: SlotRange, options: Options): Promise<ReportData> {
  const every = options.every === undefined ? await fitting(range, history) : readEvery(options.every);
  const steps = upToTheEnd(readSteps(options, history, range, every), range.to);
  const names = await history.reader.assets();
  const accounts: ReportAccount[] = [];
  for (const accountId of history.accountIds) {
    const snapshots: (Snapshot | undefined)[] = [];
    for await (const { snapshot } of series(history.reader, accountId, steps, history.periodMs(range)))
      snapshots.push(snapshot);
    const symbols = [...new Set(snapshots.flatMap((snapshot) => [...(snapshot?.balances.keys() ?? [])]))].sort();
    accounts.push({
      accountId,
      steps: steps.map(({ at }) => slotAt(at)),
      snapshots: snapshots.map((snapshot) => (snapshot && pointOf(snapshot, options.denomination)) || null),
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

async function gapsOf(history: OpenHistory, accountId: string, { from, to }: SlotRange): Promise<ReportGap[]> {
  const { reader, schedules, since, now } = history;
  const gaps: ReportGap[] = [];
  const range = { from, to: Math.min(to, now - LONGEST_RUN_MS) };
  for await (const { slot, complete, attempt } of scheduledSlots(
    reader,
    accountId,
    schedules,
    since.get(accountId) ?? "",
    range,
  )) {
    if (!complete) gaps.push({ slot, ...(attempt && { reason: `${attempt.code}: ${attempt.message}` }) });
  }
  return gaps;
}

/**
 * The last step is the range's end: what is held there is what was held in its last moment. What is left of the range after
 * the last whole step is a step of its own, unless it is so short that it may lack a snapshot without any being missed.
 */
function upToTheEnd(steps: readonly Step[], to: number): Step[] {
  const last = steps.at(-1);
  if (last === undefined) return [];
  return to - last.at > (last.at - last.after) / 2
    ? [...steps, { after: last.at, at: to }]
    : [...steps.slice(0, -1), { ...last, at: to }];
}

/** The shortest distance that gives no more steps than a page shows, and no more than there are snapshots. */
async function fitting(range: SlotRange, history: OpenHistory): Promise<Every> {
  const periodMs = history.schedules.length > 0 ? history.periodMs(range) : await usualDistance(range, history);
  const wanted = Math.max((range.to - range.from) / MOST_STEPS, periodMs);
  return DISTANCES.find((every) => nominalMs(every) >= wanted) ?? { count: 1, unit: "years" };
}

/** How far apart the snapshots are that somebody took by hand: the median of the newest ones', in milliseconds. */
async function usualDistance({ to }: SlotRange, { reader, accountIds }: OpenHistory): Promise<number> {
  const slots: number[] = [];
  for await (const { status, slot } of reader.recordsBack(accountIds[0] ?? "", to)) {
    if (status === "complete") slots.push(Date.parse(slot));
    if (slots.length > SLOTS_LOOKED_AT) break;
  }
  const distances = slots.slice(1).map((slot, at) => (slots[at] ?? slot) - slot);
  return distances.sort((a, b) => a - b)[distances.length >> 1] ?? 0;
}
