import type { Command } from "commander";
import { InputError } from "../../core/domain/errors.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { countsBetween, statementOf } from "../../core/history/statement.ts";
import { type Step, stepLabelled } from "../../core/history/steps.ts";
import { sizeText } from "../shared/counted.ts";
import { type Clock, localTime, readClock } from "../shared/date-time.ts";
import { type CommandContext, historyCommand, withHistory } from "../shared/history-command.ts";
import { whyInactive } from "../shared/inactive-accounts.ts";
import { DEFAULT_DENOMINATION } from "../shared/name-checks.ts";
import {
  defaultFormat,
  type Format,
  type OutputTarget,
  printNote,
  reportFailure,
  rowFormat,
  tableWidth,
} from "../shared/output.ts";
import { formatOf, withOutput } from "../shared/output-file.ts";
import { firstRecordAt } from "../shared/range-options.ts";
import { resultNotes } from "../shared/reconcile/fact-sections.ts";
import { labelsAt } from "../shared/reconcile/period-ends.ts";
import { reconciliationSection } from "../shared/reconcile/reconcile-document.ts";
import { reconcilePeriod, type TransfersFor, transfersOfFile } from "../shared/reconcile/reconcile-period.ts";
import { TRANSFERS_HELP } from "../shared/reconcile/transfer-options.ts";
import { closingHeads } from "../shared/statement/closing-heads.ts";
import { commandsOf, PERIODS, type Period, type StatementOptions } from "../shared/statement/statement-commands.ts";
import { accountLabels, lacksOf, type StatementOutput } from "../shared/statement/statement-output.ts";
import { writeStatement } from "../shared/statement/write-statement.ts";

const FORMATS = ["table", "json", "html"] as const;

type StatementFormat = (typeof FORMATS)[number];

interface Options extends StatementOptions {
  readonly format?: StatementFormat;
  readonly out?: string;
}

/** Creates the command. Its exit code is 1 if the statement lacks something. */
export function statementCommand(): Command {
  return historyCommand("statement", FORMATS, "the ending of --out, else table on a terminal, else json")
    .option("--month <month>", `${PERIODS.month}; in the time zone of --timezone`)
    .option("--quarter <quarter>", PERIODS.quarter)
    .option("--year <year>", PERIODS.year)
    .option("--denomination <symbol>", "state values in this denomination", DEFAULT_DENOMINATION)
    .option("--transfers <file>", `reconcile the quantities with ${TRANSFERS_HELP}`)
    .option(
      "--out <file>",
      "the output file, replaced when complete, in html unless its ending selects json; - is stdout",
    )
    .action(async (given: Options) => {
      const clock = readClock(given);
      const step = readPeriod(given, clock);
      const format = formatOf(given, FORMATS) ?? defaultStatementFormat(given);
      rowFormat(format as Format, given.wide);
      const { transfers } = given;
      const transfersFor = transfers === undefined ? undefined : transfersOfFile(transfers);
      const inputs = { "--transfers": transfers === undefined ? [] : [transfers] };
      const written = await withOutput(given.out, inputs, (target) =>
        withHistory(given, (context, options) => writeTo(target, format, context, options, step, transfersFor), clock),
      );
      if (written !== undefined) printNote(written);
    });
}

function defaultStatementFormat({ out, wide }: Options): StatementFormat {
  if (wide) return "table";
  if (out !== undefined) return "html";
  return defaultFormat() === "table" ? "table" : "json";
}

/** Returns the period that the options name. @throws InputError unless exactly one does, and it has begun */
function readPeriod(options: Options, clock: Clock): Step {
  const given = (Object.keys(PERIODS) as Period[]).flatMap((period) => {
    const label = options[period];
    return label === undefined ? [] : [{ period, label }];
  });
  const [{ period, label } = {}, ...others] = given;
  if (period === undefined || label === undefined || others.length > 0) {
    throw new InputError("usage", [
      others.length > 0
        ? "Use either --month, --quarter or --year."
        : "No period is given. Add --month, such as --month 2026-10, or --quarter or --year.",
    ]);
  }
  const step = stepLabelled(label, period, clock);
  if (step === undefined) {
    throw new InputError("usage", [`--${period}: "${label}" is not a valid ${period}. Expected ${PERIODS[period]}.`]);
  }
  if (step.after < clock.now) return step;
  const [start, now] = [step.after + 1, clock.now].map((ms) => localTime(slotAt(ms), clock.timezone));
  throw new InputError("usage", [
    `--${period}: ${label} is in the future: it starts at ${start}, and it is now ${now}. Give an earlier ${period}.`,
  ]);
}

/** Writes the statement. Sets the exit code to 1 if it lacks something. Returns a summary of what was written to a file. */
async function writeTo(
  target: OutputTarget,
  format: StatementFormat,
  context: CommandContext,
  options: Options,
  step: Step,
  transfersFor: TransfersFor | undefined,
): Promise<string | undefined> {
  const { history, reader, accountIds, timezone, now, wide } = context;
  assertAnyCounts(context, step);
  const period = { from: step.after, to: step.at };
  const reconciled = transfersFor && (await reconcilePeriod(context, period, transfersFor));
  const statement = await statementOf(history, accountIds, step, options.denomination);
  const label = accountLabels(history, statement);
  const heads = await closingHeads(reader, statement);
  const incomplete = lacksOf(statement, heads, label);
  const output: StatementOutput = {
    ...{ ...statement, timezone, generatedAt: slotAt(now), incomplete, heads },
    ...(reconciled && { reconciliation: reconciled.output }),
  };
  const view = { label: labelsAt(context, step.at, format), timezone, byAsset: false, detail: false };
  const texts = {
    statement: output,
    label: accountLabels(history, statement, format),
    expectedUntil: slotAt(history.expectedUntil(statement.accounts.map(({ accountId }) => accountId))),
    commands: commandsOf(
      options,
      statement.accounts.map(({ accountId }) => accountId),
    ),
    reconciliation: reconciled && reconciliationSection({ ...reconciled, ...view }),
  };
  const size = await writeStatement(target, format, texts, tableWidth({ wide: wide || target.path !== undefined }));
  // A text has them on top.
  for (const sentence of incomplete) {
    if (format === "table" && target.path === undefined) process.exitCode = 1;
    else reportFailure(`incomplete: ${sentence}`);
  }
  if (reconciled !== undefined && (format !== "table" || target.path !== undefined)) {
    const { output } = reconciled;
    printNote(["Reconciliation:", ...resultNotes(output), ...output.incomplete].join(" "));
  }
  return target.path === undefined ? undefined : `Wrote ${target.path} (${sizeText(size)}).`;
}

/** Reports the selected accounts that count at no time in the period. @throws InputError if no account counts in it */
function assertAnyCounts(context: CommandContext, { label, after, at }: Step): void {
  const { history, accountIds, isSelected, timezone } = context;
  const without = accountIds.filter((accountId) => !countsBetween(history, accountId, after, at));
  if (without.length === accountIds.length) {
    const start = localTime(slotAt(firstRecordAt(context)), timezone);
    throw new InputError("usage", [
      `No selected account has a balance in ${label}. The first snapshot is of ${start}.`,
    ]);
  }
  for (const accountId of without.filter(isSelected)) reportFailure(whyInactive(context, accountId, at));
}
