import { Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { ConfigError } from "./validate.ts";

/** Context key by which the constructs of a deployment find its path. */
const CONTEXT_KEY = "cdp-balance-snapshots:deployment-path";

/** Leaves room for what follows the name: an alarm or a saved query, whose names have at most 255 characters. */
const MAX_LENGTH = 200;

/**
 * Names a deployment after its stack and its path in the stack, without "Default" as in logical IDs. The names of alarms,
 * metrics, dashboard, saved queries and outputs contain it, so that several deployments fit in one AWS account or stack.
 * Call it before the construct has children.
 * @throws {ConfigError} if the name is too long
 */
export function nameDeployment(scope: Construct): void {
  const path = scope.node.scopes.slice(Stack.of(scope).node.scopes.length).map(({ node }) => node.id);
  const ids = path.filter((id) => id !== "Default").map((id) => id.replaceAll(/[^A-Za-z0-9]+/g, ""));
  scope.node.setContext(CONTEXT_KEY, ids);
  const name = deploymentName(scope);
  if (name.length > MAX_LENGTH) {
    const problem = `${name} has ${name.length} characters; expected at most ${MAX_LENGTH}`;
    throw new ConfigError("The stack's name and the IDs of BalanceSnapshots and its parents are", [problem]);
  }
}

/** Returns the path, in its stack, of the deployment that contains a construct. It is empty for the default one. */
export function deploymentPath(scope: Construct): readonly string[] {
  return scope.node.tryGetContext(CONTEXT_KEY) ?? [];
}

/** Returns the name of the deployment that contains a construct. */
export function deploymentName(scope: Construct): string {
  return [Stack.of(scope).stackName, ...deploymentPath(scope)].join("-");
}
