import { toJobError } from "../../core/domain/errors.ts";
import type { Schedule } from "../../core/domain/history-source.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { slotRule } from "../../core/schedule/slot-rule.ts";
import { duration } from "../shared/counted.ts";
import { localTime } from "../shared/date-time.ts";
import type { DeployedSchedule } from "../shared/deployed-schedule.ts";
import { AWS_CLIENT_OPTIONS, awsFailure, awsFailureResult } from "./aws.ts";
import type { CheckResult, CheckResults, Prerequisite } from "./check-result.ts";
import { failed, ofKey, passed, warning } from "./check-result.ts";
import type { LastRuns } from "./newest-records.ts";
import type { ListedStack } from "./stack.ts";

const DEPLOY = "Restore the deployed configuration: npx cdk deploy";
const ENABLE =
  "Enable it: docs/runbook.md#stop-the-schedule. Then take a snapshot now with the stack's output InvokeCommand.";
const DAY_MS = 86_400_000;

/** The schedules of keys. */
export type KeySchedules = ReadonlyMap<string | undefined, Schedule>;

/**
 * Checks that the schedule of each key is enabled and starts the stack's snapshots with the slot. Returns the schedules that exist.
 * @param keys `[undefined]`: there is one key, which has no name
 * @param runs the last runs, and the schedules that they recorded
 */
export async function* checkSchedules(
  stack: ListedStack,
  keys: readonly (string | undefined)[],
  runs: LastRuns | undefined,
  now: number,
): CheckResults<Prerequisite<KeySchedules>> {
  const { deployedSchedules, targetOf } = await import("../shared/deployed-schedule.ts");
  const found = new Map<string | undefined, Schedule>();
  try {
    const deployed = await deployedSchedules(stack, stack.idsOf, AWS_CLIENT_OPTIONS);
    const target = targetOf(stack.outputs)?.text;
    for (const key of keys) {
      // The schedule of the chain heads has no key, but another target.
      const schedule = deployed.find((one) => one.key === key);
      if (schedule !== undefined) found.set(key, schedule);
      yield* ofKey(key, judgeSchedule(schedule, target, key, runs, now));
    }
  } catch (thrown) {
    const failure = awsFailure(thrown, "scheduler:GetSchedule", "the schedule of the stack");
    if (failure.notFound) yield failed("schedule", "the schedule was deleted: nothing starts the function", DEPLOY);
    else yield awsFailureResult("schedule", failure);
  }
  return { value: found };
}

async function* judgeSchedule(
  deployed: DeployedSchedule | undefined,
  target: string | undefined,
  key: string | undefined,
  runs: LastRuns | undefined,
  now: number,
): CheckResults {
  const whose = key === undefined ? "" : " for this key";
  yield deployed === undefined
    ? failed("schedule", `the stack has no schedule${whose}: nothing starts the function`, DEPLOY)
    : judgeSettings(deployed, target, runs, now);
}

function judgeSettings(
  { settings, startsRuns, key, ...schedule }: DeployedSchedule,
  target: string | undefined,
  runs: LastRuns | undefined,
  now: number,
): CheckResult {
  const { State, Target, FlexibleTimeWindow, StartDate, EndDate } = settings;
  const expression = `${schedule.expression} ${schedule.timezone}`;
  if (State !== "ENABLED") return failed("schedule", `${expression} is ${State}: every slot is lost`, ENABLE);
  if (EndDate !== undefined && EndDate.getTime() <= now) {
    return failed("schedule", `${expression} ended at ${EndDate.toISOString()}`, DEPLOY);
  }
  if (StartDate !== undefined && StartDate.getTime() > now) {
    return failed("schedule", `${expression} does not start until ${StartDate.toISOString()}`, DEPLOY);
  }
  if (target !== undefined && !startsRuns) {
    return failed("schedule", `${expression} invokes ${Target?.Arn} instead of the stack's ${target}`, DEPLOY);
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
  const message = `${expression} is ENABLED; ${nextSlot}${describeChange(schedule, key, runs)}`;
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

function describeChange(
  { expression, timezone }: Schedule,
  key: string | undefined,
  runs: LastRuns | undefined,
): string {
  const recorded = runs?.schedules.findLast((one) => one.key === undefined || one.key === key);
  if (recorded === undefined || (recorded.expression === expression && recorded.timezone === timezone)) return "";
  return `; the last run was configured with ${recorded.expression} ${recorded.timezone}`;
}
