/** The stack's configuration: `balanceSnapshots` in `cdk.json`. `-c key=value` overrides single keys. */
import type { Node } from "constructs";
import type { z } from "zod";
import { singleLine } from "../../core/domain/untrusted-text.ts";
import { defaultLatenessSeconds, schedulePeriodSeconds } from "../../core/schedule/schedule-period.ts";
import { KEYS } from "./config-keys.ts";
import { describeInvalidValue, describeValue, MAX_SHOWN_LENGTH, nearestName } from "./validation-messages.ts";

/** The key in the context of `cdk.json` that holds the configuration. */
const CONTEXT_KEY = "balanceSnapshots";

type Parsed = { [K in keyof typeof KEYS]: z.infer<(typeof KEYS)[K]> };

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html */
const MAX_STACK_NAME_LENGTH = 128;

/** The function's own maximum for its lateness limit. */
const MAX_LATENESS_MINUTES = 366 * 24 * 60;

/** The validated configuration with defaults: every key of `KEYS`. The stack's name includes the stage. */
export type Config = Readonly<Omit<Parsed, "latenessMinutes"> & { latenessMinutes: number }>;

/** An invalid configuration. The message lists every problem, one per line. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Reads the configuration from the app's context.
 *
 * @throws {ConfigError} naming every invalid key, the given value and the expected value
 */
export function readConfig(node: Node): Config {
  const problems: string[] = [];
  const parsed: Partial<Parsed> = {};
  const given = readContext(node, problems);

  for (const [key, schema] of Object.entries(KEYS)) {
    const result = schema.safeParse(given[key]);
    if (result.success) Object.assign(parsed, { [key]: result.data });
    else problems.push(describeInvalidValue(key, given[key], result.error, schema.description ?? ""));
  }
  problems.push(...findConflicts(given, parsed));

  const stackName = [parsed.stackName, parsed.stage].filter(Boolean).join("-");
  if (stackName.length > MAX_STACK_NAME_LENGTH) {
    problems.push(
      `stage: the stack's name would be ${stackName.length} characters long; expected at most ${MAX_STACK_NAME_LENGTH}`,
    );
  }

  // The period of an invalid schedule is unknown, and the schedule is already among the problems.
  const { schedule, timezone } = parsed;
  const isValid = schedule !== undefined && timezone !== undefined;
  const period = isValid ? schedulePeriodSeconds(schedule, timezone) / 60 : Number.POSITIVE_INFINITY;
  const max = Math.min(period, MAX_LATENESS_MINUTES);
  const latenessMinutes = parsed.latenessMinutes ?? (isValid ? defaultLatenessSeconds(schedule, timezone) / 60 : max);
  if (latenessMinutes > max) {
    const limit = max === period ? `the shortest period of ${schedule}` : "a year";
    problems.push(`latenessMinutes: given ${latenessMinutes}; expected at most ${max}, ${limit}`);
  }

  if (problems.length > 0) {
    const intro = `The configuration ("${CONTEXT_KEY}" in cdk.json, or -c key=value) is not valid:`;
    throw new ConfigError([intro, ...problems.map((problem) => `  ${problem}`)].join("\n"));
  }
  return { ...(parsed as Parsed), stackName, latenessMinutes };
}

/** Returns a problem for each key that has no effect in combination with the others. */
function findConflicts(given: Readonly<Record<string, unknown>>, parsed: Partial<Parsed>): string[] {
  const problems: string[] = [];
  const requires = (key: string, isMet: boolean, without: string, expected: string) => {
    if (given[key] !== undefined && !isMet) problems.push(`${key}: given ${without}; expected only with ${expected}`);
  };
  const { accounts = "all", backup, anchor } = given;
  requires("accountsOwner", accounts === "all", "with a list of accounts", 'accounts "all"');
  requires("accountsType", accounts === "all", "with a list of accounts", 'accounts "all"');
  requires("backupRetentionDays", backup !== undefined, "without backup", "backup daily, weekly or monthly");
  requires("anchorRetentionDays", anchor !== undefined, "without anchor", "anchor compliance or governance");
  // Invalid values are already among the problems.
  const silent = parsed.alarmEmails !== undefined && parsed.alarms !== undefined && parsed.alarms !== "on";
  requires("alarmEmails", !silent, "without alarms", 'alarms "on"');
  return problems;
}

/** Returns the given values by key. An unknown key is a problem, because a misspelled key would have no effect. */
function readContext(node: Node, problems: string[]): Record<string, unknown> {
  const names = Object.keys(KEYS);
  const inFile: unknown = node.tryGetContext(CONTEXT_KEY) ?? {};
  const isObject = typeof inFile === "object" && !Array.isArray(inFile);
  if (!isObject) problems.push(`${CONTEXT_KEY}: given ${describeValue(inFile)}; expected an object in cdk.json`);
  const given: Record<string, unknown> = isObject ? { ...inFile } : {};

  for (const key of Object.keys(given).filter((name) => !names.includes(name))) {
    problems.push(`${singleLine(key, MAX_SHOWN_LENGTH)}: unknown key; did you mean ${nearestName(key, names).name}?`);
  }
  for (const [key, value] of Object.entries(node.getAllContext())) {
    if (names.includes(key)) given[key] = value;
    // Other context keys belong to CDK or to others. Only those that resemble one of ours are reported.
    else if (nearestName(key, names).distance <= Math.min(2, key.length / 3)) {
      problems.push(`${key}: unknown key after -c; did you mean ${nearestName(key, names).name}?`);
    }
  }
  return given;
}
