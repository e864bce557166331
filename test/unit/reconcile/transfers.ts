import type { Snapshot, WalkSummary } from "../../../core/domain/snapshot.ts";
import type { Transfer, TransferParty } from "../../../core/domain/transfer.ts";
import type { AccountEnds } from "../../../core/reconcile/reconciliation.ts";
import { snapshotWith } from "../domain/snapshots.ts";

/** The walks of both ends: each takes a minute. */
export const OPENING = { capturedAt: "2026-10-01T00:00:00.000Z", completedAt: "2026-10-01T00:01:00.000Z" };
export const CLOSING = { capturedAt: "2026-11-01T00:00:00.000Z", completedAt: "2026-11-01T00:01:00.000Z" };

export const OUTSIDE: TransferParty = { kind: "other" };
export const account = (accountId: string): TransferParty => ({ kind: "account", accountId });

/** A transfer that was completed in the middle of the period. Default: 10 usd from outside to account `a`. */
export function transferOf(changes: Partial<Transfer> = {}): Transfer {
  return {
    transferId: "t",
    status: "completed",
    source: OUTSIDE,
    target: account("a"),
    sourceAmount: "10",
    sourceAsset: "usd",
    targetAmount: "10",
    targetAsset: "usd",
    fees: [],
    createdAt: "2026-10-15T12:00:00Z",
    executedAt: "2026-10-15T12:01:00Z",
    completedAt: "2026-10-15T12:02:00Z",
    updatedAt: "2026-10-15T12:03:00Z",
    transactionHashes: [],
    ...changes,
  };
}

/** A fee of a transfer. */
export const fee = (amount: string, asset: string) => ({ type: "other", amount, asset });

/** Quantities by asset symbol. */
type Quantities = Readonly<Record<string, string>>;

/** Returns an account that held these quantities at the ends of October. */
export function endsOf(
  opening: Quantities,
  closing: Quantities,
  changes: Partial<AccountEnds> & { openingWalk?: Partial<WalkSummary>; closingWalk?: Partial<WalkSummary> } = {},
): AccountEnds {
  const { openingWalk, closingWalk, ...rest } = changes;
  return {
    accountId: "a",
    opening: { ...snapshotOf(opening, openingWalk), ...OPENING },
    closing: { ...snapshotOf(closing, closingWalk), ...CLOSING },
    isAsked: true,
    ...rest,
  };
}

function snapshotOf(quantities: Quantities, walk: Partial<WalkSummary> = {}): Snapshot {
  const balances = Object.entries(quantities).map(([asset, total]) => [asset, { [asset]: ["0", total] }] as const);
  return snapshotWith(Object.fromEntries(balances), walk);
}
