import { divideReadLimit, findApiKeyConflicts } from "./api-key-conflicts.ts";
import { API_KEY_FIELDS, type ApiKeyConfig, parseApiKeys } from "./api-keys.ts";
import { ConfigError } from "./config-error.ts";
import { CONSTRUCT_KEYS, type Parsed } from "./config-keys.ts";
import { parseValues, requirements, unknownKey } from "./parse-values.ts";
import type { ConfigurationProps } from "./props.ts";
import { findOtherRegions } from "./regions.ts";
import { RESOURCE_NAMES } from "./resources.ts";

/** The validated properties with their defaults. What belongs to an API key is in `apiKeys` only. */
export type Config = Readonly<
  Omit<Parsed, (typeof API_KEY_FIELDS)[number] | "keys" | "sharedReadLimit"> & {
    /** In alphabetical order. Without `keys`, it is one, which has no name. */
    apiKeys: readonly ApiKeyConfig[];
  }
>;

/**
 * Validates the configuration among the properties of the construct.
 * @param stackRegion the region of its stack; `undefined`: not known at synthesis
 * @param others problems of the other properties
 * @throws {ConfigError} naming every invalid property, the given value and the expected value
 */
export function validateProps(props: ConfigurationProps, stackRegion?: string, others: readonly string[] = []): Config {
  const problems: string[] = [];
  const config = parseProps(props, problems, stackRegion);
  problems.push(...others);
  if (problems.length > 0) throw new ConfigError("The properties of BalanceSnapshots are", problems);
  return config;
}

/** Returns the properties with their defaults, which are valid if nothing is added to `problems`. */
export function parseProps(given: object, problems: string[], stackRegion?: string): Config {
  const values = { ...given } as Record<string, unknown>;
  const { keys: _, ...schemas } = CONSTRUCT_KEYS;
  const parsed = parseValues(schemas, values, problems);
  // Of a program: unknown keys of the context are not among the given ones.
  for (const key of Object.keys(values).filter((name) => !Object.hasOwn(CONSTRUCT_KEYS, name)))
    problems.push(unknownKey(key, [...Object.keys(CONSTRUCT_KEYS), ...RESOURCE_NAMES]));
  const apiKeys = divideReadLimit(parseApiKeys(values, parsed, problems), parsed, problems);
  problems.push(...findApiKeyConflicts(apiKeys, parsed), ...findConflicts(values, parsed, apiKeys));
  problems.push(...findOtherRegions({ ...parsed, apiKeys }, stackRegion));
  const common = Object.entries(parsed).filter(([key]) => key !== "sharedReadLimit" && !isApiKeyField(key));
  return { ...(Object.fromEntries(common) as Omit<Config, "apiKeys">), apiKeys };
}

/** Returns a problem for each key that has no effect in combination with the others. */
function findConflicts(
  given: Readonly<Record<string, unknown>>,
  parsed: Partial<Parsed>,
  apiKeys: readonly ApiKeyConfig[],
): string[] {
  const problems: string[] = [];
  const requires = requirements(parsed, problems);
  const { backup, anchor, vpcId, subnetIds } = given;
  requires("backupRetentionDays", backup !== undefined, "without backup", "backup daily, weekly or monthly");
  requires("anchorRetentionDays", anchor !== undefined, "without anchor", "anchor compliance or governance");
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
  const explained = Object.keys(parsed.explainedMoves ?? {}).flatMap((asset) => asset.match(/^account_[^/]+/) ?? []);
  const configured = configuredAccounts(apiKeys);
  for (const id of explained.filter((account) => configured?.has(account) === false))
    problems.push(`explainedMoves: given for ${id}; expected one of the configured accounts`);
  if (parsed.alarmEmails !== undefined && parsed.alarmTopicArn !== undefined)
    problems.push("alarmEmails: given with alarmTopicArn; subscribe the addresses to that topic instead");
  return problems;
}

/** Returns the accounts of all keys; `undefined` if a key has no valid list. */
function configuredAccounts(apiKeys: readonly ApiKeyConfig[]): Set<string> | undefined {
  const lists = apiKeys.map(({ accounts }) => accounts);
  return lists.every((list) => Array.isArray(list)) ? new Set(lists.flat()) : undefined;
}

const isApiKeyField = (key: string) => API_KEY_FIELDS.some((field) => field === key);
