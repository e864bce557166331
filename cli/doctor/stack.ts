import type { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { OUTPUTS } from "../../core/names/outputs.ts";
import { awsFailure, DOCTOR_CALLS } from "./aws.ts";
import {
  after,
  type CheckResult,
  type CheckResults,
  failed,
  ok,
  type Prerequisite,
  skipped,
  warning,
} from "./check-result.ts";

/** What a deployed stack tells of itself. */
export interface StackFacts {
  readonly name: string;
  /** By their names in `OUTPUTS`. */
  readonly outputs: ReadonlyMap<string, string>;
  /** Its resources' names, by their type. */
  readonly resources: Prerequisite<ReadonlyMap<string, readonly string[]>>;
}

/** Without these there is nothing to look at. */
const NEEDED_OUTPUTS = [OUTPUTS.tableName, OUTPUTS.secretId, OUTPUTS.functionName];

const DEPLOY = "npx cdk deploy";

/** @param name of the stack; `undefined`: none was given */
export async function* checkStack(name: string | undefined): CheckResults<Prerequisite<StackFacts>> {
  if (name === undefined) {
    yield* skipped(["stack"], "give --stack");
    return { missing: "give --stack" };
  }
  // Loaded only where a stack is asked for.
  const { CloudFormationClient, DescribeStacksCommand } = await import("@aws-sdk/client-cloudformation");
  const client = new CloudFormationClient(DOCTOR_CALLS);
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
    const { StackStatus = "unknown", Outputs = [] } = Stacks?.[0] ?? {};
    const outputs = new Map(Outputs.map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]));
    yield judge(name, StackStatus, outputs);
    return { value: { name, outputs, resources: yield* listResources(client, name) } };
  } catch (thrown) {
    const { gone, found, remedy } = awsFailure(thrown, "cloudformation:DescribeStacks");
    const where = "Check the name (with its stage: cdp-balance-snapshots-prod), AWS_REGION and the AWS account.";
    if (gone) yield failed("stack", `${name} does not exist in this account and region`, where);
    else yield failed("stack", `${name}: ${found}`, remedy);
    return after("stack");
  }
}

function judge(name: string, status: string, outputs: ReadonlyMap<string, string>): CheckResult {
  const lacking = NEEDED_OUTPUTS.filter((output) => !outputs.has(output));
  if (lacking.length > 0) {
    const found = `${name} is ${status} and has no output ${lacking.join(", ")}`;
    return failed("stack", found, `Is it a stack of this project, and deployed to its end? ${DEPLOY}`);
  }
  if (/FAILED|ROLLBACK|DELETE/.test(status)) {
    const remedy = `aws cloudformation describe-stack-events --stack-name ${name} says why; then ${DEPLOY}`;
    return warning("stack", `${name} is ${status}: its last deployment did not go through`, remedy);
  }
  return ok("stack", `${name} is ${status}`);
}

async function* listResources(client: CloudFormationClient, name: string): CheckResults<StackFacts["resources"]> {
  const { paginateListStackResources } = await import("@aws-sdk/client-cloudformation");
  const byType = new Map<string, string[]>();
  try {
    for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName: name })) {
      for (const { ResourceType = "", PhysicalResourceId, ResourceStatus } of StackResourceSummaries) {
        if (PhysicalResourceId === undefined || ResourceStatus === "DELETE_COMPLETE") continue;
        byType.set(ResourceType, [...(byType.get(ResourceType) ?? []), PhysicalResourceId]);
      }
    }
    return { value: byType };
  } catch (thrown) {
    const { found, remedy } = awsFailure(thrown, "cloudformation:ListStackResources");
    yield warning("stack", `its resources: ${found}`, `${remedy} The schedule and the alarms are found by them.`);
    return { missing: "the stack's resources are not known" };
  }
}
