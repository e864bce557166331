import type { Slot } from "../domain/slot.ts";

/** What the first entry has in place of the hash of the one before. */
export const NO_PREVIOUS = "0".repeat(64);

/** How an entry's sequence number is written, so that the order of the texts is that of the numbers. */
export const SEQUENCE = /^(?!0{10})\d{10}$/;

/**
 * An account's snapshots are entered in the order of their capture, but for runs side by side and a clock that was set:
 * two entries may be the wrong way round by so much.
 */
export const ORDER_SLACK_MS = 3_600_000;

/** What a snapshot is known by in the chain. */
export interface ChainedSnapshot {
  readonly slot: Slot;
  /** Written as a slot is. */
  readonly capturedAt: string;
  /** Of its content. */
  readonly digest: string;
  /** From then on it may be deleted; written as a slot is. `undefined`: it is kept for ever. */
  readonly keptUntil?: string | undefined;
}

/** One link of an account's chain. */
export interface Entry extends ChainedSnapshot {
  /** From 1, without a gap. */
  readonly sequence: number;
  /** The hash of the entry before. */
  readonly previous: string;
  /** Of all that the entry says but for itself. */
  readonly hash: string;
}

/** The last entry of an account's chain: who has kept one elsewhere can hold the table against it. */
export interface Head {
  readonly accountId: string;
  readonly sequence: number;
  readonly slot: Slot;
  readonly hash: string;
  /** When it was the last one; written as a slot is. */
  readonly at: string;
}

/** An entry as it was read; where it cannot be understood, why. */
export type EntryRead =
  | { readonly sort: string; readonly entry: Entry; readonly computedHash: string }
  | { readonly sort: string; readonly problem: string };

/** A complete snapshot as it was read, its digest computed anew; where it cannot be understood, why. */
export type SnapshotRead =
  | { readonly slot: Slot; readonly snapshot: ChainedSnapshot; readonly ownDigest: string | undefined }
  | { readonly slot: Slot; readonly problem: string };

/** Where a chain and what it speaks of are read from. Every method throws a StoreError where the table cannot be read. */
export interface ChainSource {
  /** Every entry, by sequence. */
  entries(accountId: string): AsyncIterable<EntryRead>;
  /** Every complete snapshot, by slot. */
  snapshots(accountId: string): AsyncIterable<SnapshotRead>;
}
