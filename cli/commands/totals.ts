import type { Command } from "commander";
import { slotAt } from "../../core/domain/slot.ts";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import type { Step } from "../../core/history/steps.ts";
import { type TotalRow, totalOfAll, totalRow } from "../../core/history/total-rows.ts";
import { type CommandContext, historyCommand, type ValueOptions, withHistory } from "../shared/history-command.ts";
import { DEFAULT_DENOMINATION } from "../shared/name-checks.ts";
import { columns, decimalColumns, type Field, printRows, timeColumns } from "../shared/output.ts";
import { type RangeOptions, readInterval, readRange, readSteps, withRangeOptions } from "../shared/range-options.ts";

interface Options extends ValueOptions, RangeOptions {
  readonly every: string;
}

type StepTotal = TotalRow & { readonly step: string };

export function totalsCommand(): Command {
  const command = historyCommand("totals", "shows the value of each account, and of all accounts, at each step")
    .option("--every <interval>", "the interval between steps (1h, 1d, 1mo)", "1d")
    .option("--denomination <symbol>", "show values in this denomination", DEFAULT_DENOMINATION)
    .action((given: Options) =>
      withHistory(given, async (context, options) => {
        const range = readRange(options, context, "-30d");
        const steps = readSteps(options, context, range, readInterval("--every", options.every));
        const rows = stepTotals(context, steps, options.denomination);
        await printRows(rows, context.format, fields(options.denomination, context.timezone));
      }),
    );
  return withRangeOptions(command, "30 days ago");
}

/** Yields the totals step by step. Sets the exit code to 1 if an account has no snapshot at a step. */
async function* stepTotals(
  { history, accountIds }: CommandContext,
  steps: readonly Step[],
  denomination: string,
): AsyncGenerator<StepTotal> {
  const points = accountIds.map((accountId) => history.series(accountId, steps));
  for (const { at } of steps) {
    const step = slotAt(at);
    const snapshots = await Promise.all(
      points.map(async (series) => (await series.next()).value?.snapshot as Snapshot | undefined),
    );
    const rows = accountIds.map((accountId, index) => totalRow(accountId, snapshots[index], denomination));
    if (rows.some(({ partial }) => partial)) process.exitCode = 1;
    for (const row of rows) yield { step, ...row };
    if (rows.length > 1) yield { step, ...totalOfAll(rows, denomination) };
  }
}

function fields(denomination: string, timezone: string): Field<StepTotal>[] {
  return [
    ...timeColumns<StepTotal>(timezone, "step"),
    ...columns<StepTotal>("accountId"),
    { title: "denomination", text: () => denomination },
    ...decimalColumns<StepTotal>("available", "total"),
    { title: "coverage", text: (row) => (row.of === 0 ? "" : `covers ${row.covers} of ${row.of}`) },
    { title: "missing", text: (row) => row.missing.join(" ") },
    { title: "partial", text: (row) => (row.partial ? `partial: no snapshot of ${row.without.join(", ")}` : "") },
  ];
}
