import { InputError } from "../../core/domain/errors.ts";
import type { Schedule } from "../../core/domain/history-source.ts";
import { parseCron } from "../../core/schedule/cron-expression.ts";
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
