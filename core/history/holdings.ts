import { type Amount, subtract } from "../domain/amount.ts";
import type { Snapshot } from "../domain/snapshot.ts";

/**
 * One asset at one time. Four different things: `held`; `absent`, the snapshot is there and does not hold it;
 * `unsettled`, the snapshot is there and the API did not tell; `gap`, there is no snapshot. Amounts are decimal strings,
 * `null` where there is none.
 */
export interface HoldingRow {
  /** The step that was asked for; only in a series of steps. */
  readonly step?: string;
  readonly slot: string | null;
  readonly capturedAt: string | null;
  readonly accountId: string;
  readonly asset: string;
  readonly state: "held" | "absent" | "unsettled" | "gap";
  readonly available: string | null;
  readonly total: string | null;
  readonly hold: string | null;
  /** By denomination; `null` for one in which the asset had no price then. */
  readonly values: Readonly<Record<string, Amount | null>>;
}

/**
 * What a snapshot says of an asset.
 * @param snapshot `undefined`: a gap
 * @param step an instant, in a series of steps
 */
export function holdingRow(
  accountId: string,
  asset: string,
  snapshot: Snapshot | undefined,
  denomination: string,
  step?: string,
): HoldingRow {
  const amounts = snapshot?.balances.get(asset);
  const own = amounts?.get(asset);
  const value = snapshot?.totals.has(denomination) ? amounts?.get(denomination) : undefined;
  return {
    ...(step !== undefined && { step }),
    slot: snapshot?.slot ?? null,
    capturedAt: snapshot?.capturedAt ?? null,
    accountId,
    asset,
    state: stateOf(asset, snapshot),
    available: own?.available ?? null,
    total: own?.total ?? null,
    hold: own ? subtract(own.total, own.available) : null,
    values: { [denomination]: value ?? null },
  };
}

function stateOf(asset: string, snapshot: Snapshot | undefined): HoldingRow["state"] {
  if (snapshot === undefined) return "gap";
  if (snapshot.balances.has(asset)) return "held";
  return snapshot.unsettled.includes(asset) ? "unsettled" : "absent";
}
