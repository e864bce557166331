import type { Command } from "commander";
import { InputError } from "../../core/domain/errors.ts";
import type { SlotRange } from "../../core/domain/history-source.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { type Duration, parseDuration } from "../../core/history/duration.ts";
import type { CommandContext } from "./history-command.ts";

export interface RangeOptions {
  readonly from?: string;
  readonly to?: string;
}

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

/** Returns the slot of the selected accounts' first record, in milliseconds since 1970. */
export function firstRecordAt({ accountIds, history }: CommandContext): number {
  return Math.min(...accountIds.map((id) => Date.parse(history.firstSlot(id))));
}

/** Parses the length of time of an option. @throws InputError */
export function readDuration(option: string, text: string): Duration {
  const duration = parseDuration(text);
  if (duration === undefined) {
    throw new InputError("usage", [
      `${option}: "${text}" is not a valid duration. Expected a number and a unit: 15min, 1h, 1d, 1w, 1mo or 1y.`,
    ]);
  }
  return duration;
}
