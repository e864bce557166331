import { awsErrorText, awsSuggestedFix } from "../../core/aws/suggested-fixes.ts";
import { InputError, StoreError } from "../../core/domain/errors.ts";
import type { Schedule, ScheduleVersion } from "../../core/domain/history-source.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { OUTPUTS } from "../../core/names/outputs.ts";
import { parseCron } from "../../core/schedule/cron-expression.ts";
import { schedulePeriodSeconds } from "../../core/schedule/schedule-period.ts";
import { assertTimezone } from "./date-time.ts";
import { type DeployedStack, deployedSchedule, listResources } from "./stack.ts";

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

/**
 * Returns the schedule of a stack, as if the job had always used it. A table has none before the first scheduled run.
 * @throws JobError
 */
export async function scheduleOfStack({ name, outputs }: DeployedStack): Promise<ScheduleVersion | undefined> {
  try {
    const deployed = await deployedSchedule(await listResources(name), outputs.get(OUTPUTS.functionName));
    const { ScheduleExpression: expression, ScheduleExpressionTimezone: timezone = "UTC" } = deployed ?? {};
    return expression === undefined ? undefined : asOnlyVersion({ expression, timezone });
  } catch (thrown) {
    const actions = "cloudformation:ListStackResources and scheduler:GetSchedule";
    const fix = awsSuggestedFix(thrown, { action: actions, resource: `the stack ${name}` });
    throw new StoreError(
      "stack_unavailable",
      `--stack: cannot read the schedule of the stack ${name}: ${awsErrorText(thrown)}.`,
      { suggestedFix: `${fix} Or give the schedule with --schedule.`, cause: thrown },
    );
  }
}

function asOnlyVersion({ expression, timezone }: Schedule): ScheduleVersion {
  // A lateness limit is one period at most. The one that applied is unknown.
  const latenessLimitMs = Math.min(schedulePeriodSeconds(expression, timezone), MAX_LATENESS_SECONDS) * 1000;
  return { expression, timezone, latenessLimitMs, since: slotAt(0) };
}
