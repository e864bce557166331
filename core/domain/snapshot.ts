import type { Amount } from "./amount.ts";
import { type Amounts, type Asset, type Balance, recordedAsset } from "./balance.ts";
import { type Slot, slotAt, type Trigger } from "./slot.ts";
import { type Totals, totalsOf, valueIn } from "./totals.ts";

/**
 * Whether a walk is known to have found every asset. The API sorts its list by a value that changes, so an asset can move
 * between two pages while they are read.
 * - `verified`: every asset that an earlier pass or the previous snapshot showed was found, or the API stated that it is
 *   not held; and at least as many assets were found as the list has entries.
 * - `uncertain`: an asset may be missing, because the list has `hidden` entries, or because the API did not settle a single
 *   asset, which is then `unsettled`.
 */
export type Consistency = "verified" | "uncertain";

/** How a walk went. */
export interface WalkSummary {
  readonly consistency: Consistency;
  /** How many times all pages were read. The last pass counts. */
  readonly passes: number;
  /** Pages of the last pass. */
  readonly pages: number;
  /**
   * Symbols of assets that were expected and not listed, or listed with different amounts, and that the request for the
   * single asset did not settle.
   */
  readonly unsettled: readonly string[];
  /** How many entries the API's list had beyond the assets that were found. Each may have hidden an unknown asset. */
  readonly hidden: number;
}

/** The result of a walk over an account's balances. */
export interface Walk extends WalkSummary {
  readonly balances: readonly Balance[];
  /** When the final pass sent its first request that succeeded, in milliseconds since 1970. Ages count from here. */
  readonly capturedAt: number;
  /**
   * When the last response had arrived, in milliseconds since 1970; never earlier than `capturedAt`, however the system clock
   * was adjusted. Every balance was read by then, so this is the snapshot's time.
   */
  readonly completedAt: number;
}

/** A snapshot without its balances and its unsettled assets. */
export interface SnapshotSummary extends Omit<WalkSummary, "unsettled"> {
  readonly accountId: string;
  readonly slot: Slot;
  readonly trigger: Trigger;
  /** In the format of a slot. */
  readonly capturedAt: string;
  /** In the format of a slot. */
  readonly completedAt: string;
  readonly assets: number;
  readonly totals: Totals;
}

/** Returns how many assets the account may hold: those of the snapshot, the unsettled and the hidden ones. */
export function possibleAssets({ assets, unsettled, hidden }: Snapshot): number {
  return assets + unsettled.length + hidden;
}

/** An account's holdings for a slot. Every stored snapshot is complete. */
export interface Snapshot extends SnapshotSummary, WalkSummary {
  /** By asset symbol. */
  readonly balances: ReadonlyMap<string, Amounts>;
  /** By symbol: the descriptions that the snapshot holds itself, because they differ from the catalog's. */
  readonly descriptions: ReadonlyMap<string, Asset>;
  /** Symbols of the fiat currencies that are held, and in which there is a total. */
  readonly fiat: readonly string[];
  /** Present if the stored content does not match the digest beside it: somebody changed it. */
  readonly altered?: true;
}

/** Returns the value that an asset has in a total of the snapshot; `undefined`: none, so the total does not cover it. */
export function assetValue(
  { balances, totals, fiat }: Pick<Snapshot, "balances" | "totals" | "fiat">,
  asset: string,
  denomination: string,
): Amount | undefined {
  const amounts = balances.get(asset);
  return amounts && totals.has(denomination) ? valueIn(denomination, asset, amounts, fiat) : undefined;
}

/** Returns the name that an asset had at the time of a snapshot. @param catalog the descriptions of assets, by symbol */
export function assetName(
  { descriptions }: Snapshot,
  catalog: ReadonlyMap<string, Asset>,
  symbol: string,
): string | undefined {
  return (descriptions.get(symbol) ?? catalog.get(symbol))?.name;
}

/** A snapshot as its hash chain records it. */
export interface ChainedSnapshot {
  readonly slot: Slot;
  /** In the format of a slot. */
  readonly capturedAt: string;
  /** SHA-256 of the snapshot's content, in hex. */
  readonly digest: string;
  /** When the snapshot may be deleted, in the format of a slot. `undefined`: never. */
  readonly keptUntil?: string | undefined;
}

/** Why a slot has no snapshot. It contains no balances. */
export interface Failure {
  readonly slot: Slot;
  readonly trigger: Trigger;
  /** The error's stable code. */
  readonly code: string;
  readonly message: string;
  readonly suggestedFix?: string | undefined;
  /** The API's id of the failed request, if it returned one. */
  readonly correlationId?: string | undefined;
}

/** The record of a slot whose snapshot of an account could not be taken. */
export interface FailedAttempt extends Failure {
  readonly accountId: string;
  /** Number of attempts at the slot. */
  readonly attempts: number;
  /** In the format of a slot. */
  readonly lastTriedAt: string;
}

/** Returns the snapshot of a walk, and the descriptions of its assets. */
export function snapshotOf(
  { balances: held, capturedAt, completedAt, ...summary }: Walk,
  of: Pick<SnapshotSummary, "accountId" | "slot" | "trigger">,
): { snapshot: Snapshot; assets: readonly Asset[] } {
  const balances = new Map(held.map(({ asset, amounts }) => [asset.symbol, amounts]));
  const fiat = held.flatMap(({ asset }) => (asset.type === "fiat" ? [asset.symbol] : []));
  const totals = totalsOf(balances, fiat, summary.unsettled.length + summary.hidden);
  const snapshot = {
    ...of,
    ...summary,
    capturedAt: slotAt(capturedAt),
    completedAt: slotAt(completedAt),
    assets: balances.size,
    ...{ totals, balances, fiat: fiat.filter((symbol) => totals.has(symbol)) },
    unsettled: [...summary.unsettled].sort(),
    descriptions: new Map(),
  };
  return { snapshot, assets: held.map(({ asset }) => recordedAsset(asset)) };
}
