import { keysOf, OUTPUTS, outputName } from "../../core/names/outputs.ts";
import { type DeployedStack, describeStack } from "../shared/stack.ts";
import { listResources, type ResourceIds } from "../shared/stack-resources.ts";
import { AWS_CLIENT_OPTIONS, awsFailure } from "./aws.ts";
import type { CheckResult, CheckResults, Prerequisite } from "./check-result.ts";
import { failed, missingAfterFailed, passed, warning } from "./check-result.ts";

/** A stack whose resources are known. */
export interface ListedStack extends DeployedStack {
  readonly idsOf: ResourceIds;
}

/** Returns the outputs that the checks need. */
function requiredOutputs({ outputs }: DeployedStack): string[] {
  return [OUTPUTS.tableName, ...keysOf(outputs).map((key) => outputName(OUTPUTS.secretId, key)), OUTPUTS.functionName];
}

/** Checks the last deployment of a stack. */
export async function* checkStack(name: string): CheckResults<Prerequisite<DeployedStack>> {
  try {
    const stack = await describeStack(name, AWS_CLIENT_OPTIONS);
    yield judgeStack(stack);
    return { value: stack };
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

function judgeStack(stack: DeployedStack): CheckResult {
  const { name, status, outputs } = stack;
  const missing = requiredOutputs(stack).filter((output) => !outputs.has(output));
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
export async function* checkResources(stack: DeployedStack): CheckResults<Prerequisite<ListedStack>> {
  const { name } = stack;
  try {
    return { value: { ...stack, idsOf: await listResources(name, AWS_CLIENT_OPTIONS) } };
  } catch (thrown) {
    const { message, suggestedFix } = awsFailure(thrown, "cloudformation:ListStackResources", `the stack ${name}`);
    const consequence = "The checks of schedule and alarms need the list of resources.";
    yield warning("stack", `resources: ${message}`, `${suggestedFix} ${consequence}`);
    return { missingReason: "the stack's resources could not be listed" };
  }
}
