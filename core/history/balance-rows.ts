import Big from "big.js";
import { type Amount, subtract } from "../domain/amount.ts";
import { type Amounts, quantity } from "../domain/balance.ts";
import { assetValue, type Snapshot } from "../domain/snapshot.ts";

/** One asset of one snapshot. Amounts are decimal strings. */
export interface BalanceRow {
  readonly slot: string;
  readonly capturedAt: string;
  readonly completedAt: string;
  readonly accountId: string;
  /** The asset's symbol. */
  readonly asset: string;
  /** Quantities of the asset. `hold` is `total - available`. */
  readonly available: string;
  readonly total: string;
  readonly hold: string;
  /** Values by denomination; without an entry if the asset has no price in it. */
  readonly values: Readonly<Record<string, Amount>>;
  /** Whether the snapshot does not match its digest. */
  readonly altered: boolean;
}

/**
 * Returns a snapshot's assets, the most valuable first. Assets without a price come last, by symbol.
 * @param denomination the one that decides the order
 */
export function balanceRows(snapshot: Snapshot, denomination: string): BalanceRow[] {
  const rows = [...snapshot.balances].map(([asset, amounts]) => toRow(snapshot, asset, amounts));
  return rows.sort((a, b) => byValue(a.values[denomination], b.values[denomination]) || (a.asset < b.asset ? -1 : 1));
}

function toRow(snapshot: Snapshot, asset: string, amounts: Amounts): BalanceRow {
  const { slot, capturedAt, completedAt, accountId, altered } = snapshot;
  const { available, total } = quantity(asset, amounts);
  const hold = subtract(total, available);
  const values = Object.fromEntries(
    [...amounts].filter(([denomination]) => assetValue(snapshot, asset, denomination) !== undefined),
  );
  const amountsOf = { asset, available, total, hold, values };
  return { slot, capturedAt, completedAt, accountId, ...amountsOf, altered: altered === true };
}

function byValue(a: Amount | undefined, b: Amount | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return new Big(b.total).cmp(a.total);
}
