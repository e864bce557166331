import type { z } from "zod";
import { singleLine } from "../../core/domain/untrusted-text.ts";
import { nearestName } from "../../core/names/nearest-name.ts";
import { defaultLatenessSeconds, schedulePeriodSeconds } from "../../core/schedule/schedule-period.ts";
import { CONSTRUCT_KEYS } from "./config-keys.ts";
import type { BalanceSnapshotsProps } from "./props.ts";
import { findOtherRegions } from "./regions.ts";
import { describeInvalidValue, MAX_SHOWN_LENGTH } from "./validation-messages.ts";

type Parsed = { [K in keyof typeof CONSTRUCT_KEYS]: z.infer<(typeof CONSTRUCT_KEYS)[K]> };

/** The validated properties with their defaults. */
export type Config = Readonly<Omit<Parsed, "latenessMinutes"> & { latenessMinutes: number }>;

/** The function's own maximum for its lateness limit. */
const MAX_LATENESS_MINUTES = 366 * 24 * 60;

/** An invalid configuration. The message lists every problem, one per line. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  /** @param subject what is not valid */
  constructor(subject: string, problems: readonly string[]) {
    super([`${subject} not valid:`, ...problems.map((problem) => `  ${problem}`)].join("\n"));
  }
}

/**
 * Validates the properties of the construct.
 * @param stackRegion the region of its stack; `undefined`: not known at synthesis
 * @throws {ConfigError} naming every invalid property, the given value and the expected value
 */
export function validateProps(props: BalanceSnapshotsProps, stackRegion?: string): Config {
  const problems: string[] = [];
  const config = parseProps(props, problems, stackRegion);
  if (problems.length > 0) throw new ConfigError("The properties of BalanceSnapshots are", problems);
  return config;
}

/** Returns the properties with their defaults, which are valid if nothing is added to `problems`. */
export function parseProps(given: object, problems: string[], stackRegion?: string): Config {
  const values = { ...given } as Record<string, unknown>;
  const parsed = parseKeys(CONSTRUCT_KEYS, values, problems);
  for (const key of Object.keys(values).filter((name) => !Object.hasOwn(CONSTRUCT_KEYS, name)))
    problems.push(unknownKey(key, Object.keys(CONSTRUCT_KEYS)));
  problems.push(...findConflicts(values, parsed), ...findOtherRegions(parsed, stackRegion));
  return { ...(parsed as Parsed), latenessMinutes: parseLateness(parsed, problems) };
}

/** Parses one value per schema. An invalid value is left out and added to `problems`. */
export function parseKeys<S extends Readonly<Record<string, z.ZodType>>>(
  schemas: S,
  given: Readonly<Record<string, unknown>>,
  problems: string[],
): Partial<{ [K in keyof S]: z.infer<S[K]> }> {
  const parsed = {};
  for (const [key, schema] of Object.entries(schemas)) {
    const result = schema.safeParse(given[key]);
    if (result.success) Object.assign(parsed, { [key]: result.data });
    else problems.push(describeInvalidValue(key, given[key], result.error, schema.description ?? ""));
  }
  return parsed;
}

/** A misspelled key is a problem, because it would have no effect. */
export function unknownKey(key: string, names: readonly string[], where = ""): string {
  const shown = singleLine(key, MAX_SHOWN_LENGTH);
  return `${shown}: unknown key${where}; did you mean ${nearestName(key, names).name}?`;
}

/** Returns a problem for each key that has no effect in combination with the others. */
function findConflicts(given: Readonly<Record<string, unknown>>, parsed: Partial<Parsed>): string[] {
  const problems: string[] = [];
  const requires = (key: keyof Parsed, isMet: boolean, without: string, expected: string) => {
    // An invalid value is already among the problems.
    if (parsed[key] !== undefined && !isMet) problems.push(`${key}: given ${without}; expected only with ${expected}`);
  };
  const { accounts = "all", backup, anchor, vpcId, subnetIds, secretName } = given;
  requires("accountsOwner", accounts === "all", "with a list of accounts", 'accounts "all"');
  requires("accountsType", accounts === "all", "with a list of accounts", 'accounts "all"');
  requires("backupRetentionDays", backup !== undefined, "without backup", "backup daily, weekly or monthly");
  requires("anchorRetentionDays", anchor !== undefined, "without anchor", "anchor compliance or governance");
  requires("secretKmsKeyArn", secretName !== undefined, "without secretName", "secretName");
  const hasNoEgress = parsed.staticEgress === false;
  requires("availabilityZone", !hasNoEgress, "without staticEgress", "staticEgress true");
  requires("vpcId", subnetIds !== undefined, "without subnetIds", "subnetIds");
  requires("subnetIds", vpcId !== undefined, "without vpcId", "vpcId");
  requires("vpcId", parsed.staticEgress !== true, "with staticEgress, which creates a VPC", "staticEgress false");
  const isSilent = parsed.alarms !== undefined && parsed.alarms !== "on";
  requires("alarmTopicArn", !isSilent, "without alarms", 'alarms "on"');
  requires("alarmEmails", !isSilent, "without alarms", 'alarms "on"');
  if (parsed.noticeAlarm && isSilent)
    problems.push('noticeAlarm: given without alarms; expected only with alarms "on"');
  const owners = Object.keys(parsed.explainedMoves ?? {}).flatMap((asset) => asset.match(/^account_[^/]+/) ?? []);
  for (const owner of owners.filter((id) => parsed.accounts !== "all" && parsed.accounts?.includes(id) === false))
    problems.push(`explainedMoves: given for ${owner}; expected one of the configured accounts`);
  if (parsed.alarmEmails !== undefined && parsed.alarmTopicArn !== undefined)
    problems.push("alarmEmails: given with alarmTopicArn; subscribe the addresses to that topic instead");
  return problems;
}

function parseLateness(parsed: Partial<Parsed>, problems: string[]): number {
  // The period of an invalid schedule is unknown, and the schedule is already among the problems.
  const { schedule, timezone } = parsed;
  const isValid = schedule !== undefined && timezone !== undefined;
  const period = isValid ? schedulePeriodSeconds(schedule, timezone) / 60 : Number.POSITIVE_INFINITY;
  const max = Math.min(period, MAX_LATENESS_MINUTES);
  const minutes = parsed.latenessMinutes ?? (isValid ? defaultLatenessSeconds(schedule, timezone) / 60 : max);
  if (minutes > max) {
    const limit = max === period ? `the shortest period of ${schedule}` : "a year";
    problems.push(`latenessMinutes: given ${minutes}; expected at most ${max}, ${limit}`);
  }
  return minutes;
}
