import { sum } from "./amount.ts";
import type { Amounts } from "./balance.ts";

/** The sum over a snapshot's assets in one denomination, and how much of the snapshot it speaks of. */
export interface Total {
  readonly total: string;
  readonly available: string;
  /** How many assets have a value in the denomination. */
  readonly covers: number;
  /** How many assets the snapshot has, unsettled ones included. `covers < of`: the total leaves out some of them. */
  readonly of: number;
}

/** By denomination. */
export type Totals = ReadonlyMap<string, Total>;

/**
 * The totals of a snapshot. A denomination is a symbol under which something else than itself is valued (`usd` of
 * bitcoin); where nothing is, the money that is held (`usd` of dollars). An asset without a value in a denomination is left
 * out of the sum and of `covers`: unpriced is not worthless.
 * @param fiat which of the symbols are money
 * @param unsettled how many assets may be held that are not among the balances
 */
export function totalsOf(balances: ReadonlyMap<string, Amounts>, fiat: Iterable<string>, unsettled = 0): Totals {
  const valued = new Set<string>();
  for (const [symbol, amounts] of balances) {
    for (const denomination of amounts.keys()) if (denomination !== symbol) valued.add(denomination);
  }
  return new Map(
    [...(valued.size > 0 ? valued : fiat)]
      .sort()
      .map((denomination) => [denomination, totalIn(denomination, balances, unsettled)]),
  );
}

function totalIn(denomination: string, balances: ReadonlyMap<string, Amounts>, unsettled: number): Total {
  const amounts = [...balances.values()].flatMap((of) => of.get(denomination) ?? []);
  return {
    total: sum(amounts.map((amount) => amount.total)),
    available: sum(amounts.map((amount) => amount.available)),
    covers: amounts.length,
    of: balances.size + unsettled,
  };
}
