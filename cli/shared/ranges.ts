import type { Command } from "commander";
import { InputError } from "../../core/domain/errors.ts";
import type { SlotRange } from "../../core/domain/history.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { type Every, nominalMs, parseEvery, type Step, stepsOf } from "../../core/history/steps.ts";
import type { OpenHistory } from "./history-command.ts";

/** A range of time on the command line. */
export interface RangeOptions {
  readonly from?: string;
  readonly to?: string;
}

/** Almost two years of minutes. All of them are in memory: a slip of the pen, the year 20 for 2026, would fill it. */
const MOST_STEPS = 1_000_000;

/** Adds `--from` and `--to`. */
export function withRangeOptions(command: Command, presetFrom = "the first snapshot"): Command {
  return command
    .option("--from <moment>", `a date means the start of that day (default: ${presetFrom})`)
    .option("--to <moment>", "a date means the end of that day (default: now)");
}

/**
 * The range that the options give.
 * @param preset where it starts without `--from`; by default at the first record of the accounts
 */
export function readRange({ from, to }: RangeOptions, history: OpenHistory, preset?: string): SlotRange {
  const start = from ?? preset;
  const range = {
    from: start === undefined ? firstRecord(history) : history.moment("--from", start, "start"),
    to: history.moment("--to", to ?? "now", "end"),
  };
  if (range.from > range.to) {
    const told = (ms: number) => new Date(ms).toISOString();
    throw new InputError("usage", [
      `--from (${told(range.from)}) is after --to (${told(range.to)}${to === undefined ? ", now" : ""}): give an earlier --from.`,
    ]);
  }
  return range;
}

/**
 * The steps of a range. Those at which nothing was captured yet are no gaps, and are there only where `--from` asks for
 * them; a history that is younger than a step has one at its end.
 */
export function readSteps({ from }: RangeOptions, history: OpenHistory, range: SlotRange, every: Every): Step[] {
  if ((range.to - range.from) / nominalMs(every) > MOST_STEPS) {
    throw new InputError("usage", [
      `--every: from ${slotAt(range.from)} to ${slotAt(range.to)} are more than ${MOST_STEPS} steps. Give a longer distance, or a shorter range.`,
    ]);
  }
  const steps = [...stepsOf(range.from, range.to, every, history.timezone)];
  if (from !== undefined) return steps;
  const filled = steps.filter(({ at }) => at > firstRecord(history));
  return filled.length > 0 ? filled : [{ after: range.from - 1, at: range.to }];
}

/** The slot of the accounts' first record, milliseconds since 1970. */
export function firstRecord({ accountIds, since }: OpenHistory): number {
  return Math.min(...accountIds.map((id) => Date.parse(since.get(id) ?? "")));
}

/** The value of `--every`. */
export function readEvery(text: string): Every {
  const every = parseEvery(text);
  if (every === undefined) {
    throw new InputError("usage", [
      `--every: "${text}" is no distance in time. Give one like 15min, 1h, 1d, 1w, 1mo or 1y.`,
    ]);
  }
  return every;
}
