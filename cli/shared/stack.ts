import type { CloudFormationClientConfig } from "@aws-sdk/client-cloudformation";
import type { GetScheduleCommandOutput } from "@aws-sdk/client-scheduler";
import { isNotFound } from "../../core/aws/suggested-fixes.ts";

// The AWS clients are loaded on demand, because they would slow down the start of every command. Every function throws the
// errors of the AWS SDK.

type ClientOptions = Pick<CloudFormationClientConfig, "maxAttempts" | "requestHandler">;

export interface DeployedStack {
  readonly name: string;
  readonly status: string;
  /** Output values by the names in `OUTPUTS`. */
  readonly outputs: ReadonlyMap<string, string>;
}

/** Returns the physical ids of the resources of a type. */
export type ResourceIds = (resourceType: string) => readonly string[];

/** Describes the last deployment of a stack. */
export async function describeStack(name: string, options: ClientOptions = {}): Promise<DeployedStack> {
  const { CloudFormationClient, DescribeStacksCommand } = await import("@aws-sdk/client-cloudformation");
  const { Stacks } = await new CloudFormationClient(options).send(new DescribeStacksCommand({ StackName: name }));
  const { StackStatus = "unknown", Outputs = [] } = Stacks?.[0] ?? {};
  const outputs = new Map(Outputs.map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]));
  return { name, status: StackStatus, outputs };
}

/** Lists the resources of a stack. */
export async function listResources(name: string, options: ClientOptions = {}): Promise<ResourceIds> {
  const { CloudFormationClient, paginateListStackResources } = await import("@aws-sdk/client-cloudformation");
  const client = new CloudFormationClient(options);
  const idsByType = new Map<string, string[]>();
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName: name })) {
    for (const { ResourceType = "", PhysicalResourceId, ResourceStatus } of StackResourceSummaries) {
      if (PhysicalResourceId === undefined || ResourceStatus === "DELETE_COMPLETE") continue;
      idsByType.set(ResourceType, [...(idsByType.get(ResourceType) ?? []), PhysicalResourceId]);
    }
  }
  return (type) => idsByType.get(type) ?? [];
}

/**
 * Returns the schedule of a stack that invokes a function, or else another one; `undefined` if the stack has none. With
 * `anchor`, a stack has two schedules, each in its own group, and the list of resources does not say in which.
 */
export async function deployedSchedule(
  idsOf: ResourceIds,
  functionName: string | undefined,
  options: ClientOptions = {},
): Promise<GetScheduleCommandOutput | undefined> {
  const { GetScheduleCommand, SchedulerClient } = await import("@aws-sdk/client-scheduler");
  const client = new SchedulerClient(options);
  let other: GetScheduleCommandOutput | undefined;
  let notFound: unknown;
  for (const GroupName of idsOf("AWS::Scheduler::ScheduleGroup")) {
    for (const Name of idsOf("AWS::Scheduler::Schedule")) {
      try {
        const schedule = await client.send(new GetScheduleCommand({ Name, GroupName }));
        if (schedule.Target?.Arn?.endsWith(`:function:${functionName}`)) return schedule;
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
