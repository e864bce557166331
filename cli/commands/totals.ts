import type { Command } from "commander";
import type { ActivePeriod } from "../../core/domain/account-activity.ts";
import type { AccountPoint } from "../../core/history/history.ts";
import type { Step } from "../../core/history/steps.ts";
import { type TotalRow, totalOfAll, totalRow } from "../../core/history/total-rows.ts";
import { type CommandContext, historyCommand, type ValueOptions, withHistory } from "../shared/history-command.ts";
import { reportInactive } from "../shared/inactive-accounts.ts";
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
  const command = historyCommand(
    "totals",
    "shows the value of each account, and of all accounts that count, at each step",
  )
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
  context: CommandContext,
  steps: readonly Step[],
  denomination: string,
): AsyncGenerator<StepTotal> {
  const { history, accountIds } = context;
  const points = accountIds.map((accountId) => history.series(accountId, steps));
  const start = steps[0]?.after ?? 0;
  for (const step of steps) {
    const found = await Promise.all(points.map(async (series) => (await series.next()).value as AccountPoint));
    const active = found.flatMap((point, index) =>
      point.active ? { accountId: accountIds[index] ?? "", ...point } : [],
    );
    const rows = active.map(({ accountId, snapshot }) => totalRow(accountId, snapshot, denomination));
    if (active.some(({ snapshot, pending }) => snapshot === undefined && !pending)) process.exitCode = 1;
    for (const row of rows) yield { ...stepFields(step), ...row };
    if (accountIds.length > 1) {
      yield { ...stepFields(step), ...totalOfAll(rows, denomination, endedBetween(context, start, step.at)) };
    }
  }
  reportInactive(context, steps);
}

/** Returns the accounts that ended in a range, and do not count at its end. */
function endedBetween({ history, accountIds }: CommandContext, after: number, at: number): string[] {
  const isIn = ({ to = Number.NaN }: ActivePeriod) => to > after && to <= at;
  return accountIds.filter((id) => history.activity(id).periods.some(isIn) && !history.isActive(id, at));
}

function fields(denomination: string, timezone: string): Field<StepTotal>[] {
  return [
    ...stepColumns<StepTotal>(timezone),
    ...columns<StepTotal>("accountId"),
    { title: "denomination", text: () => denomination },
    ...decimalColumns<StepTotal>("available", "total"),
    { title: "accounts", text: (row) => String(row.accounts) },
    { title: "coverage", text: (row) => (row.of === 0 ? "" : `covers ${row.covers} of ${row.of}`) },
    { title: "missing", text: (row) => row.missing.join(" ") },
    { title: "without", text: (row) => row.without.join(" ") },
    { title: "ended", text: (row) => row.ended.join(" ") },
  ];
}
