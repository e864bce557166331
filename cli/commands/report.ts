import type { Command } from "commander";
import { messageWithFix } from "../../core/domain/errors.ts";
import type { SlotRange } from "../../core/domain/history-source.ts";
import { slotAt } from "../../core/domain/slot.ts";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import type { History } from "../../core/history/history.ts";
import { holdingRow } from "../../core/history/holding-row.ts";
import { nominalMs, type Step } from "../../core/history/steps.ts";
import { totalRow } from "../../core/history/total-rows.ts";
import type { ReportAccount, ReportData, ReportGap } from "../../report-page/data/report-data.ts";
import { type CommandContext, historyCommand, type ValueOptions, withHistory } from "../shared/history-command.ts";
import { DEFAULT_DENOMINATION } from "../shared/name-checks.ts";
import { formatOf, withOutput } from "../shared/output-file.ts";
import { type RangeOptions, readInterval, readRange, readSteps, withRangeOptions } from "../shared/range-options.ts";

interface Options extends ValueOptions, RangeOptions {
  readonly out: string;
  readonly format?: "html";
  readonly every?: string;
  readonly title: string;
}

/** More steps than this cannot be distinguished on a screen. */
const MAX_STEPS = 2000;

const DEFAULT_INTERVALS = ["5min", "15min", "1h", "3h", "6h", "12h", "1d", "1w", "1mo"];

export function reportCommand(): Command {
  const command = historyCommand("report", "writes a self-contained HTML report", ["html"], "html")
    .requiredOption("--out <file>", "the HTML file, replaced when complete; - is stdout")
    .option(
      "--every <interval>",
      `length of an interval (default: the shortest that gives at most ${MAX_STEPS} intervals)`,
    )
    .option("--denomination <symbol>", "denomination of the values", DEFAULT_DENOMINATION)
    .option("--title <text>", "the page's heading", "Balances")
    .action(async (given: Options) => {
      formatOf(given, ["html"]);
      const written = await withOutput(given.out, {}, (target) =>
        withHistory(given, async (context, options) => {
          // Imported on demand because it loads a bundler.
          const { renderReport } = await import("../../report-page/build/render.ts");
          const page = await renderReport(await collectReport(context, readRange(options, context), options));
          await target.write(page);
          return `Wrote ${target.path ?? "stdout"} (${Math.round(page.length / 1024)} KB).`;
        }),
      );
      process.stderr.write(`${written}\n`);
    });
  return withRangeOptions(command);
}

async function collectReport(context: CommandContext, range: SlotRange, options: Options): Promise<ReportData> {
  const every = readInterval("--every", options.every ?? (await defaultInterval(range, context)));
  const steps = endingAt(readSteps(options, context, range, every), range.to);
  const { history, timezone, now } = context;
  const { title, denomination } = options;
  const names = await history.assets();
  const accounts: ReportAccount[] = [];
  for (const accountId of context.accountIds) {
    const snapshots: (Snapshot | undefined)[] = [];
    const inactive: number[] = [];
    for await (const { snapshot, active } of history.series(accountId, steps)) {
      if (!active) inactive.push(snapshots.length);
      snapshots.push(snapshot);
    }
    const symbols = [...new Set(snapshots.flatMap((snapshot) => [...(snapshot?.balances.keys() ?? [])]))].sort();
    accounts.push({
      accountId,
      steps: steps.map(({ at }) => slotAt(at)),
      snapshots: snapshots.map((snapshot) => (snapshot ? pointOf(snapshot, denomination) : null)),
      ...(inactive.length > 0 && { inactive }),
      assets: symbols.map((symbol) => {
        const rows = snapshots.map((snapshot) => holdingRow(accountId, symbol, snapshot, denomination));
        return {
          symbol,
          name: names.get(symbol)?.name ?? symbol,
          quantities: rows.map((row) => row.total),
          holds: rows.map((row) => row.hold),
          values: rows.map((row) => row.values[denomination]?.total ?? null),
        };
      }),
      gaps: await gapsOf(history, accountId, range),
    });
  }
  return { title, generatedAt: slotAt(now), timezone, denomination, accounts };
}

function pointOf(snapshot: Snapshot, denomination: string) {
  const { total, covers, of } = totalRow(snapshot.accountId, snapshot, denomination);
  const { slot, capturedAt, unsettled } = snapshot;
  return { slot, capturedAt, total, covers, of, ...(unsettled.length > 0 && { unsettled }) };
}

async function gapsOf(history: History, accountId: string, range: SlotRange): Promise<ReportGap[]> {
  const gaps: ReportGap[] = [];
  for await (const { slot, attempt } of history.gaps(accountId, range)) {
    gaps.push({ slot, ...(attempt && { reason: `${attempt.code}: ${messageWithFix(attempt)}` }) });
  }
  return gaps;
}

/**
 * Returns the steps with the last one at `end`, so that the report closes with the balances at the end of the range. The
 * remainder after the last whole interval becomes a separate step if it is longer than half an interval. A shorter
 * remainder extends the last interval, because it may contain no slot and would then look like a gap.
 */
function endingAt(steps: readonly Step[], end: number): Step[] {
  const last = steps.at(-1);
  if (last === undefined) return [];
  return end - last.at > (last.at - last.after) / 2
    ? [...steps, { after: last.at, at: end }]
    : [...steps.slice(0, -1), { ...last, at: end }];
}

/** Returns the shortest interval that gives at most `MAX_STEPS` steps and is not shorter than the time between snapshots. */
async function defaultInterval(range: SlotRange, { history, accountIds }: CommandContext): Promise<string> {
  const snapshotMs = await history.intervalMs(accountIds[0] ?? "", range);
  const minMs = Math.max((range.to - range.from) / MAX_STEPS, snapshotMs);
  return DEFAULT_INTERVALS.find((every) => nominalMs(readInterval("--every", every)) >= minMs) ?? "1y";
}
