import { API_READ_LIMIT } from "../../core/domain/limits.ts";
import { type ApiKeyConfig, OWN_FIELDS, pathOf } from "./api-keys.ts";
import { MAX_ACCOUNTS, type Parsed } from "./config-keys.ts";

/** Returns a problem for each conflict between keys, or between the keys and the top level. */
export function findApiKeyConflicts(keys: readonly ApiKeyConfig[], parsed: Partial<Parsed>): string[] {
  const [first] = keys;
  if (first === undefined) return [];
  if (first.name === undefined) {
    return parsed.sharedReadLimit === true ? ["sharedReadLimit: given without keys; expected only with keys"] : [];
  }
  const withKeys = OWN_FIELDS.filter((field) => parsed[field] !== undefined && parsed[field] !== "all");
  return [
    ...withKeys.map((field) => `${field}: given with keys; expected in a key, such as ${pathOf(first.name)}${field}`),
    ...repeatedAccounts(keys),
    ...tooManyAccounts(keys),
    ...(parsed.sharedReadLimit === true ? [] : repeatedSecrets(keys)),
  ];
}

/** An account that two keys recorded would change its key with each run. */
function repeatedAccounts(keys: readonly ApiKeyConfig[]): string[] {
  const owners = new Map<string, string | undefined>();
  return keys.flatMap(({ name, accounts }) =>
    accountsOf(accounts).flatMap((id) => {
      const owner = owners.get(id);
      if (owner === undefined) owners.set(id, name);
      return owner === undefined || owner === name
        ? []
        : [`${pathOf(name)}accounts: given ${id}, which is in ${pathOf(owner)}accounts; expected it in one key`];
    }),
  );
}

function tooManyAccounts(keys: readonly ApiKeyConfig[]): string[] {
  const count = keys.flatMap(({ accounts }) => accountsOf(accounts)).length;
  return count <= MAX_ACCOUNTS
    ? []
    : [`keys: given ${count} accounts; expected at most ${MAX_ACCOUNTS} in all keys together`];
}

/** Two names for one key of the API share its limit, whatever the API counts. */
function repeatedSecrets(keys: readonly ApiKeyConfig[]): string[] {
  return keys.flatMap(({ name, secretName }, i) => {
    const other = keys.slice(0, i).find((key) => isSameSecret(key.secretName, secretName));
    if (other === undefined) return [];
    const isMixed = secretName?.startsWith("arn:") !== other.secretName?.startsWith("arn:");
    const orArns = isMixed ? ", or two full ARNs if the secrets are in different AWS accounts" : "";
    const expected = `another secret, or sharedReadLimit true${orArns}`;
    return [`${pathOf(name)}secretName: given the secret of keys.${other.name}; expected ${expected}`];
  });
}

/** Returns whether two names or ARNs are of one secret. A name alone may be in the account of any ARN. */
export function isSameSecret(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  const [a, b] = [parseSecret(one), parseSecret(other)];
  return a.name === b.name && (a.owner === undefined || b.owner === undefined || a.owner === b.owner);
}

/**
 * Returns the name of a secret, and the part of its ARN before the name. The six random characters after it are left out: they
 * differ only between a deleted secret and a new one with its name.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
 */
function parseSecret(given: string): { readonly owner?: string | undefined; readonly name: string } {
  const [, owner, name] = /^(arn:.*:secret:)(.+)-[A-Za-z0-9]{6}$/.exec(given) ?? [];
  return { owner, name: name ?? given };
}

/**
 * Divides the limit that all keys share. Those that set none get equal parts of the rest.
 * @returns the keys, each with its limit
 */
export function divideReadLimit(
  keys: readonly ApiKeyConfig[],
  { readsPerTenSeconds: total = API_READ_LIMIT, sharedReadLimit }: Partial<Parsed>,
  problems: string[],
): readonly ApiKeyConfig[] {
  if (sharedReadLimit !== true) return keys;
  const withLimit = keys.filter(({ readsPerTenSeconds }) => readsPerTenSeconds !== undefined);
  const given = withLimit.reduce((sum, { readsPerTenSeconds = 0 }) => sum + readsPerTenSeconds, 0);
  const others = keys.filter((key) => !withLimit.includes(key));
  const max = total - others.length;
  if (total < keys.length) {
    const expected = `at least ${keys.length}, one for each key, because they share it (sharedReadLimit)`;
    problems.push(`readsPerTenSeconds: given ${total} for ${keys.length} keys; expected ${expected}`);
  } else if (given > max) {
    const rest = others.length === 0 ? "" : `, which leaves one for each key without its own (${namesOf(others)})`;
    problems.push(
      `keys: given ${given} as the sum of readsPerTenSeconds of ${namesOf(withLimit)}; expected at most ${max} of the ` +
        `${total} that all keys share (sharedReadLimit)${rest}`,
    );
  }
  const part = Math.floor((total - given) / others.length);
  return keys.map((key) => ({ ...key, readsPerTenSeconds: key.readsPerTenSeconds ?? part }));
}

const namesOf = (keys: readonly ApiKeyConfig[]) => keys.map(({ name = "" }) => name).join(", ");

const accountsOf = (accounts: "all" | readonly string[] | undefined) => (Array.isArray(accounts) ? accounts : []);
