import Big from "big.js";
import type { Amount } from "../domain/amount.ts";
import type { Snapshot } from "../domain/snapshot.ts";

/**
 * One amount of one snapshot, as the API gave it. Under the asset's own symbol as `denomination` it is the quantity,
 * under another one what that was worth then.
 */
export interface AmountRow extends Amount {
  readonly slot: string;
  readonly capturedAt: string;
  readonly trigger: string;
  readonly consistency: string;
  readonly accountId: string;
  readonly asset: string;
  readonly denomination: string;
}

/** Every amount of a snapshot. */
export function amountRows({ balances, ...of }: Snapshot): AmountRow[] {
  const { slot, capturedAt, trigger, consistency, accountId } = of;
  return [...balances].flatMap(([asset, amounts]) =>
    [...amounts].map(([denomination, { available, total }]) => ({
      ...{ slot, capturedAt, trigger, consistency, accountId, asset, denomination, available, total },
    })),
  );
}

/** By which a receiver can tell that nothing is missing. Sums are decimal strings. */
export interface Control {
  readonly rows: number;
  /** Complete snapshots, those of accounts that held nothing included. */
  readonly snapshots: number;
  /** `null` where there is no snapshot at all. */
  readonly firstSlot: string | null;
  readonly lastSlot: string | null;
  /** The sum of `total` over all rows of an asset in itself. */
  readonly sums: Readonly<Record<string, string>>;
}

/** Counts and adds up what an export writes. */
export class ExportTotals {
  #rows = 0;
  #snapshots = 0;
  #firstSlot: string | null = null;
  #lastSlot: string | null = null;
  readonly #sums = new Map<string, Big>();

  /** @returns the snapshot's rows, which are to be written */
  add(snapshot: Snapshot): AmountRow[] {
    const rows = amountRows(snapshot);
    this.#rows += rows.length;
    this.#snapshots++;
    if (this.#firstSlot === null || snapshot.slot < this.#firstSlot) this.#firstSlot = snapshot.slot;
    if (this.#lastSlot === null || snapshot.slot > this.#lastSlot) this.#lastSlot = snapshot.slot;
    for (const { asset, denomination, total } of rows) {
      if (asset === denomination) this.#sums.set(asset, (this.#sums.get(asset) ?? new Big(0)).plus(total));
    }
    return rows;
  }

  control(): Control {
    const sums = Object.fromEntries([...this.#sums].sort().map(([asset, total]) => [asset, total.toFixed()]));
    return { rows: this.#rows, snapshots: this.#snapshots, firstSlot: this.#firstSlot, lastSlot: this.#lastSlot, sums };
  }
}
