import type { Command } from "commander";
import type { ActivePeriod } from "../../core/domain/account-activity.ts";
import type { SlotRange } from "../../core/domain/history-source.ts";
import { slotAt } from "../../core/domain/slot.ts";
import type { AccountPoint } from "../../core/history/history.ts";
import type { Interval } from "../../core/history/interval.ts";
import type { Step } from "../../core/history/steps.ts";
import { type SumKind, type SumRow, sumRows } from "../../core/history/sum-rows.ts";
import { type TotalRow, totalOfAll, totalRow } from "../../core/history/total-rows.ts";
import { named } from "../shared/account-names.ts";
import { localTime } from "../shared/date-time.ts";
import { coverageField, type Field, fieldsOf, withDropOrder } from "../shared/fields.ts";
import { type CommandContext, historyCommand, type ValueOptions } from "../shared/history-command.ts";
import { reportInactive } from "../shared/inactive-accounts.ts";
import { DEFAULT_DENOMINATION } from "../shared/name-checks.ts";
import { printNote, printRows } from "../shared/output.ts";
import { byOption, holdingOf, namedSum, type SumOptions, sumFields } from "../shared/print-sums.ts";
import { type RangeOptions, withRange, withRangeOptions } from "../shared/range-options.ts";
import { everyOption, readInterval, readSteps, type StepRow, stepFields } from "../shared/step-options.ts";

interface Options extends ValueOptions, RangeOptions, SumOptions {
  readonly every: Interval;
}

type StepTotal = TotalRow & StepRow;

type StepSum = SumRow & StepRow & { readonly ended?: readonly string[] };

export function totalsCommand(): Command {
  const command = historyCommand("totals")
    .addOption(everyOption("the interval between steps").default(readInterval("1d"), "1d"))
    .option("--denomination <symbol>", "show values in this denomination", DEFAULT_DENOMINATION)
    .addOption(byOption())
    .action((given: Options) => withRange(given, showTotals, "-30d"));
  return withRangeOptions(command, "30 days ago");
}

async function showTotals(context: CommandContext, options: Options, range: SlotRange): Promise<void> {
  const { by, denomination } = options;
  const steps = readSteps(options, context, range, options.every);
  if (by === undefined) {
    await printRows(stepTotals(context, steps, denomination), context, fields(context));
  } else {
    const columns = [...stepFields<StepSum>(context.timezone), ...sumFields(by, context), ...endedFields(context)];
    await printRows(stepSums(context, steps, by, denomination), context, columns);
  }
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

/** The accounts that count at a step, and their snapshots. */
interface Holdings {
  readonly step: Step;
  readonly active: readonly (AccountPoint & { readonly accountId: string })[];
  /** The accounts that ended since the first step. */
  readonly ended: readonly string[];
}

/**
 * Yields the accounts that count, step by step. Sets the exit code to 1 if one of them has no snapshot at a step, unless the
 * step is open and its first snapshot is still to come.
 */
async function* stepHoldings(context: CommandContext, steps: readonly Step[]): AsyncGenerator<Holdings> {
  const { history, accountIds } = context;
  const points = accountIds.map((accountId) => history.series(accountId, steps));
  const start = steps[0]?.after ?? 0;
  for (const step of steps) {
    const found = await Promise.all(points.map(async (series) => (await series.next()).value as AccountPoint));
    const active = found.flatMap((point, index) =>
      point.active ? { accountId: accountIds[index] ?? "", ...point } : [],
    );
    if (active.some(({ snapshot, pending }) => snapshot === undefined && !pending)) process.exitCode = 1;
    yield { step, active, ended: endedBetween(context, start, step.at) };
  }
}

async function* stepTotals(
  context: CommandContext,
  steps: readonly Step[],
  denomination: string,
): AsyncGenerator<StepTotal> {
  for await (const { step, active, ended } of stepHoldings(context, steps)) {
    const rows = active.map(({ accountId, snapshot }) => totalRow(accountId, snapshot, denomination));
    const all = context.accountIds.length > 1 ? [totalOfAll(rows, denomination, ended)] : [];
    for (const row of [...rows, ...all]) {
      yield named(context.history, { step: step.label, open: step.open, ...row }, step.at);
    }
  }
}

async function* stepSums(
  context: CommandContext,
  steps: readonly Step[],
  by: SumKind,
  denomination: string,
): AsyncGenerator<StepSum> {
  const assets = await context.history.assets();
  let expected: string[] = [];
  for await (const { step, active, ended } of stepHoldings(context, steps)) {
    const accounts = active.map(({ accountId, snapshot }) => holdingOf(context, accountId, snapshot, step.at));
    const rows = sumRows(by, accounts, { denomination, assets, complete: true, expected });
    expected = rows.flatMap((row) => ("asset" in row ? row.asset : []));
    for (const row of rows) {
      const sum = namedSum(context, row, step.at);
      yield { step: step.label, open: step.open, ...sum, ...(row.record === "total" && { ended }) };
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
    coverageField(),
    ...fieldsOf<StepTotal>({ missing: "note", without: "accounts", altered: "accounts" }, context),
    ...endedFields(context),
  ];
  return withDropOrder(fields, ["available"], ["accounts"]);
}

function endedFields(context: CommandContext): Field<{ readonly ended?: readonly string[] }>[] {
  return fieldsOf<{ readonly ended?: readonly string[] }>({ ended: "accounts" }, context);
}
