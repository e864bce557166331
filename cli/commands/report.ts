import { renameSync, writeFileSync } from "node:fs";
import type { Command } from "commander";
import type { SlotRange } from "../../core/domain/history.ts";
import { slotAt } from "../../core/domain/slot.ts";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import type { History } from "../../core/history/history.ts";
import { holdingRow } from "../../core/history/holding-row.ts";
import { type Interval, nominalMs, type Step } from "../../core/history/steps.ts";
import { totalRow } from "../../core/history/total-rows.ts";
import type { ReportAccount, ReportAsset, ReportData, ReportGap } from "../../report-page/report-data.ts";
import { assertOutFile } from "../shared/file-options.ts";
import { type CommandContext, type HistoryOptions, historyCommand, withHistory } from "../shared/history-command.ts";
import { DEFAULT_DENOMINATION } from "../shared/name-checks.ts";
import { type RangeOptions, readInterval, readRange, readSteps, withRangeOptions } from "../shared/range-options.ts";

interface Options extends HistoryOptions, RangeOptions {
  readonly out: string;
  readonly every?: string;
  readonly denomination: string;
  readonly title: string;
}

/** More points than this no screen shows. */
const MOST_STEPS = 2000;

const DISTANCES: readonly Interval[] = [
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
      return withHistory(options, async (context) => {
        // Loaded only here: it brings a bundler.
        const { renderReport } = await import("../../report-page/render.ts");
        const page = await renderReport(await collect(context, readRange(options, context), options));
        // Under another name until it is whole: a page that was broken off does not look like one.
        writeFileSync(`${options.out}.partial`, page);
        renameSync(`${options.out}.partial`, options.out);
        process.stderr.write(`${options.out}: ${Math.round(page.length / 1024)} KB\n`);
      });
    });
  return withRangeOptions(command);
}

async function collect(context: CommandContext, range: SlotRange, options: Options): Promise<ReportData> {
  const every = options.every === undefined ? await fitting(range, context) : readInterval("--every", options.every);
  const steps = upToTheEnd(readSteps(options, context, range, every), range.to);
  const { history, timezone, now } = context;
  const names = await history.assets();
  const accounts: ReportAccount[] = [];
  for (const accountId of context.accountIds) {
    const snapshots: (Snapshot | undefined)[] = [];
    for await (const { snapshot } of history.series(accountId, steps)) snapshots.push(snapshot);
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

async function gapsOf(history: History, accountId: string, range: SlotRange): Promise<ReportGap[]> {
  const gaps: ReportGap[] = [];
  for await (const { slot, attempt } of history.gaps(accountId, range)) {
    gaps.push({ slot, ...(attempt && { reason: `${attempt.code}: ${attempt.message}` }) });
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
async function fitting(range: SlotRange, { history, accountIds }: CommandContext): Promise<Interval> {
  const intervalMs = await history.intervalMs(accountIds[0] ?? "", range);
  const wanted = Math.max((range.to - range.from) / MOST_STEPS, intervalMs);
  return DISTANCES.find((every) => nominalMs(every) >= wanted) ?? { count: 1, unit: "years" };
}
