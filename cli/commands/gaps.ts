import type { Command } from "commander";
import { DateTime } from "luxon";
import { InputError, messageWithFix } from "../../core/domain/errors.ts";
import type { SlotRange } from "../../core/domain/history-source.ts";
import { slotAt, type Trigger } from "../../core/domain/slot.ts";
import { END_OF_TIME, type History } from "../../core/history/history.ts";
import type { Gap } from "../../core/history/scheduled-slots.ts";
import { type SlotCoverage, slotCoverage } from "../../core/history/slot-coverage.ts";
import { nameAt } from "../shared/account-names.ts";
import { localTime } from "../shared/date-time.ts";
import { fieldsOf, withDropOrder } from "../shared/fields.ts";
import { type CommandContext, type HistoryOptions, historyCommand } from "../shared/history-command.ts";
import { whyInactive } from "../shared/inactive-accounts.ts";
import { print, printNote, printRows, reportFailure } from "../shared/output.ts";
import { type RangeOptions, withRange, withRangeOptions } from "../shared/range-options.ts";

interface Options extends HistoryOptions, RangeOptions {
  readonly coverage?: true;
}

interface GapRow {
  readonly accountId: string;
  /** At the time of the slot. */
  readonly accountName: string | null;
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

interface MonthRow extends SlotCoverage {
  readonly accountId: string;
  readonly accountName: string | null;
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
  const command = historyCommand(
    "gaps",
    "shows the scheduled slots without a complete snapshot, and failed manual runs, and why",
  )
    .option("--coverage", "show the share of complete slots per month instead")
    .action((options: Options) => withRange(options, showGaps));
  return withRangeOptions(command);
}

async function showGaps(given: CommandContext, options: Options, range: SlotRange): Promise<void> {
  const context = await withSchedule(given);
  const months: Months = new Map();
  const rows = gapRows(context, range, months);
  const { format, timezone, history } = context;
  if (options.coverage) {
    for await (const _ of rows);
    await printRows(monthRows(months), context, fieldsOf(MONTH_FIELDS, context));
  } else {
    const count = await printRows(
      rows,
      context,
      withDropOrder(fieldsOf(GAP_FIELDS, context), ["lastTriedAt"], ["attempts"]),
    );
    if (format === "table" && count === 0) {
      await print(months.size === 0 ? "no gaps: no slot is expected in this range\n" : "no gaps\n");
    }
  }
  // Nothing is expected of an account that is pending, also after an end. But its failures must not look like "no gaps".
  for (const accountId of context.withPending) {
    if (history.activity(accountId).pendingSince !== undefined)
      reportFailure(whyInactive(context, accountId, END_OF_TIME));
  }
  if (range.to <= history.expectedUntil) return;
  const until = localTime(slotAt(history.expectedUntil), timezone);
  printNote(`Slots without a record count as gaps up to ${until}. The run of a later slot may be in progress.`);
}

/** Returns the context, with the stack's schedule if no scheduled run has recorded one yet. @throws JobError */
async function withSchedule(context: CommandContext): Promise<CommandContext> {
  const { history, stack } = context;
  if (history.hasSchedule) return context;
  const schedule = stack && (await (await import("../shared/deployed-schedule.ts")).scheduleOfStack(stack));
  if (schedule === undefined) {
    throw new InputError("usage", [
      "The table contains no schedule. Give the schedule to check, such as --schedule 'cron(0 * * * ? *)'.",
    ]);
  }
  const { expression, timezone } = schedule;
  printNote(
    `No scheduled run has started yet. The slots are those of the stack's schedule, ${expression} ${timezone}.`,
  );
  return { ...context, history: history.withSchedules([schedule]) };
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
        accountName: nameAt(history, accountId, slot.slot),
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
  const accountName = nameAt(history, accountId, slot);
  return { accountId, accountName, slot, trigger, code, message: messageWithFix(reason), attempts, lastTriedAt };
}

function* monthRows(months: Months): Generator<MonthRow> {
  for (const row of months.values()) {
    yield { ...row, ...slotCoverage(row.complete, row.expected) };
  }
}
