import { Stack } from "aws-cdk-lib";
import { CfnFunction } from "aws-cdk-lib/aws-lambda";
import { CfnSecret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import { ConfigError } from "../config/config-error.ts";

/**
 * Lambda's limit for all variables of a function. It measures them as JSON, names included: the message of its error
 * shows that text as "String measured". https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MAX_BYTES = 4096;

/** A name or ARN that AWS generates is unknown until the deployment. None of ours is longer. */
const UNKNOWN = "x".repeat(256);

/**
 * What the ARN of a created secret has beside its logical ID, with the longest partition and region:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html (Ref)
 */
const SECRET_ARN = "arn:aws-us-gov:secretsmanager:ap-southeast-1:123456789012:secret:-xxxxxxxxxxxxx-xxxxxx";

const SHOWN_VARIABLES = 3;

/**
 * Checks the environments of a construct's functions: each value is valid, but together they may be too long.
 * @throws {ConfigError} with the size of each environment that is too large, and its longest variables
 */
export function checkEnvironmentSizes(scope: Construct): void {
  const stack = Stack.of(scope);
  // A secret may be one of the application, in any of its stacks.
  const secrets = scope.node.root.node.findAll().filter((construct) => construct instanceof CfnSecret);
  const secretIds = new Set(secrets.map((secret): string => Stack.of(secret).resolve(secret.logicalId)));
  const problems = scope.node.findAll().flatMap((construct) => {
    if (!(construct instanceof CfnFunction)) return [];
    const { variables = {} }: { variables?: object } = stack.resolve(construct.environment) ?? {};
    const entries = Object.entries(variables).map(([name, value]) => [name, longest(value, secretIds)] as const);
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

/** Returns the longest text that a value can have when it is deployed. A function with 20 secrets has 20 ARNs. */
function longest(value: unknown, secretIds: ReadonlySet<string>): string {
  if (typeof value === "string") return value;
  const { "Fn::Join": joined, Ref: id = "" } = value as { "Fn::Join"?: [string, unknown[]]; Ref?: string };
  if (joined !== undefined) return joined[1].map((part) => longest(part, secretIds)).join(joined[0]);
  return secretIds.has(id) ? SECRET_ARN + id : UNKNOWN;
}
