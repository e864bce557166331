import { GetScheduleCommand, type GetScheduleCommandOutput, SchedulerClient } from "@aws-sdk/client-scheduler";
import { awsErrorText, awsSuggestedFix, isNotFound } from "../../core/aws/suggested-fixes.ts";
import { StoreError } from "../../core/domain/errors.ts";
import type { ScheduleVersion } from "../../core/domain/history-source.ts";
import { OUTPUTS } from "../../core/names/outputs.ts";
import { asOnlyVersion } from "./schedule-option.ts";
import type { ClientOptions, DeployedStack } from "./stack.ts";
import { listResources, type ResourceIds } from "./stack-resources.ts";

// Load this module on demand: few commands need the client of EventBridge Scheduler.

/**
 * Returns the schedule that invokes a stack's function, as if the job had always used it; `undefined` if there is none.
 * @throws StoreError
 */
export async function scheduleOfStack({ name, outputs }: DeployedStack): Promise<ScheduleVersion | undefined> {
  try {
    const functionName = outputs.get(OUTPUTS.functionName);
    const deployed = await deployedSchedule(await listResources(name), functionName);
    if (deployed === undefined || !invokes(deployed, functionName)) return undefined;
    const { ScheduleExpression: expression = "", ScheduleExpressionTimezone: timezone = "UTC" } = deployed;
    return asOnlyVersion({ expression, timezone });
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
 * Returns the schedule of a stack that invokes a function, or else another one; `undefined` if the stack has none. With
 * `anchor`, a stack has two schedules, each in its own group, and the list of resources does not say in which.
 * @throws the errors of the AWS SDK
 */
export async function deployedSchedule(
  idsOf: ResourceIds,
  functionName: string | undefined,
  options: ClientOptions = {},
): Promise<GetScheduleCommandOutput | undefined> {
  const client = new SchedulerClient(options);
  let other: GetScheduleCommandOutput | undefined;
  let notFound: unknown;
  for (const GroupName of idsOf("AWS::Scheduler::ScheduleGroup")) {
    for (const Name of idsOf("AWS::Scheduler::Schedule")) {
      try {
        const schedule = await client.send(new GetScheduleCommand({ Name, GroupName }));
        if (invokes(schedule, functionName)) return schedule;
        other ??= schedule;
      } catch (thrown) {
        if (!isNotFound(thrown)) throw thrown;
        notFound = thrown;
      }
    }
  }
  if (other === undefined && notFound !== undefined) throw notFound;
  return other;
}

function invokes({ Target }: GetScheduleCommandOutput, functionName: string | undefined): boolean {
  return Target?.Arn?.endsWith(`:function:${functionName}`) === true;
}
