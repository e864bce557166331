import { Names, Stack, Token } from "aws-cdk-lib";
import type { Construct, IConstruct } from "constructs";
import { ConfigError } from "./config-error.ts";

/** Context key by which the constructs of a deployment find its path. */
const CONTEXT_KEY = "cdp-balance-snapshots:deployment-path";

/** The deployments of an application, by its root: environments and names, and the constructs that have them. */
const NAMED = new WeakMap<IConstruct, Map<string, Construct>>();

/** Leaves room for what follows the name: an alarm or a saved query, whose names have at most 255 characters. */
const MAX_LENGTH = 200;

/**
 * Names a deployment after its stack and its path in the stack, without "Default" as in logical IDs. The names of alarms,
 * metrics, dashboard and saved queries contain it, so that several deployments fit in one AWS account or stack.
 * Call it before the construct has children.
 * @param keys the names of the API keys, which are in the names of their alarms
 * @throws {ConfigError} if the name is too long or not unique, or an ID contains no ASCII letter or digit
 */
export function nameDeployment(scope: Construct, keys: readonly string[] = []): void {
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
    ...[name, ...keys.map((key) => `${name}-${key}`)].flatMap((part) => register(part, scope)),
  ];
  if (problems.length > 0)
    throw new ConfigError("The stack's name and the IDs of BalanceSnapshots and its parents are", problems);
}

/**
 * Registers the beginning of names that must be unique in an AWS account and region.
 * @returns a problem if another deployment has it
 */
function register(name: string, scope: Construct): string[] {
  const stack = Stack.of(scope);
  const named = NAMED.get(scope.node.root) ?? new Map<string, Construct>();
  NAMED.set(scope.node.root, named);
  const key = `${stack.environment} ${name}`;
  const other = named.get(key);
  if (other === undefined) named.set(key, scope);
  // Two stacks with one name are for different accounts or regions, which may not be known at synthesis.
  const isElsewhere = other && Stack.of(other) !== stack && Stack.of(other).stackName === stack.stackName;
  if (other === undefined || isElsewhere) return [];
  return [`${name} would begin the names of ${other.node.path}, too; expected another ID`];
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
