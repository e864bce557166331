import { InputError } from "../../../core/domain/errors.ts";
import { CLOCK_TOLERANCE_MS, slotAt } from "../../../core/domain/slot.ts";
import type { TransferRead, TransferSet } from "../../../core/domain/transfer.ts";
import type { SnapshotPair } from "../../../core/history/changes.ts";

/** Accounts that a message names. */
const MAX_NAMED = 5;

/** Returns the instant since which the transfers of accounts are needed. */
export function neededSince(pairs: readonly SnapshotPair[]): string {
  return slotAt(Math.min(...pairs.map(({ earlier }) => Date.parse(earlier.capturedAt))) - CLOCK_TOLERANCE_MS);
}

/** Returns the instant from which on reading transfers finds all that may concern the closing balances of accounts. */
export function knownFrom(pairs: readonly SnapshotPair[]): string {
  return slotAt(Math.max(...pairs.map(({ later }) => Date.parse(later.completedAt))) + CLOCK_TOLERANCE_MS);
}

/** Returns whether the transfers of an account were asked for, and the key may read them. */
export function isAsked({ reads }: TransferSet, accountId: string): boolean {
  return reads.some(({ accountIds, denied }) => accountIds.includes(accountId) && !denied);
}

/**
 * Checks that a file holds every transfer that may concern the accounts in the period: another file would leave changes unexplained.
 * @param label names an account
 * @param saveAgain the command that saves the file that is needed
 * @throws InputError
 */
export function assertCovered(
  set: TransferSet,
  pairs: readonly SnapshotPair[],
  path: string,
  label: (accountId: string) => string,
  saveAgain: string,
): void {
  const problems = pairs.flatMap((pair) => whyNotCovered(set.reads, pair, label(pair.earlier.accountId)) ?? []);
  if (problems.length === 0) return;
  const more = problems.length - MAX_NAMED;
  throw new InputError("usage", [
    `--transfers: ${path} does not hold all transfers that this reconciliation needs:`,
    ...problems.slice(0, MAX_NAMED).map((problem) => `- ${problem}`),
    ...(more > 0 ? [`- and ${more} more`] : []),
    `Save the transfers again: ${saveAgain}, with --key-file, --secret or --stack.`,
  ]);
}

function whyNotCovered(reads: readonly TransferRead[], pair: SnapshotPair, account: string): string | undefined {
  const [since, from] = [neededSince([pair]), knownFrom([pair])];
  const own = reads.filter(({ accountIds }) => accountIds.includes(pair.earlier.accountId));
  const asked = own.filter(({ denied }) => !denied);
  // An account of which nothing is known is not reconciled.
  if (own.length > 0 && asked.length === 0) return undefined;
  const isEnough = ({ updatedAfter, readAt }: TransferRead) => updatedAfter <= since && readAt >= from;
  if (asked.some(isEnough)) return undefined;
  const [first] = asked;
  if (first === undefined) return `${account}: its transfers were not asked for`;
  if (first.updatedAfter > since) {
    return `${account}: transfers were asked for since ${first.updatedAfter}, and its opening balances need those since ${since}`;
  }
  return `${account}: transfers were read at ${first.readAt}, and its closing balances need those up to ${from}`;
}
