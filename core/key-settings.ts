import { isObject } from "./domain/json.ts";
import { MAX_KEYS } from "./domain/limits.ts";
import { describeValue } from "./domain/untrusted-text.ts";
import { ACCOUNT_ID, KEY_NAME, KEY_NAME_RULE } from "./names/patterns.ts";

/** The accounts to record: ids, each once, or `"all"` for every account that the key can read. */
export type ConfiguredAccounts = readonly string[] | "all";

/** What the configuration file says about one of several API keys. A setting that is `undefined` is that of the environment. */
export interface KeySettings {
  readonly accounts: ConfiguredAccounts;
  readonly accountsOwner: string | undefined;
  readonly accountsType: string | undefined;
  readonly readsPerTenSeconds: number | undefined;
  readonly schedule: string | undefined;
  readonly timezone: string | undefined;
  readonly latenessLimitSeconds: number | undefined;
}

/** Limits of the settings that a key and the environment have in common. */
export const MAX_READS_PER_TEN_SECONDS = 100_000;
export const MAX_LATENESS_SECONDS = 366 * 86_400;

const FIELDS = [
  ...["accounts", "accountsOwner", "accountsType", "readsPerTenSeconds"],
  ...["schedule", "timezone", "latenessLimitSeconds"],
];

/** Receives a problem. @param field its path in the file, such as `keys.emea.schedule` */
export type ReportField = (field: string, problem: string) => void;

/** Returns the settings of each key by its name, in the order of the names; `undefined` without `keys`. */
export function parseKeys(given: unknown, report: ReportField): ReadonlyMap<string, KeySettings> | undefined {
  if (given === undefined) return undefined;
  const names = isObject(given) ? Object.keys(given).sort() : [];
  if (!isObject(given) || names.length === 0 || names.length > MAX_KEYS) {
    const what = isObject(given) ? `has ${names.length} names` : "is not an object";
    report("keys", `${what}. Expected an object with the names of 1 to ${MAX_KEYS} keys.`);
    return new Map();
  }
  const invalid = names.filter((name) => !KEY_NAME.test(name));
  for (const name of invalid) report("keys", `has the name ${describeValue(name, 40)}. Expected ${KEY_NAME_RULE}.`);
  const valid = names.filter((name) => KEY_NAME.test(name));
  const keys = new Map(valid.map((name) => [name, parseKey(given[name], `keys.${name}`, report)]));
  reportSharedAccounts(keys, report);
  return keys;
}

function parseKey(given: unknown, path: string, report: ReportField): KeySettings {
  // A text is not shown: it may be a key in the wrong place.
  if (!isObject(given)) report(path, "is not an object. Expected the settings of the key.");
  const fields = isObject(given) ? given : {};
  // The names of unknown fields are not shown either.
  if (Object.keys(fields).some((name) => !FIELDS.includes(name))) {
    report(path, `has fields other than ${FIELDS.slice(0, -1).join(", ")} and ${FIELDS.at(-1)}. Remove them.`);
  }
  const text = (name: string): string | undefined => {
    const value = fields[name];
    if (value === undefined || (typeof value === "string" && value.trim() !== "")) return value?.trim();
    report(`${path}.${name}`, `is ${describeValue(value)}. Expected a text.`);
    return undefined;
  };
  const integer = (name: string, max: number): number | undefined => {
    const value = fields[name];
    if (value === undefined || (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max)) {
      return value as number | undefined;
    }
    report(`${path}.${name}`, `is ${describeValue(value)}. Expected a whole number from 1 to ${max}.`);
    return undefined;
  };
  const accounts = parseAccounts(fields["accounts"] ?? "all", (problem) => report(`${path}.accounts`, problem));
  const settings = {
    ...{ accounts, accountsOwner: text("accountsOwner"), accountsType: text("accountsType") },
    readsPerTenSeconds: integer("readsPerTenSeconds", MAX_READS_PER_TEN_SECONDS),
    ...{ schedule: text("schedule"), timezone: text("timezone") },
    latenessLimitSeconds: integer("latenessLimitSeconds", MAX_LATENESS_SECONDS),
  };
  for (const filter of ["accountsOwner", "accountsType"] as const) {
    if (accounts !== "all" && settings[filter] !== undefined) {
      const problem = `filters the API's list of accounts, but ${path}.accounts lists accounts. Use only one of them.`;
      report(`${path}.${filter}`, problem);
    }
  }
  return settings;
}

/** An account belongs to one key: its snapshots, its gaps and its end would otherwise depend on which run comes first. */
function reportSharedAccounts(keys: ReadonlyMap<string, KeySettings>, report: ReportField): void {
  const keyOf = new Map<string, string>();
  for (const [name, { accounts }] of keys) {
    const ids = accounts === "all" ? [] : accounts;
    const shared = ids.filter((id) => keyOf.has(id));
    const [first = ""] = shared;
    if (shared.length > 0) {
      const example = `such as ${first} of ${keyOf.get(first)}`;
      report(
        `keys.${name}.accounts`,
        `has accounts of other keys (${shared.length}), ${example}. Remove them from one.`,
      );
    }
    for (const id of ids) keyOf.set(id, name);
  }
}

/** Parses a list of accounts. Adds what is wrong with it. */
export function parseAccounts(given: unknown, report: (problem: string) => void): ConfiguredAccounts {
  if (given === "all") return "all";
  if (!Array.isArray(given) || given.length === 0) {
    report('is not a list with at least one account id. Expected such a list, or "all".');
    return [];
  }
  const invalid = given.filter((id) => typeof id !== "string" || !ACCOUNT_ID.test(id));
  if (invalid.length > 0) {
    const examples = invalid.slice(0, 3).map((id) => describeValue(id));
    report(
      `has entries that are not account ids (${invalid.length}), such as ${examples.join(", ")}. Correct or remove them.`,
    );
  }
  return [...new Set<string>(given)];
}
