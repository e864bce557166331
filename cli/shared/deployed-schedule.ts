import { GetScheduleCommand, type GetScheduleCommandOutput, SchedulerClient } from "@aws-sdk/client-scheduler";
import { awsErrorText, awsSuggestedFix, isNotFound } from "../../core/aws/suggested-fixes.ts";
import { StoreError } from "../../core/domain/errors.ts";
import type { Schedule, ScheduleVersion } from "../../core/domain/history-source.ts";
import { OUTPUTS } from "../../core/names/outputs.ts";
import { asOnlyVersion } from "./schedule-option.ts";
import type { ClientOptions, DeployedStack } from "./stack.ts";
import { listResources, type ResourceIds } from "./stack-resources.ts";

// Load this module on demand: few commands need the client of EventBridge Scheduler.

/** A schedule of a stack. */
export interface DeployedSchedule extends Schedule {
  /** The name of the API key whose accounts it starts a run of; `undefined`: there is one key, which has no name. */
  readonly key: string | undefined;
  /** Whether it starts what takes the stack's snapshots. */
  readonly startsRuns: boolean;
  readonly settings: GetScheduleCommandOutput;
}

/**
 * Returns the schedules that start the snapshots of a stack, one for each key, as if the job had always used them; empty if there
 * are none.
 * @throws StoreError
 */
export async function schedulesOfStack(stack: DeployedStack): Promise<readonly ScheduleVersion[]> {
  const { name } = stack;
  try {
    const deployed = await deployedSchedules(stack, await listResources(name));
    return deployed
      .filter(({ startsRuns }) => startsRuns)
      .map((schedule) => ({ ...asOnlyVersion(schedule), ...(schedule.key !== undefined && { key: schedule.key }) }));
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

/**
 * Returns the schedules of a stack that exist, those that start its snapshots first. With `anchor`, a stack has two groups of
 * schedules, and the list of resources does not say which schedule is in which.
 * @throws the errors of the AWS SDK; not found, if none of the stack's schedules exists
 */
export async function deployedSchedules(
  { outputs }: DeployedStack,
  idsOf: ResourceIds,
  options: ClientOptions = {},
): Promise<readonly DeployedSchedule[]> {
  const client = new SchedulerClient(options);
  const found: DeployedSchedule[] = [];
  let notFound: unknown;
  for (const GroupName of idsOf("AWS::Scheduler::ScheduleGroup")) {
    for (const Name of idsOf("AWS::Scheduler::Schedule")) {
      try {
        found.push(described(await client.send(new GetScheduleCommand({ Name, GroupName })), outputs));
      } catch (thrown) {
        if (!isNotFound(thrown)) throw thrown;
        notFound = thrown;
      }
    }
  }
  if (found.length === 0 && notFound !== undefined) throw notFound;
  return found.sort((a, b) => Number(b.startsRuns) - Number(a.startsRuns));
}

function described(settings: GetScheduleCommandOutput, outputs: DeployedStack["outputs"]): DeployedSchedule {
  const { ScheduleExpression: expression = "", ScheduleExpressionTimezone: timezone = "UTC", Target } = settings;
  const target = targetOf(outputs);
  const startsRuns = target !== undefined && Target?.Arn?.endsWith(target.arnEnd) === true;
  return { expression, timezone, key: keyOf(Target?.Input), startsRuns, settings };
}

/** Returns what takes the snapshots of a stack: its state machine, or else its function; `undefined` if the outputs lack both. */
export function targetOf(
  outputs: DeployedStack["outputs"],
): { readonly arnEnd: string; readonly text: string } | undefined {
  const stateMachine = outputs.get(OUTPUTS.stateMachineArn);
  if (stateMachine !== undefined) return { arnEnd: stateMachine, text: `state machine ${stateMachine}` };
  const name = outputs.get(OUTPUTS.functionName);
  return name === undefined ? undefined : { arnEnd: `:function:${name}`, text: `function ${name}` };
}

/** Returns the key in the event of a schedule. */
function keyOf(input: string | undefined): string | undefined {
  try {
    const { key } = JSON.parse(input ?? "{}") as { readonly key?: unknown };
    return typeof key === "string" ? key : undefined;
  } catch {
    return undefined;
  }
}
