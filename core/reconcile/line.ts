import Big from "big.js";
import { subtract, sum } from "../domain/amount.ts";
import { quantity } from "../domain/balance.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import type { Effect } from "./effects.ts";
import type { AccountEnds, Line, LineState } from "./reconciliation.ts";

/** What a transfer moves in one asset of an account. */
export interface AssetEffects {
  readonly transferId: string;
  readonly effects: readonly Effect[];
}

/** Up to this many undetermined transfers, a line tries every combination of them; beyond it, only none and all. */
export const MAX_COMBINED = 12;

/** Returns the line of an asset, without the remainder by the other reading of fees. */
export function lineOf(
  ends: AccountEnds,
  asset: string,
  counted: readonly AssetEffects[],
  undetermined: readonly AssetEffects[],
): Omit<Line, "unexplainedByOtherReading"> {
  const opening = quantityAt(ends.opening, asset);
  const closing = quantityAt(ends.closing, asset);
  const ids = {
    transfers: counted.map(({ transferId }) => transferId),
    undetermined: undetermined.map(({ transferId }) => transferId),
  };
  const line = { accountId: ends.accountId, asset, opening, closing, ...ids };
  if (!ends.isAsked) {
    return {
      ...line,
      state: "not_asked",
      in: null,
      out: null,
      fees: null,
      unexplained: null,
      unexplainedWithUndetermined: null,
    };
  }
  const columns = columnsOf(counted.flatMap(({ effects }) => effects));
  const change = difference(closing, opening);
  const unexplained = difference(change, netOf(columns));
  const nets = undetermined.map(({ effects }) => netOf(columnsOf(effects)));
  return {
    ...line,
    ...columns,
    state: stateOf(unexplained, nets),
    unexplained,
    unexplainedWithUndetermined: nets.length === 0 ? null : difference(unexplained, sumOrNull(nets)),
  };
}

/** Returns how much of an asset a snapshot shows; `null`: it is unknown whether it is held, or how much. */
export function quantityAt({ balances, unsettled, hidden }: Snapshot, asset: string): string | null {
  if (unsettled.includes(asset)) return null;
  const amounts = balances.get(asset);
  if (amounts !== undefined) return quantity(asset, amounts).total;
  // One of the entries that the walk did not find can be this asset.
  return hidden > 0 ? null : "0";
}

type Columns = Readonly<Record<Effect["column"], string | null>>;

function columnsOf(effects: readonly Effect[]): Columns {
  const column = (name: Effect["column"]) =>
    sumOrNull(effects.filter((effect) => effect.column === name).map(({ amount }) => amount));
  return { in: column("in"), out: column("out"), fees: column("fees") };
}

function netOf({ in: received, out, fees }: Columns): string | null {
  return difference(received, sumOrNull([out, fees]));
}

function stateOf(unexplained: string | null, nets: readonly (string | null)[]): LineState {
  if (unexplained === null) return "unknown";
  if (isZero(unexplained)) return "explained";
  const known = nets.filter((net) => net !== null);
  if (known.length < nets.length) return "unknown";
  return someCombinationIs(unexplained, known) ? "undetermined" : "unexplained";
}

function someCombinationIs(remainder: string, nets: readonly string[]): boolean {
  if (nets.length > MAX_COMBINED) return isZero(subtract(remainder, sum(nets)));
  let remainders = [new Big(remainder)];
  for (const net of nets) {
    remainders = remainders.flatMap((without) => [without, without.minus(net)]);
    if (remainders.some((rest) => rest.eq(0))) return true;
  }
  return false;
}

function isZero(decimal: string): boolean {
  return new Big(decimal).eq(0);
}

function sumOrNull(decimals: readonly (string | null)[]): string | null {
  const known = decimals.filter((decimal) => decimal !== null);
  return known.length < decimals.length ? null : sum(known);
}

function difference(a: string | null, b: string | null): string | null {
  return a === null || b === null ? null : subtract(a, b);
}
