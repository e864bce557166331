import Big from "big.js";
import type { Amount } from "../domain/amount.ts";
import type { Snapshot } from "../domain/snapshot.ts";

/**
 * One amount of one snapshot, as the API returned it. If `denomination` is the asset's own symbol, it is a quantity;
 * otherwise it is the value at that time.
 */
export interface AmountRow extends Amount {
  readonly slot: string;
  readonly capturedAt: string;
  readonly completedAt: string;
  readonly trigger: string;
  readonly consistency: string;
  readonly accountId: string;
  /** At the time of the snapshot; `null`: it had no name. */
  readonly accountName: string | null;
  /** The API key that served the account then; `null`: unknown. Absent if no key has a name. */
  readonly key?: string | null;
  /** Whether the snapshot does not match its digest. */
  readonly altered: boolean;
  readonly asset: string;
  readonly denomination: string;
}

/** What rows show of an account besides its id. */
type AccountNames = Pick<AmountRow, "accountName" | "key">;

function amountRows({ balances, ...of }: Snapshot, names: AccountNames): AmountRow[] {
  const { slot, capturedAt, completedAt, trigger, consistency, accountId, altered } = of;
  return [...balances].flatMap(([asset, amounts]) =>
    [...amounts].map(([denomination, { available, total }]) => ({
      ...{ slot, capturedAt, completedAt, trigger, consistency },
      ...{ accountId, ...names, altered: altered === true, asset, denomination, available, total },
    })),
  );
}

/** The control totals: let a recipient check that an export is complete. Sums are decimal strings. */
export interface ControlTotals {
  readonly rows: number;
  /** Complete snapshots, including those of empty accounts. */
  readonly snapshots: number;
  /** The snapshots among them that do not match their digest. */
  readonly altered: number;
  /** `null` without snapshots. */
  readonly firstSlot: string | null;
  readonly lastSlot: string | null;
  /** The sum of `total` over all quantity rows, by asset. */
  readonly sums: Readonly<Record<string, string>>;
}

/** Counts the snapshots and rows of an export and sums its quantities. */
export class ExportTotals {
  #rows = 0;
  #snapshots = 0;
  #altered = 0;
  #firstSlot: string | null = null;
  #lastSlot: string | null = null;
  readonly #sums = new Map<string, Big>();

  /** Adds a snapshot and returns its rows. */
  add(snapshot: Snapshot, names: AccountNames): AmountRow[] {
    const rows = amountRows(snapshot, names);
    this.#rows += rows.length;
    this.#snapshots++;
    if (snapshot.altered) this.#altered++;
    if (this.#firstSlot === null || snapshot.slot < this.#firstSlot) this.#firstSlot = snapshot.slot;
    if (this.#lastSlot === null || snapshot.slot > this.#lastSlot) this.#lastSlot = snapshot.slot;
    for (const { asset, denomination, total } of rows) {
      if (asset === denomination) this.#sums.set(asset, (this.#sums.get(asset) ?? new Big(0)).plus(total));
    }
    return rows;
  }

  controlTotals(): ControlTotals {
    const sums = Object.fromEntries([...this.#sums].sort().map(([asset, total]) => [asset, total.toFixed()]));
    return {
      ...{ rows: this.#rows, snapshots: this.#snapshots, altered: this.#altered },
      ...{ firstSlot: this.#firstSlot, lastSlot: this.#lastSlot, sums },
    };
  }
}
