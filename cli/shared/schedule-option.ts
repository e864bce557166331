import { InputError } from "../../core/domain/errors.ts";
import type { Schedule, ScheduleVersion } from "../../core/domain/history-source.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { parseCron } from "../../core/schedule/cron-expression.ts";
import { schedulePeriodSeconds } from "../../core/schedule/schedule-period.ts";
import { assertTimezone } from "./date-time.ts";

/**
 * Returns the schedule of `--schedule` and `--timezone`.
 * @param validate throws a RangeError with the reason, without a full stop
 * @throws InputError
 */
export function readSchedule(
  expression: string,
  timezone: string,
  validate: (expression: string, timezone: string) => unknown = parseCron,
): Schedule {
  assertTimezone(timezone);
  try {
    validate(expression, timezone);
  } catch (thrown) {
    throw new InputError("usage", [
      `--schedule: "${expression}" is not a valid schedule: ${(thrown as Error).message}.`,
    ]);
  }
  return { expression, timezone };
}

/** No lateness limit is greater: a schedule with a single slot has no period. */
const MAX_LATENESS_SECONDS = 366 * 86_400;

/** Returns the schedule of `--schedule` and `--timezone`, as if the job had always used it. @throws InputError */
export function readScheduleVersion(expression: string, timezone: string): ScheduleVersion {
  return asOnlyVersion(readSchedule(expression, timezone, schedulePeriodSeconds));
}

/** Returns a schedule as if the job had always used it. @throws RangeError if the expression is not valid */
export function asOnlyVersion({ expression, timezone }: Schedule): ScheduleVersion {
  // A lateness limit is one period at most. The one that applied is unknown.
  const latenessLimitMs = Math.min(schedulePeriodSeconds(expression, timezone), MAX_LATENESS_SECONDS) * 1000;
  return { expression, timezone, latenessLimitMs, since: slotAt(0) };
}
