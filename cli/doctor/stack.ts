import { OUTPUTS } from "../../core/names/outputs.ts";
import { AWS_CLIENT_OPTIONS, awsFailure } from "./aws.ts";
import type { CheckResult, CheckResults, Prerequisite } from "./check-result.ts";
import { failed, missingAfterFailed, passed, warning } from "./check-result.ts";

export interface DeployedStack {
  readonly name: string;
  /** Output values by the names in `OUTPUTS`. */
  readonly outputs: ReadonlyMap<string, string>;
}

/** A stack whose resources are known. */
export interface ListedStack extends DeployedStack {
  /** Returns the physical ids of the resources of a type. */
  readonly idsOf: (resourceType: string) => readonly string[];
}

const REQUIRED_OUTPUTS = [OUTPUTS.tableName, OUTPUTS.secretId, OUTPUTS.functionName];

/** Checks the last deployment of a stack. */
export async function* checkStack(name: string): CheckResults<Prerequisite<DeployedStack>> {
  const { CloudFormationClient, DescribeStacksCommand } = await import("@aws-sdk/client-cloudformation");
  const client = new CloudFormationClient(AWS_CLIENT_OPTIONS);
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
    const { StackStatus = "unknown", Outputs = [] } = Stacks?.[0] ?? {};
    const outputs = new Map(Outputs.map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]));
    yield judgeStack(name, StackStatus, outputs);
    return { value: { name, outputs } };
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

/** Lists the stack's resources, which only some checks need. */
export async function* listResources(stack: DeployedStack): CheckResults<Prerequisite<ListedStack>> {
  const { CloudFormationClient, paginateListStackResources } = await import("@aws-sdk/client-cloudformation");
  const client = new CloudFormationClient(AWS_CLIENT_OPTIONS);
  const { name } = stack;
  const idsByType = new Map<string, string[]>();
  try {
    for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName: name })) {
      for (const { ResourceType = "", PhysicalResourceId, ResourceStatus } of StackResourceSummaries) {
        if (PhysicalResourceId === undefined || ResourceStatus === "DELETE_COMPLETE") continue;
        idsByType.set(ResourceType, [...(idsByType.get(ResourceType) ?? []), PhysicalResourceId]);
      }
    }
    return { value: { ...stack, idsOf: (type) => idsByType.get(type) ?? [] } };
  } catch (thrown) {
    const { message, suggestedFix } = awsFailure(thrown, "cloudformation:ListStackResources", `the stack ${name}`);
    const consequence = "The checks of schedule and alarms need the list of resources.";
    yield warning("stack", `resources: ${message}`, `${suggestedFix} ${consequence}`);
    return { missingReason: "the stack's resources could not be listed" };
  }
}
