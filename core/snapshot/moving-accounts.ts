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
  const message = "End of the account not registered";
  const isListedSince = await warnOnFailure(dependencies, message, {}, () => listedSince(run, others));
  const decide = async ({ accountId, reason }: AbsentAccount) => {
    if (deadline.aborted || isListedSince === undefined || (reason === undefined && others.length === 0)) return;
    await warnOnFailure(dependencies, message, { accountId }, async () => {
      const { clock, store } = dependencies;
      const { endsWith, noKeySince } = await (others.length === 0
        ? stateWithOneKey(run, accountId, known.get(accountId))
        : stateWithOthers(run, accountId, isListedSince));
      if (endsWith !== undefined && reason !== undefined) {
        await store.registerEnd(accountId, endsWith, slotAt(clock.now()), reason);
        registered.push({ accountId, reason });
      } else if (noKeySince !== undefined) {
        await store.registerDescription({ accountId, key: "", noKeySince }, slotAt(clock.now()));
      }
    });
  };
  await pMap(absent, decide, { concurrency: settings.accountsAtOnce });
}

/** What a run registers of an absent account: the slot with which it ends, or the one from which on no key serves it. */
interface NextState {
  readonly endsWith?: Slot | undefined;
  readonly noKeySince?: Slot;
}

/** Until the configuration changed, other keys may have delayed the end of an account that was given up. */
async function stateWithOneKey(run: Run, accountId: string, activity: AccountActivity | undefined): Promise<NextState> {
  const { slot } = run.request;
  const last = await lastSlotOf(run, accountId, activity);
  return { endsWith: [noKeySinceOf(activity) ?? slot, slot].find((from) => from > last) };
}

/**
 * Returns the slot after which an account may end: that of its last snapshot, or of the failed attempt since which it is pending.
 * With an earlier end, or one with the same slot, it would not count any more at the time of that snapshot, so an earlier total would
 * change, or it would stay pending, because an end precedes an attempt with the same slot.
 */
async function lastSlotOf({ dependencies }: Run, accountId: string, activity?: AccountActivity): Promise<Slot> {
  const last = await dependencies.store.latest(accountId);
  return [last?.slot ?? "", activity?.pendingSince ?? ""].sort().at(-1) ?? "";
}

/** An account that another key serves by now neither ends nor is given up. */
async function stateWithOthers(
  run: Run,
  accountId: string,
  isListedSince: (at: number) => boolean,
): Promise<NextState> {
  const { dependencies, settings, request } = run;
  const { clock, store } = dependencies;
  const activity = await store.readAccount(accountId);
  const givenUp = activity.descriptions?.at(-1);
  if (lastKeyOf(activity) !== settings.key) return {};
  const isGivenUp = givenUp?.noKeySince !== undefined;
  if (isGivenUp && !isListedSince(givenUp.from)) return {};
  const last = await lastSlotOf(run, accountId, activity);
  if (isGivenUp && givenUp.noKeySince > last) return { endsWith: givenUp.noKeySince };
  return { noKeySince: last < request.slot ? request.slot : slotAt(clock.now()) };
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

/** Returns whether every other key has listed its accounts since a time, in milliseconds since 1970. */
async function listedSince({ dependencies }: Run, others: readonly string[]): Promise<(at: number) => boolean> {
  if (others.length === 0) return () => true;
  const lists = await dependencies.store.keyLists();
  return (at) =>
    others.every((name) => {
      const list = lists.get(name);
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
