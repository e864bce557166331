import type { Command } from "commander";
import { InputError } from "../../core/domain/errors.ts";
import type { SlotRange } from "../../core/domain/history-source.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { type Interval, nominalMs, parseInterval, type Step, stepsOf } from "../../core/history/steps.ts";
import type { CommandContext } from "./history-command.ts";

export interface RangeOptions {
  readonly from?: string;
  readonly to?: string;
}

/** Almost two years of minutes. All steps are in memory, and a typo (the year 20 for 2026) would fill it. */
const MAX_STEPS = 1_000_000;

export function withRangeOptions(command: Command, defaultFrom = "the first snapshot"): Command {
  return command
    .option("--from <time>", `start of the range; a date means the start of that day (default: ${defaultFrom})`)
    .option("--to <time>", "end of the range; a date means the end of that day (default: now)");
}

/**
 * Reads the range of `--from` and `--to`.
 * @param defaultFrom the value of `--from` by default; without it, the range starts at the first record
 * @throws InputError
 */
export function readRange({ from, to }: RangeOptions, context: CommandContext, defaultFrom?: string): SlotRange {
  const start = from ?? defaultFrom;
  const range = {
    from: start === undefined ? firstRecordAt(context) : context.dateTime("--from", start, "start"),
    to: context.dateTime("--to", to ?? "now", "end"),
  };
  if (range.from > range.to) {
    throw new InputError("usage", [
      `--from (${slotAt(range.from)}) is after --to (${slotAt(range.to)}${to === undefined ? ", now" : ""}). Give an earlier --from.`,
    ]);
  }
  return range;
}

/**
 * Returns the steps of a range. Without `--from`, steps before the first record are left out, because they are not gaps; a
 * history younger than one interval gets one step, at the end of the range.
 * @throws InputError for too many steps
 */
export function readSteps({ from }: RangeOptions, context: CommandContext, range: SlotRange, every: Interval): Step[] {
  if ((range.to - range.from) / nominalMs(every) > MAX_STEPS) {
    throw new InputError("usage", [
      `--every: ${slotAt(range.from)} to ${slotAt(range.to)} is more than ${MAX_STEPS} steps. Give a longer interval or a shorter range.`,
    ]);
  }
  const steps = [...stepsOf(range.from, range.to, every, context.timezone)];
  if (from !== undefined) return steps;
  const sinceFirstRecord = steps.filter(({ at }) => at > firstRecordAt(context));
  return sinceFirstRecord.length > 0 ? sinceFirstRecord : [{ after: range.from - 1, at: range.to }];
}

/** Returns the slot of the selected accounts' first record, in milliseconds since 1970. */
export function firstRecordAt({ accountIds, history }: CommandContext): number {
  return Math.min(...accountIds.map((id) => Date.parse(history.firstSlot(id))));
}

/** Parses the interval of an option. @throws InputError */
export function readInterval(option: string, text: string, what: "interval" | "duration" = "interval"): Interval {
  const interval = parseInterval(text);
  if (interval === undefined) {
    throw new InputError("usage", [
      `${option}: "${text}" is not a valid ${what}. Expected a number and a unit: 15min, 1h, 1d, 1w, 1mo or 1y.`,
    ]);
  }
  return interval;
}
