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
      explainedBy: [],
    };
  }
  const columns = columnsOf(counted.flatMap(({ effects }) => effects));
  const change = difference(closing, opening);
  const unexplained = difference(change, netOf(columns));
  const nets = undetermined.map(({ effects }) => netOf(columnsOf(effects)));
  const { state, explainedBy = [] } = stateOf(unexplained, nets);
  return {
    ...line,
    ...columns,
    state,
    unexplained,
    unexplainedWithUndetermined: nets.length === 0 ? null : difference(unexplained, sumOrNull(nets)),
    explainedBy: ids.undetermined.filter((_, at) => explainedBy.includes(at)),
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

/** Returns the state of a line, and the positions of the undetermined transfers that explain it, if some do. */
function stateOf(
  unexplained: string | null,
  nets: readonly (string | null)[],
): { readonly state: LineState; readonly explainedBy?: readonly number[] } {
  if (unexplained === null) return { state: "unknown" };
  if (isZero(unexplained)) return { state: "explained" };
  const known = nets.filter((net) => net !== null);
  if (known.length < nets.length) return { state: "unknown" };
  const explainedBy = combinationThatIs(unexplained, known);
  return explainedBy === undefined ? { state: "unexplained" } : { state: "undetermined", explainedBy };
}

/** Returns the positions of amounts whose sum is the remainder; `undefined`: there is no such combination. */
function combinationThatIs(remainder: string, nets: readonly string[]): readonly number[] | undefined {
  if (nets.length > MAX_COMBINED) {
    return isZero(subtract(remainder, sum(nets))) ? nets.map((_, at) => at) : undefined;
  }
  let combinations = [{ rest: new Big(remainder), positions: [] as readonly number[] }];
  for (const [at, net] of nets.entries()) {
    const added = combinations.map(({ rest, positions }) => ({ rest: rest.minus(net), positions: [...positions, at] }));
    const found = added.find(({ rest }) => rest.eq(0));
    if (found !== undefined) return found.positions;
    combinations = [...combinations, ...added];
  }
  return undefined;
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
