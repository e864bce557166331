import type { ExecutionListItem } from "@aws-sdk/client-sfn";
import { OUTPUTS } from "../../core/names/outputs.ts";
import { counted, duration } from "../shared/counted.ts";
import type { DeployedStack } from "../shared/stack.ts";
import { AWS_CLIENT_OPTIONS, awsFailure, awsFailureResult } from "./aws.ts";
import type { CheckResult, CheckResults } from "./check-result.ts";
import { failed, passed, warning } from "./check-result.ts";

/** The newest executions to read: those in progress, and the last one of each key. */
const MAX_EXECUTIONS = 100;

/** The sections of the runbook by the state of an execution. */
const SECTIONS: Readonly<Record<string, string>> = {
  FAILED: "docs/runbook.md#execution-failed",
  TIMED_OUT: "docs/runbook.md#execution-timed-out",
  ABORTED: "docs/runbook.md#execution-aborted",
};
const REDRIVE = "While its slot is within the lateness limit, a redrive takes the missing snapshots";
const RUN_NOW = "Start one now: use the stack's output InvokeCommand.";

/**
 * Checks how the last executions of the stack's state machine ended, as many as the stack has keys. A stack with the engine
 * `lambda` has no state machine, and no result.
 */
export async function* checkStateMachine({ outputs }: DeployedStack, keys: number, now: number): CheckResults {
  const stateMachineArn = outputs.get(OUTPUTS.stateMachineArn);
  if (stateMachineArn === undefined) return;
  // Loaded on demand, because few stacks have a state machine.
  const { ListExecutionsCommand, SFNClient } = await import("@aws-sdk/client-sfn");
  try {
    // Newest first.
    const { executions = [] } = await new SFNClient(AWS_CLIENT_OPTIONS).send(
      new ListExecutionsCommand({ stateMachineArn, maxResults: MAX_EXECUTIONS }),
    );
    yield* judgeExecutions(executions, keys, now);
  } catch (thrown) {
    const failure = awsFailure(thrown, "states:ListExecutions", `the state machine ${stateMachineArn}`);
    const isGone = failure.notFound || (thrown as Error).name === "StateMachineDoesNotExist";
    if (isGone) {
      yield failed("state machine", "it was deleted: nothing takes snapshots", "Restore it: npx cdk deploy");
    } else yield awsFailureResult("state machine", failure);
  }
}

function* judgeExecutions(executions: readonly ExecutionListItem[], keys: number, now: number): Iterable<CheckResult> {
  const running = executions.filter(({ status }) => status === "RUNNING");
  const ended = executions.filter(({ status }) => status !== "RUNNING").slice(0, keys);
  const unsuccessful = ended.filter(({ status }) => status !== "SUCCEEDED");
  for (const execution of unsuccessful) yield judgeUnsuccessful(execution);
  if (executions.length === 0) yield warning("state machine", "it has no execution yet", RUN_NOW);
  if (executions.length === 0 || unsuccessful.length > 0) return;
  const [last] = ended;
  const since = Math.min(...running.map(({ startDate }) => startDate?.getTime() ?? now));
  const states = [
    ...(last === undefined ? [] : [`the last execution succeeded at ${last.stopDate?.toISOString()}`]),
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
