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

/** An account with its snapshots at both ends of a range, or why it has none there that can be compared. */
export interface ComparedAccount {
  readonly accountId: string;
  readonly pair?: SnapshotPair;
  /** A sentence. Present without `pair`. */
  readonly problem?: string;
  /** Whether the problem is that the account does not count at an end. */
  readonly isInactive?: true;
}

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
  let compared = 0;
  for await (const { accountId, pair, problem = "", isInactive } of readBothEnds(context, options, range)) {
    if (pair === undefined) {
      // What an account held before its start, and holds after its end, is unknown: that is no change.
      const report = isInactive && !context.isSelected(accountId) ? printNote : reportFailure;
      report(problem);
    } else {
      compared++;
      yield pair;
    }
  }
  // No rows must not look like "nothing changed".
  if (compared === 0) process.exitCode = 1;
}

/** Yields every selected account, in their order. Without `--from`, the first end is its oldest snapshot. */
export async function* readBothEnds(
  context: Pick<CommandContext, "history" | "accountIds" | "now" | "timezone">,
  options: Pick<RangeOptions, "from">,
  range: SlotRange,
): AsyncGenerator<ComparedAccount> {
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
  for await (const { accountId, earlier, later } of pMapIterable(accountIds, readEnds, {
    concurrency: READ_CONCURRENCY,
  })) {
    const unknownAt = ends.find((at) => !history.isActive(accountId, at));
    if (unknownAt !== undefined) {
      yield { accountId, problem: whyInactive(context, accountId, unknownAt), isInactive: true };
      continue;
    }
    const problem =
      (options.from === undefined ? undefined : whyUnknown(context, accountId, earlier, from)) ??
      whyUnknown(context, accountId, later, to);
    if (problem !== undefined) yield { accountId, problem };
    else if (earlier === undefined || later === undefined || earlier.completedAt > later.completedAt) {
      const time = localTime(slotAt(to), context.timezone);
      yield {
        accountId,
        problem: `${labelOf(history, accountId)} has no two snapshots to compare before ${time}. Give --from.`,
      };
    } else yield { accountId, pair: { earlier, later } };
  }
}

/** Returns why the balance of an account that counts at a time is unknown then; `undefined`: it is known. */
function whyUnknown(
  context: Pick<CommandContext, "history" | "timezone">,
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
