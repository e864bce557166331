import { Stack } from "aws-cdk-lib";
import { CfnFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { ConfigError } from "../config/validate.ts";

/**
 * Lambda's limit for all variables of a function. It measures them as JSON, names included: the message of its error
 * shows that text as "String measured". https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MAX_BYTES = 4096;

/** A name or ARN that AWS generates is unknown until the deployment. None of ours is longer. */
const UNKNOWN = "x".repeat(256);

const SHOWN_VARIABLES = 3;

/**
 * Checks the environments of a construct's functions: each value is valid, but together they may be too long.
 * @throws {ConfigError} with the size of each environment that is too large, and its longest variables
 */
export function checkEnvironmentSizes(scope: Construct): void {
  const problems = scope.node.findAll().flatMap((construct) => {
    if (!(construct instanceof CfnFunction)) return [];
    const { variables = {} }: { variables?: object } = Stack.of(scope).resolve(construct.environment) ?? {};
    const entries = Object.entries(variables).map(([name, value]) => [name, longest(value)] as const);
    const bytes = Buffer.byteLength(JSON.stringify(Object.fromEntries(entries)));
    if (bytes <= MAX_BYTES) return [];
    const sizes = entries.map(([name, value]) => ({ name, bytes: Buffer.byteLength(value) }));
    const shown = sizes.sort((a, b) => b.bytes - a.bytes).slice(0, SHOWN_VARIABLES);
    return [
      `${construct.node.path}: its environment takes ${bytes} bytes, and Lambda allows ${MAX_BYTES}; shorten the values ` +
        `of the longest variables: ${shown.map((variable) => `${variable.name} (${variable.bytes})`).join(", ")}`,
    ];
  });
  if (problems.length > 0) throw new ConfigError("The properties of BalanceSnapshots are", problems);
}

/** Returns the longest text that a value can have when it is deployed. */
function longest(value: unknown): string {
  if (typeof value === "string") return value;
  const { "Fn::Join": joined } = value as { "Fn::Join"?: [string, unknown[]] };
  return joined === undefined ? UNKNOWN : joined[1].map(longest).join(joined[0]);
}
