import { Option } from "commander";
import { InputError } from "../../core/domain/errors.ts";
import type { SlotRange } from "../../core/domain/history-source.ts";
import { slotAt } from "../../core/domain/slot.ts";
import type { History } from "../../core/history/history.ts";
import { type Interval, POSSIBLE_INTERVALS, parseInterval } from "../../core/history/interval.ts";
import { isPeriodLabel, type Step, stepsOf } from "../../core/history/steps.ts";
import { localTime } from "./date-time.ts";
import type { Field } from "./fields.ts";
import type { CommandContext } from "./history-command.ts";
import { firstRecordAt, type RangeOptions } from "./range-options.ts";

/** Almost two years of minutes. All steps are in memory, and a typo (the year 20 for 2026) would fill it. */
const MAX_STEPS = 1_000_000;

/** The intervals that a command selects from, the shortest first. */
const DEFAULT_INTERVALS = "1min 5min 15min 30min 1h 2h 3h 4h 6h 8h 12h 1d 1w 1mo 3mo 1y"
  .split(" ")
  .map((text) => readInterval(text));

/** Creates the option `--every`, whose value is an `Interval`. */
export function everyOption(description: string): Option {
  return new Option("--every <interval>", `${description}: ${POSSIBLE_INTERVALS}`).argParser(readInterval);
}

/** Parses the value of `--every`. @throws InputError */
export function readInterval(text: string): Interval {
  const interval = parseInterval(text);
  if (interval !== undefined) return interval;
  throw new InputError("usage", [`--every: "${text}" is not a possible interval. Expected ${POSSIBLE_INTERVALS}.`]);
}

/** Returns the shortest interval that gives at most `maxSteps` steps and is not shorter than the time between snapshots. */
export async function defaultInterval(
  range: SlotRange,
  { history, accountIds }: CommandContext,
  maxSteps: number,
): Promise<Interval> {
  const snapshotMs = await history.intervalMs(accountIds, range);
  // The first and the last step can be parts of an interval, and a day of 25 hours can have one step more.
  const minMs = Math.max((range.to - range.from) / (maxSteps - 2), snapshotMs);
  const longest = DEFAULT_INTERVALS.at(-1) as Interval;
  return DEFAULT_INTERVALS.find(({ lengthMs }) => lengthMs >= minMs) ?? longest;
}

/**
 * Returns the steps of a range, up to now. Without `--from`, steps before the first record are left out, because they are not
 * gaps.
 * @throws InputError for too many steps
 */
export function readSteps({ from }: RangeOptions, context: CommandContext, range: SlotRange, every: Interval): Step[] {
  const { now, timezone } = context;
  if ((range.to - range.from) / every.lengthMs > MAX_STEPS) {
    throw new InputError("usage", [
      `--every: ${slotAt(range.from)} to ${slotAt(range.to)} is more than ${MAX_STEPS} steps. Give a longer interval or a shorter range.`,
    ]);
  }
  const steps = [...stepsOf({ from: range.from, to: Math.min(range.to, now) }, every, timezone)];
  if (from !== undefined) return steps;
  const firstRecord = firstRecordAt(context);
  return steps.filter(({ at }, index) => at > firstRecord || index === steps.length - 1);
}

/**
 * Returns the steps to draw: without an open last one in which nothing was completed yet, because it would look like a gap.
 * The step before it shows the newest snapshot.
 */
export async function drawnSteps(
  steps: readonly Step[],
  history: History,
  accountIds: readonly string[],
): Promise<readonly Step[]> {
  const last = steps.slice(-1);
  if (steps.length === 1 || !last[0]?.open) return steps;
  for (const accountId of accountIds) {
    for await (const { active, pending } of history.series(accountId, last)) if (active && !pending) return steps;
  }
  return steps.slice(0, -1);
}

/** What the rows of a series show of their step. */
export interface StepRow {
  /** The step's label. */
  readonly step: string;
  /** True if the range ends before the step does. */
  readonly open: boolean;
}

/** Returns the columns of a step: its period, or its instant in a time zone; and `open`. */
export function stepFields<Row extends Partial<StepRow>>(timezone: string): Field<Row>[] {
  const text = ({ step = "" }: Row) => (isPeriodLabel(step) ? step : localTime(step, timezone));
  return [
    { title: "step", kind: "time", text, heading: (step) => `step ${step}` },
    { title: "open", text: ({ open }) => (open ? "open" : ""), heading: (open) => open },
  ];
}
