import type { GetScheduleCommandOutput } from "@aws-sdk/client-scheduler";
import type { Schedule } from "../../core/domain/history.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { slotRule } from "../../core/schedule/slot-rule.ts";
import { localTime } from "../shared/date-time.ts";
import { duration } from "../shared/format/duration.ts";
import { awsFailure, DOCTOR_CALLS } from "./aws.ts";
import {
  type CheckResult,
  type CheckResults,
  failed,
  ok,
  type Prerequisite,
  skipped,
  warning,
} from "./check-result.ts";
import type { LastRuns } from "./history.ts";
import type { StackFacts } from "./stack.ts";

const DEPLOY = "npx cdk deploy puts it back.";
const ENABLE =
  "Start it again: docs/runbook.md#stop-the-schedule. Then take a snapshot of now: the output InvokeCommand.";
const DAY_MS = 86_400_000;

/**
 * Whether the schedule starts the stack's function, and when next.
 * @param runs a `rate(…)` counts from its deployment, which shows in the slots of the last runs alone
 */
export async function* checkSchedule(
  stack: Prerequisite<StackFacts>,
  runs: LastRuns | undefined,
  now: number,
): CheckResults<Schedule | undefined> {
  const resources = stack.value?.resources;
  if (stack.value === undefined || resources?.value === undefined) {
    yield* skipped(["schedule"], stack.missing ?? resources?.missing ?? "");
    return undefined;
  }
  const [name] = resources.value.get("AWS::Scheduler::Schedule") ?? [];
  const [group] = resources.value.get("AWS::Scheduler::ScheduleGroup") ?? [];
  if (name === undefined) {
    yield failed("schedule", "the stack has none: nothing starts the function", DEPLOY);
    return undefined;
  }
  const { GetScheduleCommand, SchedulerClient } = await import("@aws-sdk/client-scheduler");
  try {
    const schedule = await new SchedulerClient(DOCTOR_CALLS).send(
      new GetScheduleCommand({ Name: name, GroupName: group }),
    );
    const { ScheduleExpression: expression = "", ScheduleExpressionTimezone: timezone = "UTC" } = schedule;
    yield judge(schedule, { expression, timezone }, stack.value.outputs.get("FunctionName"), runs, now);
    return { expression, timezone };
  } catch (thrown) {
    const { denied, gone, found, remedy } = awsFailure(thrown, "scheduler:GetSchedule");
    if (gone) yield failed("schedule", `${name} is gone: nothing starts the function`, DEPLOY);
    else yield (denied ? warning : failed)("schedule", found, remedy);
    return undefined;
  }
}

function judge(
  deployed: GetScheduleCommandOutput,
  schedule: Schedule,
  functionName: string | undefined,
  runs: LastRuns | undefined,
  now: number,
): CheckResult {
  const { State, Target, FlexibleTimeWindow, StartDate, EndDate } = deployed;
  const is = `${schedule.expression} ${schedule.timezone}`;
  if (State !== "ENABLED") return failed("schedule", `${is} is ${State}: every slot is lost`, ENABLE);
  if (EndDate !== undefined && EndDate.getTime() <= now) {
    return failed("schedule", `${is} ended at ${EndDate.toISOString()}`, DEPLOY);
  }
  if (StartDate !== undefined && StartDate.getTime() > now) {
    return failed("schedule", `${is} begins only at ${StartDate.toISOString()}`, DEPLOY);
  }
  if (functionName !== undefined && !Target?.Arn?.endsWith(`:function:${functionName}`)) {
    return failed("schedule", `${is} starts ${Target?.Arn}, not the stack's function ${functionName}`, DEPLOY);
  }
  if (!Target?.Input?.includes("<aws.scheduler.scheduled-time>")) {
    const found = `${is} does not tell the function the slot: each retry takes another snapshot, and late ones pass for their slot`;
    return failed("schedule", found, DEPLOY);
  }
  const next = nextSlot(schedule, runs, now);
  const found = `${is} is ENABLED; ${next}${changedSince(schedule, runs)}`;
  if (FlexibleTimeWindow?.Mode !== "OFF") {
    return warning("schedule", `${found}; it may start late, by a flexible time window`, DEPLOY);
  }
  return ok("schedule", found);
}

function nextSlot(schedule: Schedule, runs: LastRuns | undefined, now: number): string {
  const rule = slotRule(schedule);
  if (rule === undefined) return "when next cannot be told from its expression";
  const slots = (runs?.accounts ?? []).flatMap(({ scheduled }) => (scheduled ? [Date.parse(scheduled.slot)] : []));
  if (rule.anchored && slots.length === 0) return `next within ${duration(rule.periodMs(now))}`;
  const anchor = Math.max(0, ...slots);
  for (const slot of rule.between(now, now + 366 * DAY_MS, anchor)) {
    return `next at ${localTime(slotAt(slot), schedule.timezone)}, in ${duration(slot - now)}`;
  }
  return "no further slot within a year";
}

function changedSince({ expression, timezone }: Schedule, runs: LastRuns | undefined): string {
  const last = runs?.schedule;
  if (last === undefined || (last.expression === expression && last.timezone === timezone)) return "";
  return `; the last run still knew ${last.expression} ${last.timezone}`;
}
