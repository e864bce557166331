import { pMapIterable } from "p-map";
import type { SlotRange } from "../../core/domain/history-source.ts";
import { slotAt } from "../../core/domain/slot.ts";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import type { SnapshotPair } from "../../core/history/changes.ts";
import { labelOf } from "./account-names.ts";
import { localTime } from "./date-time.ts";
import { type CommandContext, READ_CONCURRENCY } from "./history-command.ts";
import { whyInactive } from "./inactive-accounts.ts";
import { printNote, reportFailure } from "./output.ts";
import type { RangeOptions } from "./range-options.ts";
import { whyNoSnapshot, whyTooOld } from "./unknown-balances.ts";

/**
 * Yields the snapshots of each account at both ends of a range. Reports the accounts that lack one, or have one that is too old
 * to show what was held at an end. Without `--from`, an account is compared with its oldest snapshot. Sets the exit code to 1 if
 * no account can be compared.
 */
export async function* comparedAccounts(
  context: CommandContext,
  options: RangeOptions,
  range: SlotRange,
): AsyncGenerator<SnapshotPair> {
  const { history, accountIds } = context;
  // A date can end in the future, of which nothing is known.
  const [from, to] = [range.from, range.to].map((ms) => Math.min(ms, context.now)) as [number, number];
  // The default start is the slot of the first snapshot, which was completed a little later.
  const ends = options.from === undefined ? [to] : [from, to];
  const readEnds = async (accountId: string) => ({
    accountId,
    earlier: options.from === undefined ? await history.oldest(accountId) : await history.asOf(accountId, from),
    later: await history.asOf(accountId, to),
  });
  let compared = 0;
  for await (const read of pMapIterable(accountIds, readEnds, { concurrency: READ_CONCURRENCY })) {
    const { accountId, earlier, later } = read;
    // What an account held before its start, and holds after its end, is unknown: that is no change.
    const unknownAt = ends.find((at) => !history.isActive(accountId, at));
    if (unknownAt !== undefined) {
      const report = context.isSelected(accountId) ? reportFailure : printNote;
      report(whyInactive(context, accountId, unknownAt));
      continue;
    }
    const problem =
      (options.from === undefined ? undefined : whyUnknown(context, accountId, earlier, from)) ??
      whyUnknown(context, accountId, later, to);
    if (problem !== undefined) reportFailure(problem);
    else if (earlier === undefined || later === undefined || earlier.completedAt > later.completedAt) {
      const time = localTime(slotAt(to), context.timezone);
      reportFailure(`${labelOf(history, accountId)} has no two snapshots to compare before ${time}. Give --from.`);
    } else {
      compared++;
      yield { earlier, later };
    }
  }
  // No rows must not look like "nothing changed".
  if (compared === 0) process.exitCode = 1;
}

/** Returns why the balance of an account that counts at a time is unknown then; `undefined`: it is known. */
function whyUnknown(
  context: CommandContext,
  accountId: string,
  snapshot: Snapshot | undefined,
  at: number,
): string | undefined {
  const { history } = context;
  if (snapshot === undefined) return whyNoSnapshot(context, accountId, at);
  if (history.isFresh(snapshot, at)) return undefined;
  const fix = "Run balances gaps, and compare times that have a snapshot.";
  return whyTooOld(context, snapshot, at, history.ageOfPenultimateSlotMs(accountId, at), fix);
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
