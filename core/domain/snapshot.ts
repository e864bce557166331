import type { Amounts, Asset, Balance } from "./balance.ts";
import type { Slot, Trigger } from "./slot.ts";
import { type Totals, totalsOf } from "./totals.ts";

/**
 * How a walk was settled, for the API's list is sorted by a value that moves:
 * - `clean`: the first pass over the pages showed no asset twice, and every asset that the previous snapshot held.
 * - `rewalked`: a further pass did.
 * - `confirmed`: what the last pass did not show was asked for by itself, and every question was answered.
 * - `reordered`: the list moved in every pass, and all of them together showed fewer assets than the list has entries, so
 *   that one which is new since the previous snapshot is missing; or a question was not answered, and the asset is
 *   `unsettled`.
 */
export type Consistency = "clean" | "rewalked" | "confirmed" | "reordered";

/** How far a walk can be trusted, and what it had to find out beside the list. */
export interface Settlement {
  readonly consistency: Consistency;
  /** Pages of the last pass, which is the one that counts. */
  readonly pages: number;
  /** Balances a page that were asked for; `undefined` of a snapshot from before this was kept. */
  readonly pageSize: number | undefined;
  /** Symbols of assets that were expected and not shown, and that the API, asked, says are not held. */
  readonly gone: readonly string[];
  /** Symbols of assets that were expected and not shown, and of which the API would not tell. */
  readonly unsettled: readonly string[];
}

/** All that a walk over an account's balances brought. */
export interface Walk extends Settlement {
  readonly balances: readonly Balance[];
  /** Milliseconds since 1970 when the first page was asked for. */
  readonly capturedAt: number;
  /** Milliseconds since 1970 when the last page had arrived. */
  readonly completedAt: number;
}

/** What is told of a snapshot without its balances. */
export interface SnapshotSummary extends Settlement {
  readonly accountId: string;
  readonly slot: Slot;
  readonly trigger: Trigger;
  /** Written as a slot is. */
  readonly capturedAt: string;
  /** Written as a slot is. */
  readonly completedAt: string;
  /** How many assets it holds. */
  readonly assets: number;
  readonly totals: Totals;
}

/** What one account held, for one slot; complete by its very existence. */
export interface Snapshot extends SnapshotSummary {
  /** By asset symbol. */
  readonly balances: ReadonlyMap<string, Amounts>;
}

/** What is recorded of a slot whose snapshot could not be taken. Never a balance. */
export interface FailedAttempt {
  readonly accountId: string;
  readonly slot: Slot;
  readonly trigger: Trigger;
  /** The error's stable code. */
  readonly code: string;
  /** The error's message, fit to be read. */
  readonly message: string;
  /** The API's own id of the failed request, where it gave one. */
  readonly correlationId?: string | undefined;
  /** How many times the slot was tried. */
  readonly attempts: number;
  /** Written as a slot is. */
  readonly lastTriedAt: string;
}

/** The snapshot that a walk makes, and the assets as they were described in it. */
export function snapshotOf(
  walk: Walk,
  of: { accountId: string; slot: Slot; trigger: Trigger },
): { snapshot: Snapshot; assets: readonly Asset[] } {
  const balances = new Map(walk.balances.map((balance) => [balance.asset.symbol, balance.amounts]));
  const fiat = walk.balances.flatMap(({ asset }) => (asset.type === "fiat" ? [asset.symbol] : []));
  const { consistency, pages, pageSize, gone, unsettled } = walk;
  const snapshot = {
    accountId: of.accountId,
    slot: of.slot,
    trigger: of.trigger,
    capturedAt: new Date(walk.capturedAt).toISOString(),
    completedAt: new Date(walk.completedAt).toISOString(),
    ...{ consistency, pages, pageSize, gone, unsettled },
    assets: balances.size,
    totals: totalsOf(balances, fiat, unsettled.length),
    balances,
  };
  return { snapshot, assets: walk.balances.map((balance) => balance.asset) };
}
