import type { ExecutionListItem } from "@aws-sdk/client-sfn";
import type { Schedule } from "../../core/domain/history-source.ts";
import { keysOf, OUTPUTS } from "../../core/names/outputs.ts";
import { slotRule } from "../../core/schedule/slot-rule.ts";
import { counted, duration } from "../shared/counted.ts";
import type { DeployedStack } from "../shared/stack.ts";
import { AWS_CLIENT_OPTIONS, awsFailure, awsFailureResult } from "./aws.ts";
import type { CheckResult, CheckResults } from "./check-result.ts";
import { failed, passed, warning } from "./check-result.ts";

/** The executions of a page. The API allows no more. */
const PAGE_SIZE = 1_000;

/** The schedule starts an execution within this time after its slot. */
const START_DELAY_MS = 300_000;

/** The sections of the runbook by the state of an execution. */
const SECTIONS: Readonly<Record<string, string>> = {
  FAILED: "docs/runbook.md#execution-failed",
  TIMED_OUT: "docs/runbook.md#execution-timed-out",
  ABORTED: "docs/runbook.md#execution-aborted",
};
const REDRIVE = "While its slot is within the lateness limit, a redrive takes the missing snapshots";
const RUN_NOW = "Start one now: use the stack's output InvokeCommand.";

/**
 * Checks how the last executions of the stack's state machine ended: the newest one, and with several keys that of the last slot of
 * each, because an execution in the list does not say whose it is. A stack with the engine `lambda` has no state machine, and no
 * result.
 * @param schedules those of the keys that are known
 */
export async function* checkStateMachine(
  { outputs }: DeployedStack,
  schedules: readonly Schedule[],
  now: number,
): CheckResults {
  const stateMachineArn = outputs.get(OUTPUTS.stateMachineArn);
  if (stateMachineArn === undefined) return;
  // Loaded on demand, because few stacks have a state machine.
  const { paginateListExecutions, SFNClient } = await import("@aws-sdk/client-sfn");
  try {
    const hasSeveralKeys = keysOf(outputs).length > 1;
    const lastSlots = hasSeveralKeys ? schedules.map((schedule) => lastSlotsOf(schedule, now)) : [];
    const oldest = Math.min(now, ...lastSlots.flat());
    const paging = { client: new SFNClient(AWS_CLIENT_OPTIONS), pageSize: PAGE_SIZE };
    const executions: ExecutionListItem[] = [];
    // Newest first.
    for await (const { executions: page = [] } of paginateListExecutions(paging, { stateMachineArn })) {
      executions.push(...page);
      if (startOf(page.at(-1)) < oldest) break;
    }
    yield* judgeExecutions(executions, lastSlots, now);
  } catch (thrown) {
    const failure = awsFailure(thrown, "states:ListExecutions", `the state machine ${stateMachineArn}`);
    const isGone = failure.notFound || (thrown as Error).name === "StateMachineDoesNotExist";
    if (isGone) {
      yield failed("state machine", "it was deleted: nothing takes snapshots", "Restore it: npx cdk deploy");
    } else yield awsFailureResult("state machine", failure);
  }
}

/**
 * Returns the last two slots, newest first: the execution of the last one may be in progress. Returns none of a schedule that cannot be
 * understood, which the check of the schedule reports.
 */
function lastSlotsOf(schedule: Schedule, now: number): readonly number[] {
  const slots: number[] = [];
  try {
    for (const slot of slotRule(schedule).upTo(now)) if (slots.push(slot) === 2) break;
  } catch {
    return [];
  }
  return slots;
}

/** Returns 0 without an execution, or if its start is unknown. */
function startOf(execution: ExecutionListItem | undefined): number {
  return execution?.startDate?.getTime() ?? 0;
}

function* judgeExecutions(
  executions: readonly ExecutionListItem[],
  lastSlots: readonly (readonly number[])[],
  now: number,
): Iterable<CheckResult> {
  const running = executions.filter(({ status }) => status === "RUNNING");
  const ended = executions.filter(({ status }) => status !== "RUNNING");
  const endedOf = (slot: number) => ended.filter((one) => startOf(one) >= slot && startOf(one) < slot + START_DELAY_MS);
  const last = lastSlots.flatMap((slots) => slots.map(endedOf).find(({ length }) => length > 0) ?? []);
  const unsuccessful = [...new Set([...ended.slice(0, 1), ...last])].filter(({ status }) => status !== "SUCCEEDED");
  for (const execution of unsuccessful) yield judgeUnsuccessful(execution);
  if (executions.length === 0) yield warning("state machine", "it has no execution yet", RUN_NOW);
  if (executions.length === 0 || unsuccessful.length > 0) return;
  const [newest] = ended;
  const since = Math.min(...running.map(({ startDate }) => startDate?.getTime() ?? now));
  const states = [
    ...(newest === undefined ? [] : [`the last execution succeeded at ${newest.stopDate?.toISOString()}`]),
    ...(running.length === 0
      ? []
      : [`${counted(running.length, "execution")} in progress, the oldest for ${duration(now - since)}`]),
  ];
  yield passed("state machine", states.join("; "));
}

function judgeUnsuccessful({ name, status, executionArn, startDate, stopDate }: ExecutionListItem): CheckResult {
  const times = `started at ${startDate?.toISOString()}, ended at ${stopDate?.toISOString() ?? "an unknown time"}`;
  const message = `the execution ${name} is ${status}: ${times}`;
  const section = SECTIONS[status ?? ""] ?? SECTIONS["FAILED"];
  const redrive = `aws stepfunctions redrive-execution --execution-arn ${executionArn}`;
  return failed("state machine", message, `See ${section}. ${REDRIVE}: ${redrive}`);
}
