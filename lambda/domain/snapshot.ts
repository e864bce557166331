import type { Amounts, Asset, Balance } from "./balance.ts";
import type { Slot, Trigger } from "./slot.ts";
import { type Totals, totalsOf } from "./totals.ts";

/**
 * How far a walk can be trusted, for the API's list is sorted by a value that moves:
 * - `clean`: no asset was seen twice.
 * - `rewalked`: one was, so the account was walked again, and then none was.
 * - `reordered`: one was in every walk that the job is ready to make; the last sighting counts, and an asset may be
 *   missing that changed its place in the list between two pages.
 */
export type Consistency = "clean" | "rewalked" | "reordered";

/** All that a walk over an account's pages brought. */
export interface Walk {
  readonly balances: readonly Balance[];
  readonly pages: number;
  readonly consistency: Consistency;
  /** Milliseconds since 1970 when the first page was asked for. */
  readonly capturedAt: number;
  /** Milliseconds since 1970 when the last page had arrived. */
  readonly completedAt: number;
}

/** What is told of a snapshot without its balances. */
export interface SnapshotSummary {
  readonly accountId: string;
  readonly slot: Slot;
  readonly trigger: Trigger;
  /** Written as a slot is. */
  readonly capturedAt: string;
  /** Written as a slot is. */
  readonly completedAt: string;
  readonly pages: number;
  readonly consistency: Consistency;
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
  const snapshot = {
    accountId: of.accountId,
    slot: of.slot,
    trigger: of.trigger,
    capturedAt: new Date(walk.capturedAt).toISOString(),
    completedAt: new Date(walk.completedAt).toISOString(),
    pages: walk.pages,
    consistency: walk.consistency,
    assets: balances.size,
    totals: totalsOf(balances, fiat),
    balances,
  };
  return { snapshot, assets: walk.balances.map((balance) => balance.asset) };
}
