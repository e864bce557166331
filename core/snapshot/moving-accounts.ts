import pMap from "p-map";
import {
  type AccountActivities,
  type AccountActivity,
  hasNotEnded,
  lastKeyOf,
  noKeySinceOf,
} from "../domain/account-activity.ts";
import type { EndedAccount } from "../domain/run-result.ts";
import { CLOCK_TOLERANCE_MS, type Slot, slotAt } from "../domain/slot.ts";
import type { Run } from "./run.ts";
import type { RunAccount } from "./run-accounts.ts";
import { warnOnFailure } from "./warn-on-failure.ts";

// Accounts that move between keys, or leave all of them. The key that loses an account gives it up, and the next key that lists it
// takes it over. It ends when no key has listed it since. ADR 26 explains the rules.

/** An account that a run has to account for, and that its key does not list any more. */
export interface AbsentAccount {
  readonly accountId: string;
  /** Why it may end; `undefined`: it must not end, because nobody knows whether it is gone. */
  readonly reason?: string;
}

/**
 * Ends the accounts that no key lists any more, and adds them to `registered`. Gives up the others: registers that no key serves
 * them. What the time does not suffice for is left to the next run.
 */
export async function endOrGiveUp(
  run: Run,
  known: AccountActivities | undefined,
  absent: readonly AbsentAccount[],
  registered: EndedAccount[],
): Promise<void> {
  const { dependencies, settings, deadline } = run;
  if (known === undefined || absent.length === 0) return;
  const others = keysThatMayList(run, known);
  const isListedSince = await listedSince(run, others);
  const decide = async ({ accountId, reason }: AbsentAccount) => {
    const isLeft = deadline.aborted || (reason === undefined && others.length === 0);
    if (isLeft) return;
    const activity = known.get(accountId);
    await warnOnFailure(dependencies, "End of the account not registered", { accountId }, async () => {
      const { endsWith, noKeySince } = await nextStateOf(run, accountId, activity, isListedSince);
      if (endsWith !== undefined && reason !== undefined) {
        await dependencies.store.registerEnd(accountId, endsWith, slotAt(dependencies.clock.now()), reason);
        registered.push({ accountId, reason });
      } else if (noKeySince !== undefined && others.length > 0) {
        const description = { accountId, key: "", noKeySince };
        await dependencies.store.registerDescription(description, slotAt(dependencies.clock.now()));
      }
    });
  };
  await pMap(absent, decide, { concurrency: settings.accountsAtOnce });
}

/**
 * Returns the slot with which an absent account ends, if it may end, or else since when no key serves it, if that is new. The slot
 * is later than the account's last snapshot: it would otherwise not count any more at the time of that snapshot, and an earlier
 * total would change.
 */
async function nextStateOf(
  { dependencies, request }: Run,
  accountId: string,
  activity: AccountActivity | undefined,
  isListedSince: ((at: number) => boolean) | undefined,
): Promise<{ readonly endsWith?: Slot; readonly noKeySince?: Slot }> {
  const { clock, store } = dependencies;
  const last = (await store.latest(accountId))?.slot ?? "";
  const givenUp = activity?.descriptions?.at(-1);
  const since = givenUp?.noKeySince ?? "";
  const isRetry = last >= request.slot;
  if (givenUp !== undefined && since > last) {
    return isListedSince === undefined || isListedSince(givenUp.from) ? { endsWith: since } : {};
  }
  if (isListedSince === undefined) return isRetry ? {} : { endsWith: request.slot };
  return { noKeySince: isRetry ? slotAt(clock.now()) : request.slot };
}

/**
 * Returns the other keys that may list an account that the configuration lists for none. On the command line, where the configured
 * keys are unknown, these are the keys that serve accounts.
 */
function keysThatMayList({ settings }: Run, known: AccountActivities): readonly string[] {
  const { key, keyOfListed = new Map<string, string>() } = settings;
  if (key === undefined) return [];
  const serving = [...known.values()].flatMap((activity) => (hasNotEnded(activity) ? (lastKeyOf(activity) ?? []) : []));
  const withLists = new Set(keyOfListed.values());
  return [...new Set(settings.keys ?? serving)].filter((name) => name !== key && !withLists.has(name));
}

/** Returns whether every other key has listed its accounts since a time, in milliseconds since 1970; `undefined`: there is none. */
async function listedSince({ dependencies }: Run, others: readonly string[]) {
  if (others.length === 0) return undefined;
  const lists = await warnOnFailure(dependencies, "Lists of the keys not readable", {}, () =>
    dependencies.store.keyLists(),
  );
  return (at: number) =>
    others.every((name) => {
      const list = lists?.get(name);
      // A list that lacks all accounts of its key is probably that of another project.
      return list !== undefined && !list.lacksAll && Date.parse(list.readAt) > at + CLOCK_TOLERANCE_MS;
    });
}

/**
 * Registers that the key of a run serves the accounts in its list that no key served, also those whose snapshot has failed, and
 * then that its list has no others. From then on, these can end. Does nothing if nothing depends on it.
 * @param known the accounts in the table before the list was read; `undefined`: not read
 * @param readAt when they were read
 */
export async function registerList(
  run: Run,
  known: AccountActivities | undefined,
  accounts: readonly RunAccount[],
  readAt: Slot,
): Promise<void> {
  const { dependencies, settings, deadline } = run;
  const { clock, store } = dependencies;
  const { key } = settings;
  if (key === undefined || known === undefined || deadline.aborted || !isScheduledList(run)) return;
  await warnOnFailure(dependencies, "List of the key not registered", {}, async () => {
    const isAnyWaiting = [...known.values()].some((one) => hasNotEnded(one) && noKeySinceOf(one) !== undefined);
    if (!isAnyWaiting && (await store.keyLists()).get(key)?.lacksAll !== true) return;
    const takenOver = accounts.filter(
      ({ accountId, description }) => noKeySinceOf(known.get(accountId)) !== undefined && description?.key === key,
    );
    const register = ({ accountId }: RunAccount) => store.registerDescription({ accountId, key }, slotAt(clock.now()));
    await pMap(takenOver, register, { concurrency: settings.accountsAtOnce });
    await store.registerKeyList(key, { readAt, lacksAll: false });
  });
}

/** Registers that the list of a run's key has none of its accounts, so that any other key that lists them takes them over. */
export async function registerThatListLacksAll(run: Run, readAt: Slot): Promise<void> {
  const { dependencies, settings } = run;
  const { key } = settings;
  if (key === undefined || !isScheduledList(run)) return;
  await warnOnFailure(dependencies, "List of the key not registered", {}, async () => {
    const { store } = dependencies;
    if ((await store.keyLists()).get(key)?.lacksAll !== true)
      await store.registerKeyList(key, { readAt, lacksAll: true });
  });
}

/** A manual run may use another key, or other filters. */
function isScheduledList({ request, settings }: Run): boolean {
  const { trigger, dryRun, accounts } = request;
  return trigger === "schedule" && !dryRun && accounts === "all" && settings.keys?.length !== 1;
}
