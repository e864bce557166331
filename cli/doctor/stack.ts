import type { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { OUTPUTS } from "../../core/names/outputs.ts";
import { AWS_CLIENT_OPTIONS, awsFailure } from "./aws.ts";
import type { CheckResult, CheckResults, Prerequisite } from "./check-result.ts";
import { failed, missingAfterFailed, passed, skipped, warning } from "./check-result.ts";

export interface DeployedStack {
  readonly name: string;
  /** Output values by the names in `OUTPUTS`. */
  readonly outputs: ReadonlyMap<string, string>;
  /** Physical ids by resource type. */
  readonly resources: Prerequisite<ReadonlyMap<string, readonly string[]>>;
}

const REQUIRED_OUTPUTS = [OUTPUTS.tableName, OUTPUTS.secretId, OUTPUTS.functionName];

/** @param name `undefined` if no stack is to be checked */
export async function* checkStack(name: string | undefined): CheckResults<Prerequisite<DeployedStack>> {
  if (name === undefined) {
    const missingReason = "requires --stack";
    yield* skipped(["stack"], missingReason);
    return { missingReason };
  }
  const { CloudFormationClient, DescribeStacksCommand } = await import("@aws-sdk/client-cloudformation");
  const client = new CloudFormationClient(AWS_CLIENT_OPTIONS);
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
    const { StackStatus = "unknown", Outputs = [] } = Stacks?.[0] ?? {};
    const outputs = new Map(Outputs.map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]));
    yield judgeStack(name, StackStatus, outputs);
    return { value: { name, outputs, resources: yield* listResources(client, name) } };
  } catch (thrown) {
    const { notFound, message, suggestedFix } = awsFailure(
      thrown,
      "cloudformation:DescribeStacks",
      `the stack ${name}`,
    );
    const checkName = "Check the name (with its stage: cdp-balance-snapshots-prod), AWS_REGION and the AWS account.";
    if (notFound) yield failed("stack", `${name} does not exist in this AWS account and region`, checkName);
    else yield failed("stack", `${name}: ${message}`, suggestedFix);
    return missingAfterFailed("stack");
  }
}

function judgeStack(name: string, status: string, outputs: ReadonlyMap<string, string>): CheckResult {
  const missing = REQUIRED_OUTPUTS.filter((output) => !outputs.has(output));
  if (missing.length > 0) {
    const message = `${name} is ${status} and lacks the output ${missing.join(", ")}`;
    return failed("stack", message, "If it is a stack of this project, deploy it again: npx cdk deploy");
  }
  if (/FAILED|ROLLBACK|DELETE/.test(status)) {
    const events = `aws cloudformation describe-stack-events --stack-name ${name}`;
    const message = `${name} is ${status}: the last deployment did not succeed`;
    return warning("stack", message, `Find the reason with ${events}, then deploy again: npx cdk deploy`);
  }
  return passed("stack", `${name} is ${status}`);
}

async function* listResources(client: CloudFormationClient, name: string): CheckResults<DeployedStack["resources"]> {
  const { paginateListStackResources } = await import("@aws-sdk/client-cloudformation");
  const idsByType = new Map<string, string[]>();
  try {
    for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName: name })) {
      for (const { ResourceType = "", PhysicalResourceId, ResourceStatus } of StackResourceSummaries) {
        if (PhysicalResourceId === undefined || ResourceStatus === "DELETE_COMPLETE") continue;
        idsByType.set(ResourceType, [...(idsByType.get(ResourceType) ?? []), PhysicalResourceId]);
      }
    }
    return { value: idsByType };
  } catch (thrown) {
    const { message, suggestedFix } = awsFailure(thrown, "cloudformation:ListStackResources", `the stack ${name}`);
    const consequence = "The checks of schedule and alarms need the list of resources.";
    yield warning("stack", `resources: ${message}`, `${suggestedFix} ${consequence}`);
    return { missingReason: "the stack's resources could not be listed" };
  }
}
