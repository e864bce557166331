import pMap from "p-map";
import {
  type AccountActivities,
  type AccountActivity,
  hasNotEnded,
  isActive,
  keyOf,
} from "../domain/account-activity.ts";
import { JobError } from "../domain/errors.ts";
import { slotAt } from "../domain/slot.ts";
import { coversAllAccounts, type Run, type RunSettings } from "./run.ts";
import type { RunAccount } from "./run-accounts.ts";
import { warnOnFailure } from "./warn-on-failure.ts";

/** A key gives an account back to another one at the earliest this long after it took it over, unless the configuration lists it. */
const SETTLED_MS = 7 * 86_400_000;

/**
 * Returns the accounts of a run, each with the key that serves it from now on. A run of all accounts leaves out those that the
 * configuration lists for another key. If the API lists an account for two keys, they would take it from each other in every
 * run: so the key that took it last keeps it, and `reportShared` reports a warning for the other one.
 * @param known the accounts in the table; `undefined`: not read
 */
export function withKeys(
  run: Run,
  known: AccountActivities | undefined,
  accounts: readonly RunAccount[],
): readonly RunAccount[] {
  const { settings, request } = run;
  const takesOver = coversAllAccounts(run);
  return accounts.flatMap((account) => {
    const { accountId, description } = account;
    if (!isOwn(settings, accountId)) return request.accounts === "all" ? [] : account;
    const activity = known?.get(accountId);
    if ((activity && keyOf(activity)) === settings.key) return account;
    // A manual run may use another key, such as that of a key file without a name. As ends, keys change with scheduled runs only.
    if (activity !== undefined && request.trigger === "manual") return account;
    if (activity !== undefined && isShared(run, accountId, activity)) return { ...account, isShared: true };
    const described = { ...description, accountId, key: settings.key ?? "" };
    return { ...account, description: described, isNewToKey: takesOver && isActive(activity) };
  });
}

/** Reports the accounts of a run that the API lists for another key, too. A run of several invocations calls it in the last one. */
export function reportShared({ settings, dependencies }: Run, accounts: readonly RunAccount[]): void {
  const shared = accounts.flatMap(({ accountId, isShared }) => (isShared ? accountId : []));
  if (shared.length > 0) dependencies.telemetry.warning("Accounts of two keys", sharedError(settings.key, shared));
}

function isOwn({ key, keyOfListed }: RunSettings, accountId: string): boolean {
  return (keyOfListed?.get(accountId) ?? key) === key;
}

/** Whether another configured key has taken the account over from this one a short time ago. */
function isShared({ settings, dependencies }: Run, accountId: string, activity: AccountActivity): boolean {
  const { key, keys = [], keyOfListed } = settings;
  const { descriptions = [] } = activity;
  if (!keys.includes(keyOf(activity) ?? "") || keyOfListed?.has(accountId) || !isActive(activity)) return false;
  const lastOfThis = descriptions.findLastIndex((one) => one.key === key);
  const taken = descriptions[lastOfThis + 1];
  return lastOfThis !== -1 && taken !== undefined && dependencies.clock.now() - taken.from < SETTLED_MS;
}

function sharedError(key: string | undefined, shared: readonly string[]): JobError {
  const accounts = shared.length === 1 ? "an account" : `${shared.length} accounts`;
  const message = `The API lists ${accounts} for the key ${key} that another key serves, such as ${shared[0]}.`;
  return new JobError("account_of_two_keys", message, {
    suggestedFix: `Give each account to one key: set accounts, accountsOwner or accountsType of the key ${key}.`,
  });
}

/**
 * Returns the known accounts that a run of this key has to account for: those that it serves. If there is one key without a
 * name, it serves all.
 */
export function knownOfKey(settings: RunSettings, known: AccountActivities): AccountActivities {
  if (settings.key === undefined) return known;
  return new Map([...known].filter(([accountId, one]) => keyOf(one) === settings.key && isOwn(settings, accountId)));
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
    const isServed = keys.includes(keyOf(activity) ?? "") || keyOfListed?.has(accountId);
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
  const count = all > MAX_EXAMINED ? `At least ${ids.length} of ${all} accounts` : `${ids.length} accounts`;
  const are = ids.length === 1 && all <= MAX_EXAMINED ? "1 account is" : `${count} are`;
  return new JobError("accounts_without_key", `${are} served by no configured key, such as ${ids[0]}.`, {
    suggestedFix:
      former === undefined
        ? "Check the configured keys and their accounts. If an account is gone for good, end it: balances accounts retire ID"
        : `Check the configured keys and their accounts. If the key ${former} is gone for good, end its accounts: ` +
          `balances accounts retire --key ${former}`,
  });
}
