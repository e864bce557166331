import { Names, Stack, Token } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { ConfigError } from "./validate.ts";

/** Context key by which the constructs of a deployment find its path. */
const CONTEXT_KEY = "cdp-balance-snapshots:deployment-path";

/** Leaves room for what follows the name: an alarm or a saved query, whose names have at most 255 characters. */
const MAX_LENGTH = 200;

/**
 * Names a deployment after its stack and its path in the stack, without "Default" as in logical IDs. The names of alarms,
 * metrics, dashboard and saved queries contain it, so that several deployments fit in one AWS account or stack.
 * Call it before the construct has children.
 * @throws {ConfigError} if the name is too long, or an ID contains no ASCII letter or digit
 */
export function nameDeployment(scope: Construct): void {
  const path = scope.node.scopes.slice(Stack.of(scope).node.scopes.length).map(({ node }) => node.id);
  const ids = path.filter((id) => id !== "Default");
  const parts = ids.map((id) => id.replaceAll(/[^A-Za-z0-9]+/g, "-").replaceAll(/^-|-$/g, ""));
  scope.node.setContext(CONTEXT_KEY, parts);
  const name = deploymentName(scope);
  const problems = [
    ...(name.length > MAX_LENGTH ? [`${name} has ${name.length} characters; expected at most ${MAX_LENGTH}`] : []),
    ...ids
      .filter((_, i) => parts[i] === "")
      .map((id) => `${id} contains no ASCII letter or digit; expected at least one`),
  ];
  if (problems.length > 0)
    throw new ConfigError("The stack's name and the IDs of BalanceSnapshots and its parents are", problems);
}

/** Returns whether a construct is in a deployment with the ID "Default", whose outputs have plain names. */
export function isDefaultDeployment(scope: Construct): boolean {
  return pathOf(scope).length === 0;
}

/** Returns the name of the deployment that contains a construct. */
export function deploymentName(scope: Construct): string {
  return [stackNameOf(Stack.of(scope)), ...pathOf(scope)].join("-");
}

/** The name of a nested stack is not known at synthesis, so names that must be short use its path. */
function stackNameOf(stack: Stack): string {
  if (!Token.isUnresolved(stack.stackName)) return stack.stackName;
  return Names.uniqueResourceName(stack, { maxLength: MAX_LENGTH / 2, separator: "-" });
}

function pathOf(scope: Construct): readonly string[] {
  return scope.node.tryGetContext(CONTEXT_KEY) ?? [];
}
