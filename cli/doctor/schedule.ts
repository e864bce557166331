import type { GetScheduleCommandOutput } from "@aws-sdk/client-scheduler";
import { toJobError } from "../../core/domain/errors.ts";
import type { Schedule } from "../../core/domain/history-source.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { OUTPUTS } from "../../core/names/outputs.ts";
import { slotRule } from "../../core/schedule/slot-rule.ts";
import { duration } from "../shared/counted.ts";
import { localTime } from "../shared/date-time.ts";
import { AWS_CLIENT_OPTIONS, awsFailure, awsFailureResult } from "./aws.ts";
import type { CheckResult, CheckResults, Prerequisite } from "./check-result.ts";
import { failed, missingAfterFailed, passed, warning } from "./check-result.ts";
import type { LastRuns } from "./newest-records.ts";
import type { ListedStack } from "./stack.ts";

const DEPLOY = "Restore the deployed configuration: npx cdk deploy";
const ENABLE =
  "Enable it: docs/runbook.md#stop-the-schedule. Then take a snapshot now with the stack's output InvokeCommand.";
const DAY_MS = 86_400_000;

/**
 * Checks that the schedule is enabled and invokes the stack's function with the slot.
 * @param runs the last runs, and the schedule that they recorded
 */
export async function* checkSchedule(
  { outputs, idsOf }: ListedStack,
  runs: LastRuns | undefined,
  now: number,
): CheckResults<Prerequisite<Schedule>> {
  const functionName = outputs.get(OUTPUTS.functionName);
  const { deployedSchedule } = await import("../shared/deployed-schedule.ts");
  try {
    const deployed = await deployedSchedule(idsOf, functionName, AWS_CLIENT_OPTIONS);
    if (deployed === undefined) {
      yield failed("schedule", "the stack has no schedule: nothing starts the function", DEPLOY);
      return missingAfterFailed("schedule");
    }
    const { ScheduleExpression: expression = "", ScheduleExpressionTimezone: timezone = "UTC" } = deployed;
    yield judgeSchedule(deployed, { expression, timezone }, functionName, runs, now);
    return { value: { expression, timezone } };
  } catch (thrown) {
    const failure = awsFailure(thrown, "scheduler:GetSchedule", "the schedule of the stack");
    if (failure.notFound) yield failed("schedule", "the schedule was deleted: nothing starts the function", DEPLOY);
    else yield awsFailureResult("schedule", failure);
    return missingAfterFailed("schedule");
  }
}

function judgeSchedule(
  deployed: GetScheduleCommandOutput,
  schedule: Schedule,
  functionName: string | undefined,
  runs: LastRuns | undefined,
  now: number,
): CheckResult {
  const { State, Target, FlexibleTimeWindow, StartDate, EndDate } = deployed;
  const expression = `${schedule.expression} ${schedule.timezone}`;
  if (State !== "ENABLED") return failed("schedule", `${expression} is ${State}: every slot is lost`, ENABLE);
  if (EndDate !== undefined && EndDate.getTime() <= now) {
    return failed("schedule", `${expression} ended at ${EndDate.toISOString()}`, DEPLOY);
  }
  if (StartDate !== undefined && StartDate.getTime() > now) {
    return failed("schedule", `${expression} does not start until ${StartDate.toISOString()}`, DEPLOY);
  }
  if (functionName !== undefined && !Target?.Arn?.endsWith(`:function:${functionName}`)) {
    const message = `${expression} invokes ${Target?.Arn} instead of the stack's function ${functionName}`;
    return failed("schedule", message, DEPLOY);
  }
  if (!Target?.Input?.includes("<aws.scheduler.scheduled-time>")) {
    const message = `${expression} does not pass the slot to the function: retries and late runs record the wrong slot`;
    return failed("schedule", message, DEPLOY);
  }
  let nextSlot: string;
  try {
    nextSlot = describeNextSlot(schedule, now);
  } catch (thrown) {
    const { message, suggestedFix = "" } = toJobError(thrown);
    return failed("schedule", `${expression} is ENABLED; the next slot is unknown: ${message}`, suggestedFix);
  }
  const message = `${expression} is ENABLED; ${nextSlot}${describeChange(schedule, runs)}`;
  if (FlexibleTimeWindow?.Mode !== "OFF") {
    return warning("schedule", `${message}; a flexible time window may delay runs`, DEPLOY);
  }
  return passed("schedule", message);
}

function describeNextSlot(schedule: Schedule, now: number): string {
  for (const slot of slotRule(schedule).between(now, now + 366 * DAY_MS)) {
    return `next slot ${localTime(slotAt(slot), schedule.timezone)}, in ${duration(slot - now)}`;
  }
  return "no further slot within a year";
}

function describeChange({ expression, timezone }: Schedule, runs: LastRuns | undefined): string {
  const recorded = runs?.schedule;
  if (recorded === undefined || (recorded.expression === expression && recorded.timezone === timezone)) return "";
  return `; the last run was configured with ${recorded.expression} ${recorded.timezone}`;
}
