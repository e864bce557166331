import { CloudFormationClient, paginateListStackResources } from "@aws-sdk/client-cloudformation";
import type { ClientOptions } from "./stack.ts";

/** Returns the physical ids of the resources of a type. */
export type ResourceIds = (resourceType: string) => readonly string[];

/** Lists the resources of a stack. Throws the errors of the AWS SDK. */
export async function listResources(name: string, options: ClientOptions = {}): Promise<ResourceIds> {
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
