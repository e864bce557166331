import {
  type AccountActivities,
  type AccountActivity,
  type AccountDescription,
  firstSlotOf,
} from "../domain/account-activity.ts";
import { type Slot, slotAt } from "../domain/slot.ts";
import { coversAllAccounts, type Run } from "./run.ts";
import type { RunAccount } from "./run-accounts.ts";
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
    for await (const description of descriptionsOf(run, wanted)) {
      if (deadline.aborted) return;
      await store.registerDescription(description, slotAt(clock.now()));
    }
  });
}

/** Whether the table knows an account only since a slot: an earlier invocation of the run may have registered it. */
function isNew(activity: AccountActivity | undefined, slot: Slot): boolean {
  return activity === undefined || (firstSlotOf(activity) ?? "") >= slot;
}

/** Yields what the list of accounts has said, or else asks for the configured accounts. */
async function* descriptionsOf(
  { dependencies, request, deadline }: Run,
  accounts: readonly RunAccount[],
): AsyncGenerator<AccountDescription> {
  if (request.accounts === "all") yield* accounts.flatMap(({ description = [] }) => description);
  else {
    const ids = accounts.filter(({ refusal }) => refusal === undefined).map(({ accountId }) => accountId);
    if (ids.length > 0) yield* dependencies.source.describe(ids, deadline);
  }
}
