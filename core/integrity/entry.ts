import type { Slot } from "../domain/slot.ts";
import type { ChainedSnapshot } from "../domain/snapshot.ts";

/** The first entry has this value instead of the hash of the previous entry. */
export const NO_PREVIOUS = "0".repeat(64);

/** The format of a sequence number: ten digits, so that the order of the texts is the order of the numbers. */
export const SEQUENCE = /^(?!0{10})\d{10}$/;

/** The format of a digest or hash: SHA-256 in hex. */
export const HEX_DIGEST = /^[0-9a-f]{64}$/;

/**
 * Snapshots are appended in the order of their capture. Concurrent runs and a corrected clock may swap entries whose captures
 * are this close together.
 */
export const ORDER_TOLERANCE_MS = 3_600_000;

/** One link of an account's hash chain. */
export interface Entry extends ChainedSnapshot {
  /** Starts at 1 and has no gaps. */
  readonly sequence: number;
  /** When the entry was appended, in the format of a slot. */
  readonly chainedAt: string;
  /** The hash of the previous entry. */
  readonly previous: string;
  /** The hash of all other attributes of the entry. */
  readonly hash: string;
}

/** The last entry of an account's chain. A copy kept elsewhere shows whether the table was changed later. */
export interface Head {
  readonly accountId: string;
  readonly sequence: number;
  readonly slot: Slot;
  readonly hash: string;
  /** When it was the last entry, in the format of a slot. */
  readonly at: string;
}

/** An entry as read from the table, or the problem that makes it unreadable. */
export type EntryRead =
  | { readonly sort: string; readonly entry: Entry; readonly computedHash: string }
  | { readonly sort: string; readonly problem: string };

/** A complete snapshot as read from the table, with its recomputed digest. */
export interface StoredSnapshot extends ChainedSnapshot {
  /** In the format of a slot. */
  readonly completedAt: string;
}

/** A complete snapshot and the digest in its item, or the problem that makes it unreadable. */
export type SnapshotRead =
  | { readonly slot: Slot; readonly snapshot: StoredSnapshot; readonly ownDigest: string }
  | { readonly slot: Slot; readonly problem: string };

/** Reads chains and snapshots. Every method throws a StoreError if the table cannot be read. */
export interface ChainSource {
  /** Yields every entry, by sequence number. */
  entries(accountId: string): AsyncIterable<EntryRead>;
  /** Yields every complete snapshot, by slot. */
  snapshots(accountId: string): AsyncIterable<SnapshotRead>;
}
