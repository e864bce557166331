import type { Command } from "commander";
import { DateTime } from "luxon";
import { InputError, messageWithFix } from "../../core/domain/errors.ts";
import type { SlotRange } from "../../core/domain/history-source.ts";
import { slotAt, type Trigger } from "../../core/domain/slot.ts";
import { printable } from "../../core/domain/untrusted-text.ts";
import { END_OF_TIME, type History } from "../../core/history/history.ts";
import type { Gap } from "../../core/history/scheduled-slots.ts";
import { type SlotCoverage, slotCoverage } from "../../core/history/slot-coverage.ts";
import { type AccountNames, labelOf, namesAt } from "../shared/account-names.ts";
import { localTime } from "../shared/date-time.ts";
import { fieldsOf, withDropOrder, withKeysKept } from "../shared/fields.ts";
import { type CommandContext, type HistoryOptions, historyCommand } from "../shared/history-command.ts";
import { whyInactive } from "../shared/inactive-accounts.ts";
import { listed } from "../shared/name-checks.ts";
import { print, printNote, printRows, reportFailure } from "../shared/output.ts";
import { type RangeOptions, withRange, withRangeOptions } from "../shared/range-options.ts";

interface Options extends HistoryOptions, RangeOptions {
  readonly coverage?: true;
}

/** With the names of the account at the time of the slot. */
interface GapRow extends AccountNames {
  readonly accountId: string;
  readonly slot: string;
  /** `manual`: a run that somebody started, so it is no gap in the schedule. */
  readonly trigger: Trigger;
  /** The error's code; `not_run` if nothing was recorded. */
  readonly code: string;
  /** With the suggested fix. */
  readonly message: string;
  readonly attempts: number;
  readonly lastTriedAt: string | null;
}

interface MonthRow extends SlotCoverage, AccountNames {
  readonly accountId: string;
  readonly month: string;
}

const GAP_FIELDS = {
  accountId: "account",
  slot: "time",
  trigger: "shared",
  code: "text",
  attempts: "count",
  lastTriedAt: "time",
  message: "note",
} as const;

const MONTH_FIELDS = {
  accountId: "account",
  month: "text",
  expected: "count",
  complete: "count",
  percent: "decimal",
} as const;

/** The counts by account and month. */
type Months = Map<string, Omit<MonthRow, "percent">>;

export function gapsCommand(): Command {
  const command = historyCommand("gaps")
    .option("--coverage", "show the share of complete slots per month instead")
    .action((options: Options) => withRange(options, showGaps));
  return withRangeOptions(command);
}

async function showGaps(given: CommandContext, options: Options, range: SlotRange): Promise<void> {
  const context = await withSchedule(given);
  const months: Months = new Map();
  const rows = gapRows(context, range, months);
  const { format, timezone, history, accountIds } = context;
  if (options.coverage) {
    for await (const _ of rows);
    await printRows(monthRows(months), context, withKeysKept(fieldsOf(MONTH_FIELDS, context)));
  } else {
    const count = await printRows(
      rows,
      context,
      withDropOrder(withKeysKept(fieldsOf(GAP_FIELDS, context)), ["lastTriedAt"], ["attempts"]),
    );
    if (format === "table" && count === 0) {
      await print(months.size === 0 ? "no gaps: no slot is expected in this range\n" : "no gaps\n");
    }
  }
  // What is unknown must not look like "no gaps".
  for (const accountId of accountIds) {
    if (!history.isScheduled(accountId)) reportFailure(whyUnscheduled(history, accountId));
  }
  // Nothing is expected of an account that is pending, also after an end. But its failures must not look like "no gaps".
  for (const accountId of context.withPending) {
    if (history.activity(accountId).pendingSince !== undefined)
      reportFailure(whyInactive(context, accountId, END_OF_TIME));
  }
  const expectedUntil = history.expectedUntil(accountIds);
  if (range.to <= expectedUntil) return;
  const until = localTime(slotAt(expectedUntil), timezone);
  printNote(`Slots without a record count as gaps up to ${until}. The run of a later slot may be in progress.`);
}

/** Returns the context, with the stack's schedules if no scheduled run has recorded one yet. @throws JobError */
async function withSchedule(context: CommandContext): Promise<CommandContext> {
  const { history, stack } = context;
  if (history.hasSchedule) return context;
  const { schedulesOfStack } = await import("../shared/deployed-schedule.ts");
  const schedules = stack === undefined ? [] : await schedulesOfStack(stack);
  if (schedules.length === 0) {
    throw new InputError("usage", [
      "The table contains no schedule. Give the schedule to check, such as --schedule 'cron(0 * * * ? *)'.",
    ]);
  }
  const texts = schedules.map(({ key, expression, timezone }) => {
    return `${expression} ${timezone}${key === undefined ? "" : ` of the key ${key}`}`;
  });
  const whose = schedules.length === 1 ? "the stack's schedule" : "the stack's schedules";
  printNote(`No scheduled run has started yet. The slots are those of ${whose}, ${listed(texts, "and")}.`);
  return { ...context, history: history.withSchedules(schedules) };
}

function whyUnscheduled(history: History, accountId: string): string {
  const { key } = history.description(accountId);
  const whose =
    key === undefined ? "its key is unknown" : `no scheduled run of its key ${printable(key)} has started yet`;
  return `${labelOf(history, accountId)}: its slots are unknown, because ${whose}. Give the schedule with --schedule.`;
}

/** Yields the gaps, and counts all slots in `months`. */
async function* gapRows(context: CommandContext, range: SlotRange, months: Months): AsyncGenerator<GapRow> {
  const { history, accountIds, timezone } = context;
  for (const accountId of accountIds) {
    for await (const slot of history.scheduledSlots(accountId, range)) {
      if (!slot.complete && slot.trigger === "manual") {
        yield toRow(history, slot);
        continue;
      }
      const month = DateTime.fromISO(slot.slot, { zone: timezone }).toFormat("yyyy-MM");
      const key = `${accountId} ${month}`;
      const { expected, complete } = months.get(key) ?? { expected: 0, complete: 0 };
      months.set(key, {
        accountId,
        ...namesAt(history, accountId, slot.slot),
        month,
        expected: expected + 1,
        complete: complete + Number(slot.complete),
      });
      if (slot.complete) continue;
      process.exitCode = 1;
      yield toRow(history, slot);
    }
  }
}

function toRow(history: History, { accountId, slot, trigger, reason }: Gap): GapRow {
  const { code, attempts, lastTriedAt } = reason;
  const names = namesAt(history, accountId, slot);
  return { accountId, ...names, slot, trigger, code, message: messageWithFix(reason), attempts, lastTriedAt };
}

function* monthRows(months: Months): Generator<MonthRow> {
  for (const row of months.values()) {
    yield { ...row, ...slotCoverage(row.complete, row.expected) };
  }
}
