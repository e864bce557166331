import { pMapIterable } from "p-map";
import type { SlotRange } from "../../core/domain/history-source.ts";
import { slotAt } from "../../core/domain/slot.ts";
import type { SnapshotPair } from "../../core/history/changes.ts";
import { labelOf } from "./account-names.ts";
import { type CommandContext, READ_CONCURRENCY } from "./history-command.ts";
import { whyInactive } from "./inactive-accounts.ts";
import { printNote, reportFailure } from "./output.ts";
import type { RangeOptions } from "./range-options.ts";

/**
 * Yields the snapshots of each account at both ends of a range. Reports the accounts that lack one. Without `--from`, an
 * account is compared with its oldest snapshot. Sets the exit code to 1 if no account can be compared.
 */
export async function* comparedAccounts(
  context: CommandContext,
  options: RangeOptions,
  { from, to }: SlotRange,
): AsyncGenerator<SnapshotPair> {
  const { history, accountIds } = context;
  const ends = options.from === undefined ? [to] : [from, to];
  const readEnds = async (accountId: string) => ({
    accountId,
    // The default start is the slot of the first snapshot, which was completed a little later.
    earlier: options.from === undefined ? await history.oldest(accountId) : await history.asOf(accountId, from),
    later: await history.asOf(accountId, to),
  });
  let compared = 0;
  for await (const read of pMapIterable(accountIds, readEnds, { concurrency: READ_CONCURRENCY })) {
    const { accountId, earlier, later } = read;
    // What an account held before its start, and holds after its end, is unknown: that is no change.
    const unknownAt = ends.find((at) => !history.isActive(accountId, at));
    if (unknownAt !== undefined) {
      const report = context.selected ? reportFailure : printNote;
      report(whyInactive(context, accountId, unknownAt));
    } else if (earlier === undefined || later === undefined || earlier.completedAt > later.completedAt) {
      reportFailure(
        `${labelOf(history, accountId)} has no snapshot before ${slotAt(earlier === undefined ? from : to)}.`,
      );
    } else {
      compared++;
      yield { earlier, later };
    }
  }
  // No rows must not look like "nothing changed".
  if (compared === 0) process.exitCode = 1;
}

/** Returns the accounts that count at one end of a range and were not compared. */
export function notCompared(
  { history, accountIds }: CommandContext,
  { from, to }: SlotRange,
  pairs: readonly SnapshotPair[],
): string[] {
  const compared = new Set(pairs.map(({ earlier }) => earlier.accountId));
  return accountIds.filter((id) => !compared.has(id) && [from, to].some((at) => history.isActive(id, at)));
}
