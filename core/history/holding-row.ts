import { type Amount, subtract } from "../domain/amount.ts";
import { assetValue, type Snapshot } from "../domain/snapshot.ts";
import type { Step } from "./steps.ts";

/**
 * One asset at one time. `held`; `absent`: the snapshot does not contain the asset; `unsettled`: unknown whether the
 * account held it; `gap`: no snapshot. Amounts are decimal strings, or `null`.
 */
export interface HoldingRow {
  /** The step's label, and whether the step is open; only in a series of steps. */
  readonly step?: string;
  readonly open?: boolean;
  readonly slot: string | null;
  readonly capturedAt: string | null;
  readonly completedAt: string | null;
  readonly accountId: string;
  readonly asset: string;
  readonly state: "held" | "absent" | "unsettled" | "gap";
  readonly available: string | null;
  readonly total: string | null;
  readonly hold: string | null;
  /** By denomination; `null` if the asset had no price in it. */
  readonly values: Readonly<Record<string, Amount | null>>;
  /** Whether the snapshot does not match its digest. */
  readonly altered: boolean;
}

/**
 * Returns the row of an asset in a snapshot.
 * @param snapshot `undefined` is a gap
 * @param step in a series of steps
 */
export function holdingRow(
  accountId: string,
  asset: string,
  snapshot: Snapshot | undefined,
  denomination: string,
  step?: Pick<Step, "label" | "open">,
): HoldingRow {
  const own = snapshot?.balances.get(asset)?.get(asset);
  const value = snapshot && assetValue(snapshot, asset, denomination);
  return {
    ...(step !== undefined && { step: step.label, open: step.open }),
    slot: snapshot?.slot ?? null,
    capturedAt: snapshot?.capturedAt ?? null,
    completedAt: snapshot?.completedAt ?? null,
    accountId,
    asset,
    state: stateOf(asset, snapshot),
    available: own?.available ?? null,
    total: own?.total ?? null,
    hold: own ? subtract(own.total, own.available) : null,
    values: { [denomination]: value ?? null },
    altered: snapshot?.altered === true,
  };
}

function stateOf(asset: string, snapshot: Snapshot | undefined): HoldingRow["state"] {
  if (snapshot === undefined) return "gap";
  if (snapshot.balances.has(asset)) return "held";
  return snapshot.unsettled.includes(asset) ? "unsettled" : "absent";
}
