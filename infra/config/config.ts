/** The stack's configuration: `balanceSnapshots` in `cdk.json`, each key also as `-c key=value`, which wins. */
import type { Node } from "constructs";
import type { z } from "zod";
import { schedulePeriodSeconds } from "../../core/schedule/schedule-period.ts";
import { KEYS } from "./config-keys.ts";
import { cut, describeProblem, told } from "./config-problem.ts";
import { nearest } from "./nearest.ts";

/** The key in `cdk.json` under which the configuration stands. */
const CONTEXT_KEY = "balanceSnapshots";

type Parsed = { [K in keyof typeof KEYS]: z.infer<(typeof KEYS)[K]> };

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html */
const LONGEST_STACK_NAME = 128;

/** The function takes no more, however long the schedule's period is. */
const LONGEST_LATENESS_MINUTES = 366 * 24 * 60;

/** The stack's configuration, checked and complete: every key of `KEYS`. The stack's name ends in the stage. */
export type Config = Readonly<Omit<Parsed, "latenessMinutes"> & { latenessMinutes: number }>;

/** A configuration that a person has to put right. Its message lists every problem, one a line. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Reads the configuration from the app's context.
 *
 * @throws {ConfigError} naming every key that is wrong, what was given and what is expected.
 */
export function readConfig(node: Node): Config {
  const problems: string[] = [];
  const parsed: Partial<Parsed> = {};
  const given = readContext(node, problems);

  for (const [key, schema] of Object.entries(KEYS)) {
    const result = schema.safeParse(given[key]);
    if (result.success) Object.assign(parsed, { [key]: result.data });
    else problems.push(describeProblem(key, given[key], result.error, schema.description ?? ""));
  }

  const { accounts = "all" } = given;
  for (const key of ["accountsOwner", "accountsType"]) {
    if (given[key] !== undefined && accounts !== "all") {
      problems.push(`${key}: given beside a list of accounts; expected only with accounts "all"`);
    }
  }

  if (given["backupRetentionDays"] !== undefined && given["backup"] === undefined) {
    problems.push("backupRetentionDays: given without backup; expected only with backup daily, weekly or monthly");
  }
  if (given["anchorRetentionDays"] !== undefined && given["anchor"] === undefined) {
    problems.push("anchorRetentionDays: given without anchor; expected only with anchor compliance or governance");
  }
  if (parsed.alarmEmails !== undefined && parsed.alarms !== undefined && parsed.alarms !== "on") {
    problems.push('alarmEmails: given without alarms; expected only with alarms "on"');
  }
  const stackName = [parsed.stackName, parsed.stage].filter(Boolean).join("-");
  if (stackName.length > LONGEST_STACK_NAME) {
    problems.push(
      `stage: makes the stack's name ${stackName.length} letters long; expected at most ${LONGEST_STACK_NAME}`,
    );
  }

  // With a schedule that is wrong nobody knows its period, and that problem is named already.
  const period = parsed.schedule === undefined ? Number.POSITIVE_INFINITY : schedulePeriodSeconds(parsed.schedule) / 60;
  const most = Math.min(period, LONGEST_LATENESS_MINUTES);
  const latenessMinutes = parsed.latenessMinutes ?? most;
  if (latenessMinutes > most) {
    const why = most === period ? `the shortest period of ${parsed.schedule}` : "a year";
    problems.push(`latenessMinutes: given ${latenessMinutes}; expected at most ${most}, ${why}`);
  }

  if (problems.length > 0) {
    const intro = `The configuration ("${CONTEXT_KEY}" in cdk.json, or -c key=value) is wrong:`;
    throw new ConfigError([intro, ...problems.map((problem) => `  ${problem}`)].join("\n"));
  }
  return { ...(parsed as Parsed), stackName, latenessMinutes };
}

/** What was given, by key; an unknown key is a problem, so that no misspelt one is silently without effect. */
function readContext(node: Node, problems: string[]): Record<string, unknown> {
  const names = Object.keys(KEYS);
  const inFile: unknown = node.tryGetContext(CONTEXT_KEY) ?? {};
  const isObject = typeof inFile === "object" && !Array.isArray(inFile);
  if (!isObject) problems.push(`${CONTEXT_KEY}: given ${told(inFile)}; expected an object in cdk.json`);
  const given: Record<string, unknown> = isObject ? { ...inFile } : {};

  for (const key of Object.keys(given).filter((name) => !names.includes(name))) {
    problems.push(`${cut(key)}: unknown key; did you mean ${nearest(key, names).name}?`);
  }
  for (const [key, value] of Object.entries(node.getAllContext())) {
    if (names.includes(key)) given[key] = value;
    // Other context may be anyone's; only what is nearly a key of ours is a slip.
    else if (nearest(key, names).distance <= Math.min(2, key.length / 3)) {
      problems.push(`${key}: unknown key after -c; did you mean ${nearest(key, names).name}?`);
    }
  }
  return given;
}
