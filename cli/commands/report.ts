import type { Command } from "commander";
import type { Asset } from "../../core/domain/balance.ts";
import { messageWithFix } from "../../core/domain/errors.ts";
import type { SlotRange } from "../../core/domain/history-source.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { assetName, type Snapshot } from "../../core/domain/snapshot.ts";
import { printable } from "../../core/domain/untrusted-text.ts";
import type { History } from "../../core/history/history.ts";
import { holdingRow } from "../../core/history/holding-row.ts";
import type { Interval } from "../../core/history/interval.ts";
import { isPeriodLabel, type Step } from "../../core/history/steps.ts";
import { totalRow } from "../../core/history/total-rows.ts";
import type { ReportAccount, ReportData, ReportGap } from "../../report-page/data/report-data.ts";
import { shownName } from "../shared/format/shown-name.ts";
import { type CommandContext, historyCommand, type ValueOptions } from "../shared/history-command.ts";
import { DEFAULT_DENOMINATION } from "../shared/name-checks.ts";
import { formatOf, withOutput } from "../shared/output-file.ts";
import { type RangeOptions, withRange, withRangeOptions } from "../shared/range-options.ts";
import { defaultInterval, drawnSteps, everyOption, readSteps } from "../shared/step-options.ts";

interface Options extends ValueOptions, RangeOptions {
  readonly out: string;
  readonly format?: "html";
  readonly every?: Interval;
  readonly title: string;
}

/** More steps than this cannot be distinguished on a screen. */
const MAX_STEPS = 2000;

export function reportCommand(): Command {
  const command = historyCommand("report", "writes a self-contained HTML report", ["html"], "html")
    .requiredOption("--out <file>", "the HTML file, replaced when complete; - is stdout")
    .addOption(everyOption(`the interval between steps (default: the shortest that gives at most ${MAX_STEPS} steps)`))
    .option("--denomination <symbol>", "denomination of the values", DEFAULT_DENOMINATION)
    .option("--title <text>", "the page's heading", "Balances")
    .action(async (given: Options) => {
      formatOf(given, ["html"]);
      const written = await withOutput(given.out, {}, (target) =>
        withRange(given, async (context, options, range) => {
          // Imported on demand because it loads a bundler.
          const { renderReport } = await import("../../report-page/build/render.ts");
          const page = await renderReport(await collectReport(context, range, options));
          await target.write(page);
          return `Wrote ${target.path ?? "stdout"} (${Math.round(page.length / 1024)} KB).`;
        }),
      );
      process.stderr.write(`${written}\n`);
    });
  return withRangeOptions(command);
}

/** Collects what the page shows. Names from outside have escapes for what cannot be seen. */
async function collectReport(context: CommandContext, range: SlotRange, options: Options): Promise<ReportData> {
  const interval = options.every ?? (await defaultInterval(range, context, MAX_STEPS));
  const { history, timezone, now, accountIds } = context;
  const steps = await drawnSteps(readSteps(options, context, range, interval), history, accountIds);
  const { title, denomination } = options;
  const catalog = await history.assets();
  const accounts: ReportAccount[] = [];
  for (const accountId of accountIds) {
    const snapshots: (Snapshot | undefined)[] = [];
    const inactive: number[] = [];
    for await (const { snapshot, active } of history.series(accountId, steps)) {
      if (!active) inactive.push(snapshots.length);
      snapshots.push(snapshot);
    }
    const symbols = [...new Set(snapshots.flatMap((snapshot) => [...(snapshot?.balances.keys() ?? [])]))].sort();
    accounts.push({
      accountId: shownName(accountId),
      snapshots: snapshots.map((snapshot) => (snapshot ? pointOf(snapshot, denomination) : null)),
      ...(inactive.length > 0 && { inactive }),
      assets: symbols.map((symbol) => {
        const rows = snapshots.map((snapshot) => holdingRow(accountId, symbol, snapshot, denomination));
        return {
          symbol: shownName(symbol),
          name: shownName(newestName(snapshots, symbol, catalog) ?? symbol),
          quantities: rows.map((row) => row.total),
          holds: rows.map((row) => row.hold),
          values: rows.map((row) => row.values[denomination]?.total ?? null),
        };
      }),
      gaps: await gapsOf(history, accountId, range),
    });
  }
  const texts = { title: printable(title), denomination: printable(denomination) };
  return { ...texts, generatedAt: slotAt(now), timezone, ...stepColumnsOf(steps), accounts };
}

/** Returns an asset's name in the newest snapshot that has the asset. */
function newestName(
  snapshots: readonly (Snapshot | undefined)[],
  symbol: string,
  catalog: ReadonlyMap<string, Asset>,
): string | undefined {
  const newest = snapshots.findLast((snapshot) => snapshot?.balances.has(symbol));
  return newest && assetName(newest, catalog, symbol);
}

function stepColumnsOf(steps: readonly Step[]): Pick<ReportData, "since" | "steps" | "labels" | "open"> {
  const [first, last] = [steps[0], steps.at(-1)];
  return {
    since: slotAt(first?.after ?? 0),
    steps: steps.map(({ at }) => slotAt(at)),
    ...(first && isPeriodLabel(first.label) && { labels: steps.map(({ label }) => label) }),
    ...(last?.open && { open: true }),
  };
}

function pointOf(snapshot: Snapshot, denomination: string) {
  const { total, covers, of } = totalRow(snapshot.accountId, snapshot, denomination);
  const { slot, capturedAt, unsettled, altered } = snapshot;
  return {
    ...{ slot, capturedAt, total, covers, of },
    ...(unsettled.length > 0 && { unsettled: unsettled.map(shownName) }),
    ...(altered && { altered }),
  };
}

async function gapsOf(history: History, accountId: string, range: SlotRange): Promise<ReportGap[]> {
  const gaps: ReportGap[] = [];
  for await (const { slot, reason } of history.gaps(accountId, range)) {
    const isRecorded = reason.code !== "not_run";
    gaps.push({ slot, ...(isRecorded && { reason: printable(`${reason.code}: ${messageWithFix(reason)}`) }) });
  }
  return gaps;
}
