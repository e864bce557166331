/**
 * The API keys of a configuration. The rest of the stack knows only this list, whether the configuration has `keys` or not.
 */
import { Construct } from "constructs";
import { isObject } from "../../core/domain/json.ts";
import { MAX_KEYS } from "../../core/domain/limits.ts";
import { KEY_NAME, KEY_NAME_RULE } from "../../core/names/patterns.ts";
import { defaultLatenessSeconds, schedulePeriodSeconds } from "../../core/schedule/schedule-period.ts";
import { CONSTRUCT_KEYS, type Parsed, STACK_KEYS } from "./config-keys.ts";
import { describeSyntaxError, findRepeatedNames } from "./json-syntax.ts";
import { parseValues, requirements, shownName, unknownKey } from "./parse-values.ts";
import { describeValue } from "./validation-messages.ts";

/** The function's own maximum for its lateness limit. */
const MAX_LATENESS_MINUTES = 366 * 24 * 60;

/** The fields that have a default for all keys at the top level. */
const SHARED_FIELDS = ["schedule", "timezone", "latenessMinutes", "readsPerTenSeconds"] as const;
/** The fields that only a key has, if there are several. */
export const OWN_FIELDS = ["secretName", "secretKmsKeyArn", "accounts", "accountsOwner", "accountsType"] as const;
export const API_KEY_FIELDS = [...OWN_FIELDS, ...SHARED_FIELDS] as const;

type Fields = Pick<Parsed, (typeof API_KEY_FIELDS)[number]>;

/** An API key with the defaults of its fields. */
export type ApiKeyConfig = Readonly<Omit<Fields, "latenessMinutes"> & { latenessMinutes: number }> & {
  /** `undefined`: the only key of a configuration without `keys`. */
  readonly name: string | undefined;
};

/** Returns whether the keys have names, that is, whether the configuration has `keys`. */
export const hasKeyNames = (keys: readonly ApiKeyConfig[]): boolean => keys.some(({ name }) => name !== undefined);

/** Returns the longest lateness limit of the keys, in minutes. */
export const longestLateness = (keys: readonly ApiKeyConfig[]): number =>
  Math.max(...keys.map(({ latenessMinutes }) => latenessMinutes));

/** Returns an entry for each key with a name. */
export function byName<T>(keys: readonly ApiKeyConfig[], toValue: (key: ApiKeyConfig) => T): Record<string, T> {
  return Object.fromEntries(keys.flatMap((key) => (key.name === undefined ? [] : [[key.name, toValue(key)]])));
}

type Given = Readonly<Record<string, unknown>>;

/**
 * Returns the keys in alphabetical order. Without `keys`, it is one, whose fields are those at the top level. They are valid if
 * nothing is added to `problems`.
 * @param given the properties as they were given
 * @param parsed the properties except `keys`
 */
export function parseApiKeys(given: Given, parsed: Partial<Parsed>, problems: string[]): ApiKeyConfig[] {
  const { keys } = given;
  if (keys === undefined) return [completeKey(undefined, pick(parsed, API_KEY_FIELDS), given, problems)];
  if (!isObject(keys)) {
    problems.push(...describeInvalidKeys(keys));
    return [];
  }
  const names = Object.keys(keys).sort();
  checkNames(names, problems);
  return names.flatMap((name) => {
    const { [name]: fields } = keys;
    // TypeScript takes a secret for the fields of a key, because both have `secretName`.
    const isConstruct = Construct.isConstruct(fields);
    if (isObject(fields) && !isConstruct) return [parseNamedKey(name, fields, parsed, problems)];
    const expected = isConstruct ? "an object such as { secret }" : 'an object such as {"secretName": "prod/cdp-key"}';
    problems.push(`keys.${shownName(name)}: given ${typeOf(fields)}; expected ${expected}`);
    return [];
  });
}

function parseNamedKey(name: string, given: Given, parsed: Partial<Parsed>, problems: string[]): ApiKeyConfig {
  const path = pathOf(name);
  for (const field of Object.keys(given).filter((field) => !isOneOf(API_KEY_FIELDS, field))) {
    const problem = Object.hasOwn({ ...STACK_KEYS, ...CONSTRUCT_KEYS }, field)
      ? `${path}${field}: given for one key; expected beside "keys", because it applies to the whole stack`
      : unknownKey(field, API_KEY_FIELDS, { path });
    problems.push(problem);
  }
  // A shared limit is divided later.
  const shared = SHARED_FIELDS.filter((field) => field !== "readsPerTenSeconds" || parsed.sharedReadLimit !== true);
  const inherited = shared.filter((field) => given[field] === undefined);
  const fields = {
    ...parseValues(pick(CONSTRUCT_KEYS, API_KEY_FIELDS), given, problems, path),
    ...pick(parsed, inherited),
  };
  return completeKey(name, fields, given, problems);
}

/** Checks the fields of a key in combination, and adds the default of its lateness limit. */
function completeKey(
  name: string | undefined,
  fields: Partial<Fields>,
  given: Given,
  problems: string[],
): ApiKeyConfig {
  const requires = requirements(fields, problems, pathOf(name));
  const { accounts = "all" } = given;
  requires("accountsOwner", accounts === "all", "with a list of accounts", 'accounts "all"');
  requires("accountsType", accounts === "all", "with a list of accounts", 'accounts "all"');
  requires("secretKmsKeyArn", given["secretName"] !== undefined, "without secretName", "secretName");
  return { ...(fields as Fields), name, latenessMinutes: parseLateness(name, fields, given, problems) };
}

function parseLateness(name: string | undefined, fields: Partial<Fields>, given: Given, problems: string[]): number {
  const { schedule, timezone = "UTC", latenessMinutes } = fields;
  const isInherited = given["latenessMinutes"] === undefined;
  const field = `${isInherited ? "" : pathOf(name)}latenessMinutes`;
  if (
    schedule === undefined &&
    latenessMinutes !== undefined &&
    latenessMinutes <= MAX_LATENESS_MINUTES &&
    !isInherited
  ) {
    problems.push(`${field}: given ${latenessMinutes}; not checked, because its maximum is one period of the schedule`);
  }
  // The period of an invalid schedule is unknown. Without a valid time zone, that in UTC is close enough.
  const period = schedule === undefined ? Number.POSITIVE_INFINITY : schedulePeriodSeconds(schedule, timezone) / 60;
  const max = Math.min(period, MAX_LATENESS_MINUTES);
  const minutes = latenessMinutes ?? (schedule === undefined ? max : defaultLatenessSeconds(schedule, timezone) / 60);
  if (minutes > max) {
    const limit = max === period ? `the shortest period of ${schedule}` : "a year";
    const where = isInherited ? ` for keys.${name}` : "";
    problems.push(`${field}: given ${minutes}; expected at most ${max}${where}, ${limit}`);
  }
  return minutes;
}

function checkNames(names: readonly string[], problems: string[]): void {
  if (names.length < 1 || names.length > MAX_KEYS)
    problems.push(`keys: given ${names.length} keys; expected ${CONSTRUCT_KEYS.keys.description}`);
  for (const name of names.filter((given) => !KEY_NAME.test(given)))
    problems.push(`keys.${shownName(name)}: not the name of a key; expected ${KEY_NAME_RULE}`);
  // The names of outputs have no hyphens.
  const [first, second] = names.filter((name) => names.some((other) => name !== other && plain(name) === plain(other)));
  if (first !== undefined && second !== undefined)
    problems.push(
      `keys: given ${shownName(first)} and ${shownName(second)}; expected names that differ not only in hyphens`,
    );
}

/** Returns what messages put before the field of a key. */
export const pathOf = (name: string | undefined): string => (name === undefined ? "" : `keys.${shownName(name)}.`);

const plain = (name: string) => name.replaceAll("-", "");

/** Returns the problems of what was given instead of an object. Of text, they say where its JSON is wrong. */
function describeInvalidKeys(given: unknown): readonly string[] {
  const problem = (what: string) => [`keys: given ${what}; expected ${CONSTRUCT_KEYS.keys.description}`];
  if (typeof given !== "string") return problem(typeOf(given));
  const error = describeSyntaxError(given);
  if (error !== undefined) {
    // Of {"emea": {}}, a shell leaves {emea: {}}.
    const isUnquoted = given.includes("{") && !given.includes('"');
    const hint = isUnquoted ? " (a shell removes double quotes, unless the text is in single quotes)" : "";
    return problem(`text that is not JSON: ${error}${hint}`);
  }
  const repeated = findRepeatedNames(given);
  if (repeated.length === 0) return problem("text that is JSON, but not an object");
  return repeated.map((path) => {
    const names = ["keys", ...path.map(shownName)];
    return `${names.slice(0, -1).join(".")}: given ${names.at(-1)} more than once; expected each name once`;
  });
}

/** Describes a value without its content, because a key file may have been given instead of the keys' configuration. */
function typeOf(given: unknown): string {
  if (typeof given === "string") return "text";
  if (Construct.isConstruct(given)) return describeValue(given);
  return Array.isArray(given) ? "a list" : given === null ? "null" : `a ${typeof given}`;
}

const isOneOf = (names: readonly string[], name: string) => names.includes(name);

function pick<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}
