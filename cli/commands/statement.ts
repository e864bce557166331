import type { Command } from "commander";
import pMap from "p-map";
import { InputError, StoreError } from "../../core/domain/errors.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { countsBetween, type Statement, statementOf } from "../../core/history/statement.ts";
import { type Step, stepLabelled } from "../../core/history/steps.ts";
import type { HistoryReader } from "../../core/readers.ts";
import { type Clock, localTime, readClock } from "../shared/date-time.ts";
import { type CommandContext, historyCommand, type ValueOptions, withHistory } from "../shared/history-command.ts";
import { whyInactive } from "../shared/inactive-accounts.ts";
import { DEFAULT_DENOMINATION } from "../shared/name-checks.ts";
import { defaultFormat, type OutputTarget, printNote, reportDamage, reportFailure } from "../shared/output.ts";
import { formatOf, withOutput } from "../shared/output-file.ts";
import { firstRecordAt } from "../shared/range-options.ts";
import {
  accountLabels,
  lacksOf,
  type StatementHead,
  type StatementOutput,
} from "../shared/statement/statement-output.ts";
import { writeStatement } from "../shared/statement/write-statement.ts";

const FORMATS = ["table", "json", "html"] as const;

type StatementFormat = (typeof FORMATS)[number];

const PERIODS = {
  month: "a year and a month, such as 2026-10",
  quarter: "a year and a quarter, such as 2026-Q3",
  year: "a year, such as 2026",
} as const;

type Period = keyof typeof PERIODS;

interface Options extends ValueOptions, Partial<Record<Period, string>> {
  readonly format?: StatementFormat;
  readonly out?: string;
}

/** Accounts whose chains are read concurrently. */
const CHAIN_CONCURRENCY = 8;

export function statementCommand(): Command {
  return historyCommand(
    "statement",
    "states the balances at both ends of a month, quarter or year, and what changed, as one page for the file",
    FORMATS,
    "the ending of --out, else table on a terminal, else json",
  )
    .option("--month <month>", `${PERIODS.month}; in the time zone of --timezone`)
    .option("--quarter <quarter>", PERIODS.quarter)
    .option("--year <year>", PERIODS.year)
    .option("--denomination <symbol>", "state values in this denomination", DEFAULT_DENOMINATION)
    .option(
      "--out <file>",
      "the output file, replaced when complete, in html unless its ending selects json; - is stdout",
    )
    .action(async (given: Options) => {
      const clock = readClock(given);
      const step = readPeriod(given, clock);
      const format = formatOf(given, FORMATS) ?? (given.out === undefined ? defaultStatementFormat() : "html");
      const written = await withOutput(given.out, {}, (target) =>
        withHistory(given, (context, options) => writeTo(target, format, context, options, step), clock),
      );
      if (written !== undefined) printNote(written);
    });
}

function defaultStatementFormat(): StatementFormat {
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
): Promise<string | undefined> {
  const { history, reader, accountIds, timezone, now } = context;
  assertAnyCounts(context, step);
  const statement = await statementOf(history, accountIds, step, options.denomination);
  const label = accountLabels(history, statement);
  const incomplete = lacksOf(statement, label);
  const heads = await headsOf(reader, statement);
  const output: StatementOutput = { ...statement, timezone, generatedAt: slotAt(now), incomplete, heads };
  const texts = {
    statement: output,
    label: accountLabels(history, statement, format),
    expectedUntil: slotAt(history.expectedUntil),
    commands: commandsOf(options),
  };
  const size = await writeStatement(target, format, texts);
  // A text has them on top.
  for (const sentence of incomplete) {
    if (format === "table" && target.path === undefined) process.exitCode = 1;
    else reportFailure(`incomplete: ${sentence}`);
  }
  return target.path === undefined ? undefined : `Wrote ${target.path} (${Math.ceil(size / 1024)} KB).`;
}

/** Reports the selected accounts that count at no time in the period. @throws InputError if no account counts in it */
function assertAnyCounts(context: CommandContext, { label, after, at }: Step): void {
  const { history, accountIds, selected, timezone } = context;
  const without = accountIds.filter((accountId) => !countsBetween(history, accountId, after, at));
  if (without.length === accountIds.length) {
    const start = localTime(slotAt(firstRecordAt(context)), timezone);
    throw new InputError("usage", [
      `No selected account has a balance in ${label}. The first snapshot is of ${start}.`,
    ]);
  }
  if (selected) for (const accountId of without) reportFailure(whyInactive(context, accountId, at));
}

/** Returns the entries of the chains that cover the closing balances. An entry that cannot be read is reported. */
async function headsOf(reader: HistoryReader, { accounts }: Statement): Promise<readonly StatementHead[]> {
  const heads = await pMap(
    accounts,
    async ({ accountId, closing: { state, slot, capturedAt } }) => {
      if (state !== "known" || slot === null || capturedAt === null) return [];
      try {
        const entry = await reader.entryOf(accountId, { slot, capturedAt });
        if (entry === undefined) return [];
        const { sequence, hash, digest, chainedAt } = entry;
        return [{ accountId, sequence, slot, hash, at: chainedAt, digest }];
      } catch (thrown) {
        if (!(thrown instanceof StoreError) || thrown.code !== "item_unreadable") throw thrown;
        reportDamage(thrown);
        return [];
      }
    },
    { concurrency: CHAIN_CONCURRENCY },
  );
  return heads.flat();
}

/** Returns the words of the commands that show the statement again, and verify its table. */
function commandsOf({
  table,
  stack,
  data,
  account,
  type,
  owner,
  timezone,
  denomination,
  ...periods
}: Options): string[][] {
  const option = (name: string, values: string | readonly string[] | undefined, usual?: string) =>
    values === undefined || values === usual ? [] : [`--${name}`, ...[values].flat().map(quoted)];
  const where = [...option("table", table), ...option("stack", stack), ...option("data", data)];
  const period = (Object.keys(PERIODS) as Period[]).flatMap((name) => option(name, periods[name]));
  const view = [
    ...option("timezone", timezone, "UTC"),
    ...option("account", account),
    ...option("type", type),
    ...option("owner", owner),
    ...option("denomination", denomination, DEFAULT_DENOMINATION),
  ];
  return [
    ["balances", "statement", ...period, ...view, ...where],
    ["balances", "verify", ...where],
  ];
}

/** Returns a word of a shell command. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
