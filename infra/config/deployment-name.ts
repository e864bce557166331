import { Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";

/** Context key by which the constructs of a deployment find its path. */
const CONTEXT_KEY = "cdp-balance-snapshots:deployment-path";

/**
 * Names a deployment after its stack and its path in the stack, without "Default" as in logical IDs. The names of alarms,
 * metrics, dashboard, saved queries and outputs contain it, so that several deployments fit in one AWS account or stack.
 * Call it before the construct has children.
 */
export function nameDeployment(scope: Construct): void {
  const path = scope.node.scopes.slice(Stack.of(scope).node.scopes.length).map(({ node }) => node.id);
  scope.node.setContext(
    CONTEXT_KEY,
    path.filter((id) => id !== "Default").map((id) => id.replaceAll(/[^A-Za-z0-9]+/g, "")),
  );
}

/** Returns the path, in its stack, of the deployment that contains a construct. It is empty for the default one. */
export function deploymentPath(scope: Construct): readonly string[] {
  return scope.node.tryGetContext(CONTEXT_KEY) ?? [];
}

/** Returns the name of the deployment that contains a construct. */
export function deploymentName(scope: Construct): string {
  return [Stack.of(scope).stackName, ...deploymentPath(scope)].join("-");
}
