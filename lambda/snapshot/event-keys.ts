import { describeValue } from "../../core/domain/untrusted-text.ts";
import { nearestName } from "../../core/names/nearest-name.ts";
import { ACCOUNT_ID, KEY_NAME } from "../../core/names/patterns.ts";
import type { RunRequest } from "../../core/snapshot/run.ts";

/** A configured key, and the accounts of a run for which the event names none. If they are a list, it may name no others. */
export interface KeyAccounts {
  /** `undefined`: the only key, which has no name. */
  readonly key?: string | undefined;
  readonly accounts: RunRequest["accounts"];
}

/**
 * Returns the keys that an event selects, each with the accounts of its run: the key that the event names, or all keys, or those
 * that list the event's accounts. Adds what is wrong with the event to `problems`.
 * @param configured at least one; `undefined`: unknown, so every name and every account may be right
 */
export function selectKeys(
  { key, accounts }: { readonly key?: unknown; readonly accounts?: unknown },
  configured: readonly KeyAccounts[] | undefined,
  problems: string[],
): readonly KeyAccounts[] {
  const candidates = candidatesFor(key, configured, problems);
  if (accounts === undefined) return candidates;
  if (!Array.isArray(accounts) || accounts.length === 0) {
    problems.push(
      `The event's accounts is ${describeValue(accounts)}. Expected a list of account ids. Omit it to record all accounts.`,
    );
    return [];
  }
  const ids = [...new Set<unknown>(accounts)].filter((id) => {
    const isId = typeof id === "string" && ACCOUNT_ID.test(id);
    if (!isId) problems.push(notAnId(id));
    return isId;
  });
  return divide(ids as string[], candidates, configured ?? candidates, problems);
}

function notAnId(id: unknown): string {
  return (
    `The event's accounts contain ${describeValue(id)}, which is not a valid account id. ` +
    "Expected ids such as account_af2937b0-9846-…."
  );
}

function candidatesFor(
  key: unknown,
  configured: readonly KeyAccounts[] | undefined,
  problems: string[],
): readonly KeyAccounts[] {
  if (key === undefined) return configured ?? [{ accounts: "all" }];
  if (configured === undefined) {
    if (typeof key === "string" && KEY_NAME.test(key)) return [{ key, accounts: "all" }];
    problems.push(`The event's key is ${describeValue(key)}, which is not the name of a key.`);
    return [];
  }
  const names = configured.flatMap((one) => one.key ?? []);
  const found = configured.filter((one) => one.key === key);
  if (found.length > 0) return found;
  const given = describeValue(key);
  if (names.length === 0) {
    problems.push(`The event's key is ${given}, but the configuration has one key without a name. Omit it.`);
  } else {
    const guess = typeof key === "string" ? ` Did you mean "${nearestName(key.slice(0, MAX_NAME), names).name}"?` : "";
    problems.push(`The event's key is ${given}. Expected the name of a key: ${names.join(", ")}.${guess}`);
  }
  return [];
}

/** Longer than the name of any key. */
const MAX_NAME = 40;

/**
 * Returns the keys with those of an event's accounts that are theirs. An account that the configuration lists for no key is that of
 * the key that the event selects, if it has all accounts.
 */
function divide(
  ids: readonly string[],
  candidates: readonly KeyAccounts[],
  configured: readonly KeyAccounts[],
  problems: string[],
): KeyAccounts[] {
  if (candidates.length === 0) return [];
  const listed = new Map(
    configured.flatMap((one) => (one.accounts === "all" ? [] : one.accounts.map((id) => [id, one]))),
  );
  const openTo = candidates.filter(({ accounts }) => accounts === "all");
  const [unlisted] = candidates.length === 1 ? openTo : [];
  const keyOf = (id: string) => listed.get(id) ?? unlisted;
  for (const id of ids) {
    const found = keyOf(id);
    if (found !== undefined && candidates.includes(found)) continue;
    const expected =
      found !== undefined
        ? `which the configuration lists for another key. Name that one in the event: {"key": "${found.key}", …}.`
        : openTo.length === 0
          ? "which is not one of the configured accounts."
          : `which no key lists. Name its key in the event, too: {"key": "${openTo[0]?.key}", …}.`;
    problems.push(`The event's accounts contain ${id}, ${expected}`);
  }
  return candidates
    .map((one) => ({ key: one.key, accounts: ids.filter((id) => keyOf(id) === one) }))
    .filter(({ accounts }) => accounts.length > 0);
}
