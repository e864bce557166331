/** Checks sizes that depend on several values, each of which is valid. */
import { Stack } from "aws-cdk-lib";
import { CfnFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { deploymentName } from "./deployment-name.ts";
import { ConfigError } from "./validate.ts";

/** Leaves room for what follows the name: those of alarms and saved queries have at most 255 characters. */
const MAX_NAME_LENGTH = 200;

/**
 * Lambda's limit for all variables of a function. It measures them as JSON, names included: the message of its error
 * shows that text as "String measured". https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MAX_ENVIRONMENT_BYTES = 4096;

/** A name or ARN that AWS generates is unknown until the deployment. None of ours is longer. */
const UNKNOWN = "x".repeat(256);

const SHOWN_VARIABLES = 3;

/**
 * Checks the name of a deployment and the environments of its functions.
 * @throws {ConfigError} with each size that exceeds a limit
 */
export function checkSizes(scope: Construct): void {
  const functions = scope.node.findAll().filter((construct) => construct instanceof CfnFunction);
  const problems = functions.flatMap(checkEnvironment);
  const name = deploymentName(scope);
  if (name.length > MAX_NAME_LENGTH) {
    problems.push(
      `the stack's name and the IDs of BalanceSnapshots and its parents, ${name}, have ${name.length} characters; ` +
        `expected at most ${MAX_NAME_LENGTH}`,
    );
  }
  if (problems.length > 0) throw new ConfigError("The properties of BalanceSnapshots are", problems);
}

function checkEnvironment(fn: CfnFunction): string[] {
  const { variables = {} }: { variables?: object } = Stack.of(fn).resolve(fn.environment) ?? {};
  const entries = Object.entries(variables).map(([name, value]) => [name, longest(value)] as const);
  const bytes = Buffer.byteLength(JSON.stringify(Object.fromEntries(entries)));
  if (bytes <= MAX_ENVIRONMENT_BYTES) return [];
  const sizes = entries.map(([name, value]) => ({ name, bytes: Buffer.byteLength(value) }));
  const shown = sizes.sort((a, b) => b.bytes - a.bytes).slice(0, SHOWN_VARIABLES);
  return [
    `${fn.node.path}: its environment takes ${bytes} bytes, and Lambda allows ${MAX_ENVIRONMENT_BYTES}; shorten the ` +
      `longest variables: ${shown.map((variable) => `${variable.name} (${variable.bytes})`).join(", ")}`,
  ];
}

/** Returns the longest text that a value can have when it is deployed. */
function longest(value: unknown): string {
  if (typeof value === "string") return value;
  const { "Fn::Join": joined } = value as { "Fn::Join"?: [string, unknown[]] };
  return joined === undefined ? UNKNOWN : joined[1].map(longest).join(joined[0]);
}
