import { Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";

/** Context key by which the constructs of a deployment find its name. */
const CONTEXT_KEY = "cdp-balance-snapshots:deployment-name";

/**
 * Names a deployment after its stack and its path in the stack, without "Default" as in logical IDs. The names of alarms,
 * metrics, dashboard and saved queries contain it, so that several deployments fit in one AWS account or stack.
 * Call it before the construct has children.
 */
export function nameDeployment(scope: Construct): void {
  const path = scope.node.scopes.slice(Stack.of(scope).node.scopes.length).map(({ node }) => node.id);
  const ids = path.filter((id) => id !== "Default").map((id) => id.replaceAll(/[^\w-]+/g, "-"));
  scope.node.setContext(CONTEXT_KEY, [Stack.of(scope).stackName, ...ids].join("-"));
}

/** Returns the name of the deployment that contains a construct. */
export function deploymentName(scope: Construct): string {
  return scope.node.tryGetContext(CONTEXT_KEY) ?? Stack.of(scope).stackName;
}
