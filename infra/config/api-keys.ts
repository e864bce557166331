/**
 * The API keys of a configuration. The rest of the stack knows only this list, whether the configuration has `keys` or not.
 */
import { singleLine } from "../../core/domain/untrusted-text.ts";
import { KEY_NAME } from "../../core/names/patterns.ts";
import { defaultLatenessSeconds, schedulePeriodSeconds } from "../../core/schedule/schedule-period.ts";
import { CONSTRUCT_KEYS, isObject, type Parsed } from "./config-keys.ts";
import { parseKeys, requirements, unknownKey } from "./parse-keys.ts";
import { MAX_SHOWN_LENGTH } from "./validation-messages.ts";

const MAX_KEYS = 20;

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
    problems.push(
      `keys: given ${typeOf(keys)}${typeof keys === "string" ? " that is not a JSON object" : ""}; expected ${CONSTRUCT_KEYS.keys.description}`,
    );
    return [];
  }
  const names = Object.keys(keys).sort();
  checkNames(names, problems);
  return names.flatMap((name) => {
    const { [name]: fields } = keys;
    if (isObject(fields)) return [parseNamedKey(name, fields, parsed, problems)];
    const expected = 'an object such as {"secretName": "prod/cdp-key"}';
    problems.push(`keys.${shown(name)}: given ${typeOf(fields)}; expected ${expected}`);
    return [];
  });
}

function parseNamedKey(name: string, given: Given, parsed: Partial<Parsed>, problems: string[]): ApiKeyConfig {
  const path = pathOf(name);
  for (const field of Object.keys(given).filter((field) => !isOneOf(API_KEY_FIELDS, field))) {
    const problem = Object.hasOwn(CONSTRUCT_KEYS, field)
      ? `${path}${field}: given for one key; expected beside "keys", because it applies to all of them`
      : unknownKey(field, API_KEY_FIELDS, { path });
    problems.push(problem);
  }
  // A shared limit is divided later.
  const shared = SHARED_FIELDS.filter((field) => field !== "readsPerTenSeconds" || parsed.sharedReadLimit !== true);
  const inherited = shared.filter((field) => given[field] === undefined);
  const fields = {
    ...parseKeys(pick(CONSTRUCT_KEYS, API_KEY_FIELDS), given, problems, path),
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
  const { schedule, timezone, latenessMinutes } = fields;
  // The period of an invalid schedule is unknown, and the schedule is already among the problems.
  const isValid = schedule !== undefined && timezone !== undefined;
  const period = isValid ? schedulePeriodSeconds(schedule, timezone) / 60 : Number.POSITIVE_INFINITY;
  const max = Math.min(period, MAX_LATENESS_MINUTES);
  const minutes = latenessMinutes ?? (isValid ? defaultLatenessSeconds(schedule, timezone) / 60 : max);
  if (minutes > max) {
    const isInherited = given["latenessMinutes"] === undefined;
    const limit = max === period ? `the shortest period of ${schedule}` : "a year";
    const where = isInherited ? ` for keys.${name}` : "";
    const field = `${isInherited ? "" : pathOf(name)}latenessMinutes`;
    problems.push(`${field}: given ${minutes}; expected at most ${max}${where}, ${limit}`);
  }
  return minutes;
}

function checkNames(names: readonly string[], problems: string[]): void {
  if (names.length < 1 || names.length > MAX_KEYS)
    problems.push(`keys: given ${names.length}; expected ${CONSTRUCT_KEYS.keys.description}`);
  const expected = "as its name a lowercase letter, then up to 19 lowercase letters, digits and hyphens";
  for (const name of names.filter((given) => !KEY_NAME.test(given)))
    problems.push(`keys.${shown(name)}: expected ${expected}`);
  // The names of outputs have no hyphens.
  const [first, second] = names.filter((name) => names.some((other) => name !== other && plain(name) === plain(other)));
  if (first !== undefined && second !== undefined)
    problems.push(`keys: given ${shown(first)} and ${shown(second)}; expected names that differ not only in hyphens`);
}

/** Returns what messages put before the field of a key. */
export const pathOf = (name: string | undefined): string => (name === undefined ? "" : `keys.${shown(name)}.`);

const plain = (name: string) => name.replaceAll("-", "");

const shown = (name: string) => singleLine(name, MAX_SHOWN_LENGTH);

/** Describes a value without its content, because a key file may have been given instead of the keys' configuration. */
function typeOf(given: unknown): string {
  if (typeof given === "string") return "text";
  return Array.isArray(given) ? "a list" : given === null ? "null" : `a ${typeof given}`;
}

const isOneOf = (names: readonly string[], name: string) => names.includes(name);

function pick<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}
