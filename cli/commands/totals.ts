import type { Command } from "commander";
import type { ActivePeriod } from "../../core/domain/account-activity.ts";
import type { SlotRange } from "../../core/domain/history-source.ts";
import { slotAt } from "../../core/domain/slot.ts";
import type { AccountPoint } from "../../core/history/history.ts";
import type { Interval } from "../../core/history/interval.ts";
import type { Step } from "../../core/history/steps.ts";
import { type TotalRow, totalOfAll, totalRow } from "../../core/history/total-rows.ts";
import { localTime } from "../shared/date-time.ts";
import { type Field, fieldsOf, withDropOrder } from "../shared/fields.ts";
import { type CommandContext, historyCommand, type ValueOptions } from "../shared/history-command.ts";
import { reportInactive } from "../shared/inactive-accounts.ts";
import { DEFAULT_DENOMINATION } from "../shared/name-checks.ts";
import { printNote, printRows } from "../shared/output.ts";
import { type RangeOptions, withRange, withRangeOptions } from "../shared/range-options.ts";
import { everyOption, readInterval, readSteps, type StepRow, stepFields } from "../shared/step-options.ts";

interface Options extends ValueOptions, RangeOptions {
  readonly every: Interval;
}

type StepTotal = TotalRow & StepRow;

export function totalsCommand(): Command {
  const command = historyCommand(
    "totals",
    "shows the value of each account, and of all accounts that count, at each step",
  )
    .addOption(everyOption("the interval between steps").default(readInterval("1d"), "1d"))
    .option("--denomination <symbol>", "show values in this denomination", DEFAULT_DENOMINATION)
    .action((given: Options) => withRange(given, showTotals, "-30d"));
  return withRangeOptions(command, "30 days ago");
}

async function showTotals(context: CommandContext, options: Options, range: SlotRange): Promise<void> {
  const steps = readSteps(options, context, range, options.every);
  await printRows(stepTotals(context, steps, options.denomination), context, fields(context));
  reportInactive(context, steps);
  explainEmptySteps(context, steps);
}

/** Explains the steps before the first snapshot, if later ones have totals. */
function explainEmptySteps({ history, accountIds, timezone }: CommandContext, steps: readonly Step[]): void {
  const starts = accountIds.map((id) => history.activity(id).periods[0]?.from ?? Number.POSITIVE_INFINITY);
  const start = Math.min(...starts);
  if ((steps[0]?.at ?? start) >= start || (steps.at(-1)?.at ?? 0) < start) return;
  const time = localTime(slotAt(start), timezone);
  printNote(`The first snapshot was completed at ${time}. Earlier steps have no total.`);
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
    const { label, open } = step;
    for (const row of rows) yield { step: label, open, ...row };
    if (accountIds.length > 1) {
      yield { step: label, open, ...totalOfAll(rows, denomination, endedBetween(context, start, step.at)) };
    }
  }
}

/** Returns the accounts that ended in a range, and do not count at its end. */
function endedBetween({ history, accountIds }: CommandContext, after: number, at: number): string[] {
  const isIn = ({ to = Number.NaN }: ActivePeriod) => to > after && to <= at;
  return accountIds.filter((id) => history.activity(id).periods.some(isIn) && !history.isActive(id, at));
}

function fields(context: CommandContext): Field<StepTotal>[] {
  const amounts = { denomination: "shared", available: "decimal", total: "decimal" } as const;
  const fields: Field<StepTotal>[] = [
    ...stepFields<StepTotal>(context.timezone),
    ...fieldsOf<StepTotal>({ accountId: "account", ...amounts, accounts: "count" }, context),
    {
      title: "coverage",
      text: ({ covers, of }) => (of === 0 ? "" : `covers ${covers} of ${of}`),
      inTable: (text) => text.replace("covers ", ""),
    },
    ...fieldsOf<StepTotal>({ missing: "note", without: "accounts", altered: "accounts", ended: "accounts" }, context),
  ];
  return withDropOrder(fields, ["available"], ["accounts"]);
}
