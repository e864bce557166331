/** The stack's configuration: `balanceSnapshots` in `cdk.json`. `-c key=value` overrides single keys. */
import type { Node } from "constructs";
import type { z } from "zod";
import { isObject } from "../../core/domain/json.ts";
import { nearestName } from "../../core/names/nearest-name.ts";
import { ConfigError } from "./config-error.ts";
import { CONSTRUCT_KEYS, convert, STACK_KEYS } from "./config-keys.ts";
import { parseValues, unknownKey } from "./parse-values.ts";
import type { ConfigurationProps } from "./props.ts";
import { regionOf } from "./regions.ts";
import { parseProps } from "./validate.ts";
import { describeValue } from "./validation-messages.ts";

/** The key in the context of `cdk.json` that holds the configuration. */
const CONTEXT_KEY = "balanceSnapshots";

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html */
const MAX_STACK_NAME_LENGTH = 128;

/**
 * All resources with tags repeat them. CloudFormation limits a template to 1 MB, of which 20 keys without tags take more than half:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
const MAX_TAG_BYTES = 450_000;

/** What a tag takes in the template beside its characters. */
const TAG_OVERHEAD = 55;

/** The validated configuration of the stack. Its name includes the stage. */
export type StackConfig = Readonly<{ [K in keyof typeof STACK_KEYS]: z.infer<(typeof STACK_KEYS)[K]> }>;

/** What the app's context configures: the stack, and the properties of the construct in it. */
export interface ContextConfig {
  readonly stack: StackConfig;
  /** The region of the resources that the stack uses; `undefined` if there are none. */
  readonly region: string | undefined;
  readonly snapshots: ConfigurationProps;
}

/**
 * Reads the configuration from the app's context.
 *
 * @throws {ConfigError} naming every invalid key, the given value and the expected value
 */
export function readConfig(node: Node): ContextConfig {
  const problems: string[] = [];
  const given = Object.entries(readContext(node, problems)).map(([key, value]) => [key, convert(key, value)] as const);
  const snapshots = Object.fromEntries(given.filter(([key]) => Object.hasOwn(CONSTRUCT_KEYS, key)));
  const stack = parseValues(STACK_KEYS, Object.fromEntries(given), problems);
  const config = parseProps(snapshots, problems);
  problems.push(...tooManyTags(stack.tags, config.apiKeys.length));

  const stackName = [stack.stackName, stack.stage].filter(Boolean).join("-");
  if (stackName.length > MAX_STACK_NAME_LENGTH) {
    problems.push(
      `stage: the stack's name would be ${stackName.length} characters long; expected at most ${MAX_STACK_NAME_LENGTH}`,
    );
  }
  if (problems.length > 0)
    throw new ConfigError(`The configuration ("${CONTEXT_KEY}" in cdk.json, or -c key=value) is`, problems);
  return { stack: { ...(stack as StackConfig), stackName }, region: regionOf(config), snapshots };
}

function tooManyTags(tags: Readonly<Record<string, string>> | undefined = {}, apiKeys: number): string[] {
  const given = Object.entries(tags);
  const characters = given.flat().join("").length;
  // Eight of the resources with tags belong to a key: its secret and its alarms.
  const bytes = (characters + TAG_OVERHEAD * given.length) * (48 + 8 * apiKeys);
  if (bytes <= MAX_TAG_BYTES) return [];
  const expected = "fewer or shorter ones, because each resource repeats them and a template has at most 1 MB";
  return [`tags: given ${given.length} with ${characters} characters, with ${apiKeys} keys; expected ${expected}`];
}

/** Returns the given values of known keys. Every other key is a problem. */
function readContext(node: Node, problems: string[]): Record<string, unknown> {
  const names = Object.keys({ ...STACK_KEYS, ...CONSTRUCT_KEYS });
  const inFile: unknown = node.tryGetContext(CONTEXT_KEY) ?? {};
  if (!isObject(inFile))
    problems.push(`${CONTEXT_KEY}: given ${describeValue(inFile)}; expected an object in cdk.json`);
  const given: Record<string, unknown> = isObject(inFile) ? { ...inFile } : {};

  for (const key of Object.keys(given).filter((name) => !names.includes(name))) problems.push(unknownKey(key, names));
  for (const [key, value] of Object.entries(node.getAllContext())) {
    if (names.includes(key)) given[key] = value;
    // Other context keys belong to CDK or to others. Only those that resemble one of ours are reported.
    else if (nearestName(key, names).distance <= Math.min(2, key.length / 3))
      problems.push(unknownKey(key, names, { where: " after -c" }));
  }
  return given;
}
