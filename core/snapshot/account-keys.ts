import pMap from "p-map";
import {
  type AccountActivities,
  type AccountActivity,
  hasNotEnded,
  isActive,
  keyOf,
  lastKeyOf,
  noKeySinceOf,
} from "../domain/account-activity.ts";
import { JobError } from "../domain/errors.ts";
import type { KeyLists } from "../domain/key-list.ts";
import { slotAt } from "../domain/slot.ts";
import { coversAllAccounts, type Run, type RunSettings } from "./run.ts";
import type { RunAccount } from "./run-accounts.ts";
import { warnOnFailure } from "./warn-on-failure.ts";

/**
 * Returns the accounts of a run, each with the key that serves it from now on. A run of all accounts leaves out those that the
 * configuration lists for another key. An account that another configured key serves stays with that key, also if the API lists
 * it for this one: they would otherwise take it from each other in every run. `reportShared` reports a warning for it.
 * @param known the accounts in the table; `undefined`: not read
 * @param lists what the keys have found in their lists
 */
export function withKeys(
  run: Run,
  known: AccountActivities | undefined,
  lists: KeyLists,
  accounts: readonly RunAccount[],
): readonly RunAccount[] {
  const { settings, request } = run;
  const takesOver = coversAllAccounts(run);
  return accounts.flatMap((account) => {
    const { accountId, description } = account;
    if (!isOwn(settings, accountId)) return request.accounts === "all" ? [] : account;
    const activity = known?.get(accountId);
    if ((activity && keyOf(activity)) === settings.key && noKeySinceOf(activity) === undefined) return account;
    // A manual run may use another key, such as that of a key file without a name. As ends, keys change with scheduled runs only.
    if (request.trigger === "manual" && (known === undefined || activity !== undefined)) return account;
    const isNewToKey = takesOver && isActive(activity);
    // Without the name of this key, the account starts again if its key has just ended it, and its key stays the same.
    if (activity !== undefined && isShared(settings, lists, accountId, activity)) {
      return { ...account, isShared: true, isNewToKey };
    }
    return { ...account, description: { ...description, accountId, key: settings.key ?? "" }, isNewToKey };
  });
}

/** Reports the accounts of a run that the API lists for another key, too. A run of several invocations calls it in the last one. */
export function reportShared({ settings, dependencies }: Run, accounts: readonly RunAccount[]): void {
  const shared = accounts.flatMap(({ accountId, isShared }) => (isShared ? accountId : []));
  if (shared.length > 0) dependencies.telemetry.warning("Accounts of two keys", sharedError(settings, shared));
}

function isOwn({ key, keyOfListed }: RunSettings, accountId: string): boolean {
  return (keyOfListed?.get(accountId) ?? key) === key;
}

/**
 * Whether another configured key serves an active account, and the configuration lists it for none. A key whose list has none of its
 * accounts serves none. A named key that is not in the configuration counts, too, if the names are unknown, as on the command line.
 */
function isShared(
  { key, keys, keyOfListed }: RunSettings,
  lists: KeyLists,
  accountId: string,
  activity: AccountActivity,
): boolean {
  const serving = keyOf(activity);
  if (key === undefined || serving === undefined || keyOfListed?.has(accountId)) return false;
  if (lists.get(serving)?.lacksAll === true) return false;
  return isActive(activity) && (keys === undefined || keys.includes(serving));
}

function sharedError({ key, keys }: RunSettings, shared: readonly string[]): JobError {
  const [first] = shared;
  const message =
    shared.length === 1
      ? `The API lists ${first} for the key ${key}, but another key serves it.`
      : `The API lists ${shared.length} accounts for the key ${key} that other keys serve, such as ${first}.`;
  // On the command line, the table has the name of a key that is gone.
  const orEnd =
    keys === undefined ? " If the other key is gone, end its accounts: balances accounts retire --key NAME" : "";
  return new JobError("account_of_two_keys", message, {
    suggestedFix: `Give each account to one key: set accounts, accountsOwner or accountsType of the key ${key}.${orEnd}`,
  });
}

/**
 * Returns the known accounts that a run has to account for: those that its key serves, or was the last one to serve. A key
 * without a name serves all, except in a manual run: that may use the file of any key.
 */
export function knownOfKey({ settings, request }: Run, known: AccountActivities): AccountActivities {
  const { key } = settings;
  if (key === undefined && request.trigger === "schedule") return known;
  return new Map([...known].filter(([accountId, one]) => lastKeyOf(one) === key && isOwn(settings, accountId)));
}

/**
 * Returns whether the configuration lists an account for the key of a run that another one has served until now. The table does not
 * show yet that a run of this key should take its snapshot.
 */
export function listsAccountOfAnother({ key, accounts }: RunSettings, known: AccountActivities | undefined): boolean {
  if (key === undefined || accounts === "all") return false;
  return accounts.some((accountId) => {
    const activity = known?.get(accountId);
    return activity !== undefined && hasNotEnded(activity) && lastKeyOf(activity) !== key;
  });
}

/** More accounts than this are not examined one by one. */
const MAX_EXAMINED = 100;

/**
 * Reports the accounts that no configured key serves: they do not end on their own, because nobody knows whether they are gone.
 * Only a run with the first key reports them. After a change of the keys, it waits until every key has had a run, which takes over
 * its accounts.
 */
export async function reportUnserved(run: Run, known: AccountActivities | undefined): Promise<void> {
  const { dependencies, settings, request, deadline, servedSince } = run;
  const { key, keys = [], keyOfListed } = settings;
  if (known === undefined || key === undefined || key !== keys[0] || request.dryRun || !coversAllAccounts(run)) return;
  const unserved = [...known].flatMap(([accountId, activity]) => {
    const isServed = keys.includes(lastKeyOf(activity) ?? "") || keyOfListed?.has(accountId);
    return isServed || !hasNotEnded(activity) ? [] : accountId;
  });
  if (unserved.length === 0 || deadline.aborted) return;
  await warnOnFailure(dependencies, "Accounts without a key not examined", {}, async () => {
    const since = (await servedSince?.()) ?? slotAt(Date.parse(request.slot) - settings.latenessLimitMs);
    const isLeft = async (accountId: string) => ((await dependencies.store.latest(accountId))?.slot ?? "") < since;
    const examined = unserved.slice(0, MAX_EXAMINED);
    const left = await pMap(examined, isLeft, { concurrency: settings.accountsAtOnce });
    const ids = examined.filter((_, at) => left[at]);
    const former = ids.length === examined.length ? onlyKeyOf(known, unserved) : undefined;
    const error = unservedError(ids, unserved.length, former);
    if (ids.length > 0) dependencies.telemetry.warning("Accounts without a key", error);
  });
}

/** Returns the key that served all of some accounts; `undefined` if it is unknown, or also serves another one that has not ended. */
function onlyKeyOf(known: AccountActivities, accountIds: readonly string[]): string | undefined {
  const [first = ""] = accountIds;
  const key = keyOf(known.get(first) ?? { periods: [] });
  const isOneOf = new Set(accountIds);
  const isExact = [...known].every(
    ([accountId, activity]) => !hasNotEnded(activity) || (keyOf(activity) === key) === isOneOf.has(accountId),
  );
  return isExact ? key : undefined;
}

/** @param former the key that all of them belong to; `undefined`: there are several, or it is unknown */
function unservedError(ids: readonly string[], all: number, former: string | undefined): JobError {
  const count = all > MAX_EXAMINED ? `at least ${ids.length} of ${all} accounts` : `${ids.length} accounts`;
  const which = ids.length === 1 && all <= MAX_EXAMINED ? ids[0] : `${count}, such as ${ids[0]}`;
  return new JobError("accounts_without_key", `No configured key serves ${which}.`, {
    suggestedFix:
      former === undefined
        ? "Check the configured keys and their accounts. If an account is gone for good, end it: balances accounts retire ID"
        : `Check the configured keys and their accounts. If the key ${former} is gone for good, end its accounts: ` +
          `balances accounts retire --key ${former}`,
  });
}
