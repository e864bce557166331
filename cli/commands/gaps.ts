import type { Command } from "commander";
import { DateTime } from "luxon";
import { InputError, messageWithFix } from "../../core/domain/errors.ts";
import type { ScheduledSlot } from "../../core/history/scheduled-slots.ts";
import { type CommandContext, type HistoryOptions, historyCommand, withHistory } from "../shared/history-command.ts";
import { columns, decimalColumns, type Field, print, printRows, timeColumns } from "../shared/output.ts";
import { type RangeOptions, readRange, withRangeOptions } from "../shared/range-options.ts";

interface Options extends HistoryOptions, RangeOptions {
  readonly coverage?: true;
}

interface GapRow {
  readonly accountId: string;
  readonly slot: string;
  /** The failed attempt; `null` if nothing was recorded because the job did not run. */
  readonly code: string | null;
  /** With the suggested fix. */
  readonly message: string | null;
  readonly attempts: number;
  readonly lastTriedAt: string | null;
}

interface MonthRow {
  readonly accountId: string;
  readonly month: string;
  readonly expected: number;
  readonly complete: number;
  /** Rounded down: a month with a gap never shows 100. */
  readonly percent: string;
}

type Months = Map<string, { expected: number; complete: number }>;

export function gapsCommand(): Command {
  const command = historyCommand("gaps", "shows the scheduled slots without a complete snapshot, and why")
    .option("--coverage", "show the share of complete slots per month instead (the table format always shows both)")
    .action((options: Options) => withHistory(options, (context) => showGaps(context, options)));
  return withRangeOptions(command);
}

async function showGaps(context: CommandContext, options: Options): Promise<void> {
  const months: Months = new Map();
  const rows = gapRows(context, options, months);
  const { format, timezone } = context;
  if (options.coverage && format !== "table") for await (const _ of rows);
  const gaps = options.coverage ? 0 : await printRows(rows, format, gapFields(timezone));
  if (format !== "table" && !options.coverage) return;
  if (format === "table") await print(gaps === 0 ? "no gaps\n\n" : "\n");
  await printRows(monthRows(months), format, MONTH_FIELDS);
}

/** Yields the gaps, and counts all slots in `months`. */
async function* gapRows(context: CommandContext, options: Options, months: Months): AsyncGenerator<GapRow> {
  const { history, accountIds, timezone } = context;
  if (!history.hasSchedule) {
    throw new InputError("usage", [
      "The table contains no schedule, because every run was manual. Give the schedule to check, such as --schedule 'rate(1 hour)'.",
    ]);
  }
  const range = readRange(options, context);
  for (const accountId of accountIds) {
    for await (const slot of history.scheduledSlots(accountId, range)) {
      const key = `${accountId} ${DateTime.fromISO(slot.slot, { zone: timezone }).toFormat("yyyy-MM")}`;
      const { expected, complete } = months.get(key) ?? { expected: 0, complete: 0 };
      months.set(key, { expected: expected + 1, complete: complete + Number(slot.complete) });
      if (slot.complete) continue;
      process.exitCode = 1;
      yield toRow(slot);
    }
  }
}

function toRow({ accountId, slot, attempt }: ScheduledSlot): GapRow {
  const { code = null, attempts = 0, lastTriedAt = null } = attempt ?? {};
  return { accountId, slot, code, message: attempt ? messageWithFix(attempt) : null, attempts, lastTriedAt };
}

function* monthRows(months: Months): Generator<MonthRow> {
  for (const [key, { expected, complete }] of months) {
    const [accountId = "", month = ""] = key.split(" ");
    const percent = (Math.floor((complete / expected) * 10_000) / 100).toFixed(2);
    yield { accountId, month, expected, complete, percent };
  }
}

function gapFields(timezone: string): Field<GapRow>[] {
  return [
    ...columns<GapRow>("accountId"),
    ...timeColumns<GapRow>(timezone, "slot"),
    { title: "code", text: (row) => row.code ?? "not_run" },
    ...columns<GapRow>("attempts"),
    ...timeColumns<GapRow>(timezone, "lastTriedAt"),
    { title: "message", text: (row) => row.message ?? "Nothing was recorded: the job did not run for this slot." },
  ];
}

const MONTH_FIELDS = [
  ...columns<MonthRow>("accountId", "month", "expected", "complete"),
  ...decimalColumns<MonthRow>("percent"),
];
