import {
  type AccountActivities,
  type AccountActivity,
  type AccountDescription,
  firstSlotOf,
} from "../domain/account-activity.ts";
import { type Slot, slotAt } from "../domain/slot.ts";
import { coversAllAccounts, type Run } from "./run.ts";
import type { RunAccount } from "./run-accounts.ts";
import { STORED_AT_ONCE } from "./take-turns.ts";
import { warnOnFailure } from "./warn-on-failure.ts";

/**
 * Registers what is new about the names, types and owners of a run's accounts: in the first run of a UTC day those of all, in
 * any other one those of accounts that the table did not know before the slot. Call it after the snapshots, because a name must
 * not delay one. A failure is a warning, and the next day's run tries again. ADR 23 explains the rules.
 * @param known the accounts in the table before the run; `undefined`: not read
 */
export async function refreshDescriptions(
  run: Run,
  known: AccountActivities | undefined,
  accounts: readonly RunAccount[],
): Promise<void> {
  const { dependencies, request, deadline } = run;
  if (known === undefined || request.dryRun || accounts.length === 0 || deadline.aborted) return;
  // A request that names accounts does not list the others, so it must not count as the refresh of the day.
  if (!coversAllAccounts(run)) return;
  const { clock, store } = dependencies;
  await warnOnFailure(dependencies, "Names of accounts not refreshed", {}, async () => {
    const isDue = await store.startNamesRefresh(slotAt(clock.now()), run.settings.key);
    const wanted = accounts.filter(({ accountId }) => isDue || isNew(known.get(accountId), request.slot));
    const failed = new AbortController();
    const descriptions = descriptionsOf(run, wanted, AbortSignal.any([deadline, failed.signal]));
    // One at a time, the names of thousands of new accounts would take a third as long as their snapshots.
    const registrations = Array.from({ length: run.storedAtOnce ?? STORED_AT_ONCE }, async () => {
      for await (const description of descriptions) {
        // Not around the loop, which would first wait for the next description.
        await store.registerDescription(description, slotAt(clock.now())).catch((thrown) => {
          failed.abort(thrown);
          throw thrown;
        });
      }
    });
    // Those in progress are awaited, because the process may stop after the run.
    const failure = (await Promise.allSettled(registrations)).find(({ status }) => status === "rejected");
    if (failure?.status === "rejected") throw failure.reason;
  });
}

/** Whether the table knows an account only since a slot: an earlier invocation of the run may have registered it. */
function isNew(activity: AccountActivity | undefined, slot: Slot): boolean {
  return activity === undefined || (firstSlotOf(activity) ?? "") >= slot;
}

/**
 * Yields what the list of accounts has said, or else asks for the configured accounts.
 * @throws JobError; the signal's reason as soon as it is aborted
 */
async function* descriptionsOf(
  { dependencies, request }: Run,
  accounts: readonly RunAccount[],
  signal: AbortSignal,
): AsyncGenerator<AccountDescription> {
  const ids = accounts.filter(({ refusal }) => refusal === undefined).map(({ accountId }) => accountId);
  const descriptions =
    request.accounts === "all"
      ? accounts.flatMap(({ description = [] }) => description)
      : dependencies.source.describe(ids, signal);
  for await (const description of descriptions) {
    // The day counts as refreshed, so names that are left out need a warning.
    signal.throwIfAborted();
    yield description;
  }
}
