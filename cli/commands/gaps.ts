import type { Command } from "commander";
import { DateTime } from "luxon";
import { InputError } from "../../core/domain/errors.ts";
import { LONGEST_RUN_MS } from "../../core/history/as-of.ts";
import { type ScheduledSlot, scheduledSlots } from "../../core/history/gaps.ts";
import { type HistoryOptions, historyCommand, type OpenHistory, withHistory } from "../shared/history-command.ts";
import { localTime } from "../shared/moment.ts";
import { type Field, print, printRows } from "../shared/output.ts";
import { type RangeOptions, readRange, withRangeOptions } from "../shared/ranges.ts";

interface Options extends HistoryOptions, RangeOptions {
  readonly coverage?: true;
}

interface GapRow {
  readonly accountId: string;
  readonly slot: string;
  /** What was recorded; `null`: nothing was, the job did not run for the slot. */
  readonly code: string | null;
  readonly message: string | null;
  readonly attempts: number;
  readonly lastTriedAt: string | null;
}

interface MonthRow {
  readonly accountId: string;
  readonly month: string;
  readonly expected: number;
  readonly complete: number;
  /** Rounded down: a month with a gap is never 100. */
  readonly percent: string;
}

/** `gaps`: slots without a complete snapshot, and why. */
export function gapsCommand(): Command {
  const command = historyCommand("gaps", "shows the slots of the schedule without a complete snapshot, and why")
    .option("--coverage", "the share of complete slots, month by month, in place of the slots (a table has both)")
    .action((options: Options) => withHistory(options, (history) => showGaps(history, options)));
  return withRangeOptions(command);
}

async function showGaps(history: OpenHistory, options: Options): Promise<void> {
  const months = new Map<string, { expected: number; complete: number }>();
  const rows = gapRows(history, options, months);
  const { format, timezone } = history;
  if (options.coverage && format !== "table") for await (const _ of rows);
  const gaps = options.coverage ? 0 : await printRows(rows, format, gapFields(timezone));
  if (format !== "table" && !options.coverage) return;
  if (format === "table") await print(gaps === 0 ? "no gaps\n\n" : "\n");
  await printRows(monthRows(months), format, MONTH_FIELDS);
}

async function* gapRows(
  history: OpenHistory,
  options: RangeOptions,
  months: Map<string, { expected: number; complete: number }>,
): AsyncGenerator<GapRow> {
  const { schedules, since, now, timezone } = history;
  if (schedules.length === 0) {
    throw new InputError("usage", [
      "The table knows no schedule, as the job was only ever started by hand. Say what to look for: --schedule 'rate(1 hour)'.",
    ]);
  }
  const { from, to } = readRange(options, history);
  // A slot whose run may still be under way is no gap yet.
  const range = { from, to: Math.min(to, now - LONGEST_RUN_MS) };
  for (const accountId of history.accountIds) {
    for await (const slot of scheduledSlots(history.reader, accountId, schedules, since.get(accountId) ?? "", range)) {
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
  const { code = null, message = null, attempts = 0, lastTriedAt = null } = attempt ?? {};
  return { accountId, slot, code, message, attempts, lastTriedAt };
}

function* monthRows(months: ReadonlyMap<string, { expected: number; complete: number }>): Generator<MonthRow> {
  for (const [key, { expected, complete }] of months) {
    const [accountId = "", month = ""] = key.split(" ");
    yield {
      accountId,
      month,
      expected,
      complete,
      percent: (Math.floor((complete / expected) * 10_000) / 100).toFixed(2),
    };
  }
}

function gapFields(timezone: string): Field<GapRow>[] {
  return [
    { title: "accountId", text: (row) => row.accountId },
    { title: "slot", text: (row) => localTime(row.slot, timezone) },
    { title: "code", text: (row) => row.code ?? "not_run" },
    { title: "attempts", text: (row) => String(row.attempts) },
    { title: "lastTriedAt", text: (row) => row.lastTriedAt && localTime(row.lastTriedAt, timezone) },
    { title: "message", text: (row) => row.message ?? "Nothing is recorded: the job did not run for this slot." },
  ];
}

const MONTH_FIELDS: Field<MonthRow>[] = [
  { title: "accountId", text: (row) => row.accountId },
  { title: "month", text: (row) => row.month },
  { title: "expected", text: (row) => String(row.expected) },
  { title: "complete", text: (row) => String(row.complete) },
  { title: "percent", align: "decimal", text: (row) => row.percent },
];
