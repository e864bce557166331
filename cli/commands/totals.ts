import type { Command } from "commander";
import type { SlotRange } from "../../core/domain/history.ts";
import { slotAt } from "../../core/domain/slot.ts";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import { series } from "../../core/history/series.ts";
import { type TotalRow, totalOfAll, totalRow } from "../../core/history/totals.ts";
import { type HistoryOptions, historyCommand, type OpenHistory, withHistory } from "../shared/history-command.ts";
import { DEFAULT_DENOMINATION } from "../shared/known-names.ts";
import { localTime } from "../shared/moment.ts";
import { type Field, printRows } from "../shared/output.ts";
import { type RangeOptions, readEvery, readRange, readSteps, withRangeOptions } from "../shared/ranges.ts";

interface Options extends HistoryOptions, RangeOptions {
  readonly every: string;
  readonly denomination: string;
}

type StepTotal = TotalRow & { readonly step: string };

/** `totals`: the worth of each account, and of all of them, at each step. */
export function totalsCommand(): Command {
  const command = historyCommand("totals", "shows what each account, and all of them, were worth at each step")
    .option("--every <distance>", "the distance of the steps (1h, 1d, 1mo)", "1d")
    .option("--denomination <symbol>", "in which", DEFAULT_DENOMINATION)
    .action((options: Options) =>
      withHistory(options, async (history) => {
        const range = readRange(options, history, "-30d");
        let partial = false;
        const rows = async function* () {
          for await (const row of stepTotals(history, range, options)) {
            partial ||= row.partial;
            yield row;
          }
        };
        await printRows(rows(), history.format, fields(options.denomination, history.timezone));
        if (partial) process.exitCode = 1;
      }),
    );
  return withRangeOptions(command, "30 days ago");
}

/** Step by step, all accounts side by side. */
async function* stepTotals(history: OpenHistory, range: SlotRange, options: Options): AsyncGenerator<StepTotal> {
  const { accountIds, reader, periodMs } = history;
  const { denomination } = options;
  const steps = readSteps(options, history, range, readEvery(options.every));
  const points = accountIds.map((accountId) => series(reader, accountId, steps, periodMs(range)));
  for (const { at } of steps) {
    const step = slotAt(at);
    const snapshots = await Promise.all(
      points.map(async (of) => (await of.next()).value?.snapshot as Snapshot | undefined),
    );
    const rows = accountIds.map((accountId, index) => totalRow(accountId, snapshots[index], denomination));
    for (const row of rows) yield { step, ...row };
    if (rows.length > 1) yield { step, ...totalOfAll(rows, denomination) };
  }
}

function fields(denomination: string, timezone: string): Field<StepTotal>[] {
  return [
    { title: "step", text: (row) => localTime(row.step, timezone) },
    { title: "accountId", text: (row) => row.accountId },
    { title: "denomination", text: () => denomination },
    { title: "available", align: "decimal", text: (row) => row.available },
    { title: "total", align: "decimal", text: (row) => row.total },
    { title: "coverage", text: (row) => (row.of === 0 ? "" : `covers ${row.covers} of ${row.of}`) },
    { title: "missing", text: (row) => row.missing.join(" ") },
    { title: "partial", text: (row) => (row.partial ? `partial: no snapshot of ${row.without.join(", ")}` : "") },
  ];
}
