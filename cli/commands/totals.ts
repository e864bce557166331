import type { Command } from "commander";
import type { SeriesPoint } from "../../core/history/series.ts";
import type { Step } from "../../core/history/steps.ts";
import { type TotalRow, totalOfAll, totalRow } from "../../core/history/total-rows.ts";
import { type CommandContext, historyCommand, type ValueOptions, withHistory } from "../shared/history-command.ts";
import { DEFAULT_DENOMINATION } from "../shared/name-checks.ts";
import { columns, decimalColumns, type Field, printRows } from "../shared/output.ts";
import { type RangeOptions, readRange, withRangeOptions } from "../shared/range-options.ts";
import {
  everyOption,
  readInterval,
  readSteps,
  type StepFields,
  stepColumns,
  stepFields,
} from "../shared/step-options.ts";

interface Options extends ValueOptions, RangeOptions {
  readonly every: string;
}

type StepTotal = TotalRow & StepFields;

export function totalsCommand(): Command {
  const command = historyCommand("totals", "shows the value of each account, and of all accounts, at each step")
    .addOption(everyOption("the interval between steps").default("1d"))
    .option("--denomination <symbol>", "show values in this denomination", DEFAULT_DENOMINATION)
    .action((given: Options) =>
      withHistory(given, async (context, options) => {
        const range = readRange(options, context, "-30d");
        const steps = readSteps(options, context, range, readInterval(options.every));
        const rows = stepTotals(context, steps, options.denomination);
        await printRows(rows, context.format, fields(options.denomination, context.timezone));
      }),
    );
  return withRangeOptions(command, "30 days ago");
}

/**
 * Yields the totals step by step. Sets the exit code to 1 if an account has no snapshot at a step, unless the step is open and
 * its first snapshot is still to come.
 */
async function* stepTotals(
  { history, accountIds }: CommandContext,
  steps: readonly Step[],
  denomination: string,
): AsyncGenerator<StepTotal> {
  const points = accountIds.map((accountId) => history.series(accountId, steps));
  for (const step of steps) {
    const found = await Promise.all(
      points.map(async (series) => (await series.next()).value as SeriesPoint | undefined),
    );
    const rows = accountIds.map((accountId, index) => totalRow(accountId, found[index]?.snapshot, denomination));
    if (found.some((point) => point?.snapshot === undefined && !point?.pending)) process.exitCode = 1;
    for (const row of rows) yield { ...stepFields(step), ...row };
    if (rows.length > 1) yield { ...stepFields(step), ...totalOfAll(rows, denomination) };
  }
}

function fields(denomination: string, timezone: string): Field<StepTotal>[] {
  return [
    ...stepColumns<StepTotal>(timezone),
    ...columns<StepTotal>("accountId"),
    { title: "denomination", text: () => denomination },
    ...decimalColumns<StepTotal>("available", "total"),
    { title: "coverage", text: (row) => (row.of === 0 ? "" : `covers ${row.covers} of ${row.of}`) },
    { title: "missing", text: (row) => row.missing.join(" ") },
    { title: "partial", text: (row) => (row.partial ? `partial: no snapshot of ${row.without.join(", ")}` : "") },
  ];
}
