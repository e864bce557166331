import { StoreError } from "../domain/errors.ts";
import type { ChainUpdate, PreviousSlot, SavedSnapshot } from "../domain/ports.ts";
import { type Slot, slotAt } from "../domain/slot.ts";
import type { ChainedSnapshot } from "../domain/snapshot.ts";
import { type Entry, ORDER_TOLERANCE_MS } from "../integrity/entry.ts";
import { decodeEntry, encodeEntry } from "./chain-item.ts";
import type { ChainReader } from "./chain-reader.ts";
import type { Table } from "./table.ts";

/** Attempts to append when other runs append to the same chain at the same time. */
const MAX_ATTEMPTS = 20;

/** Recovery always reads this many entries from the end of the chain. */
const MIN_ENTRIES_READ = 8;

/**
 * Appends snapshots to an account's hash chain. An entry is put on the condition that its sequence number is free, so that
 * concurrent runs never fork a chain, without a transaction.
 */
export class ChainWriter {
  readonly #table: Table;
  readonly #reader: ChainReader;
  /** Accounts whose last append failed. Their next append recovers, even if the chain ends as expected. */
  readonly #failed = new Set<string>();

  constructor(table: Table, reader: ChainReader) {
    this.#table = table;
    this.#reader = reader;
  }

  /**
   * Appends the snapshot that was just saved. If the chain does not end with the snapshot before it, because a run was
   * killed or several ran concurrently, appends every snapshot that the chain lacks. Returns how many it appended.
   */
  append(saved: SavedSnapshot, previous: PreviousSlot | undefined, update: ChainUpdate): Promise<number> {
    const { accountId, ...snapshot } = saved;
    return this.#rememberFailure(accountId, async () => {
      // The slot of a manual run can be later than that of a scheduled one that ran after it. So the chain can end with the
      // snapshot before this one, and lack the other.
      if (!this.#failed.has(accountId) && previous?.trigger !== "manual") {
        const last = await this.#probablyLastEntry(accountId);
        if (last?.slot === previous?.slot && (await this.#put(accountId, snapshot, last, update))) return 1;
      }
      return this.#recover(accountId, update, saved.slot);
    });
  }

  /**
   * Appends every snapshot that the chain lacks, however old `slot` is. Does nothing if the chain ends with `slot`. Returns how
   * many it appended.
   */
  appendMissing(accountId: string, update: ChainUpdate, slot?: Slot): Promise<number> {
    return this.#rememberFailure(accountId, async () => {
      if (slot !== undefined && (await this.#probablyLastEntry(accountId))?.slot === slot) return 0;
      return this.#recover(accountId, update, slot);
    });
  }

  async #rememberFailure(accountId: string, append: () => Promise<number>): Promise<number> {
    try {
      const appended = await append();
      this.#failed.delete(accountId);
      return appended;
    } catch (thrown) {
      this.#failed.add(accountId);
      throw thrown;
    }
  }

  async #recover(accountId: string, update: ChainUpdate, slot: Slot | undefined): Promise<number> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const { last, snapshots, altered } = await this.#findMissing(accountId, update, slot);
      if (!(await this.#putAll(accountId, snapshots, last, update))) continue;
      if (altered.length === 0) return snapshots.length;
      throw new StoreError(
        "snapshot_altered",
        `The snapshots of ${accountId} for ${altered.join(", ")} do not match their own digests, so they were not chained.`,
        { suggestedFix: "Run balances verify." },
      );
    }
    throw new StoreError(
      "chain_contended",
      `Other runs appended to the hash chain of ${accountId} ${MAX_ATTEMPTS} times in a row.`,
      { suggestedFix: "The next run appends the missing entries." },
    );
  }

  /**
   * Reads eventually consistent, for half the read units. If the result is outdated, the caller's comparison or its
   * conditional put fails, and the recovery reads strongly consistent.
   */
  #probablyLastEntry(accountId: string): Promise<Entry | undefined> {
    return this.#reader.lastEntry(accountId, false);
  }

  /** Returns whether all entries were written; `false` if another run appended first. */
  async #putAll(
    accountId: string,
    snapshots: readonly ChainedSnapshot[],
    last: Entry | undefined,
    update: ChainUpdate,
  ): Promise<boolean> {
    let previous = last;
    for (const snapshot of snapshots) {
      update.signal.throwIfAborted();
      previous = await this.#put(accountId, snapshot, previous, update);
      if (previous === undefined) return false;
    }
    return true;
  }

  /** Returns the entry that was written; `undefined` if another run appended first. */
  async #put(accountId: string, snapshot: ChainedSnapshot, previous: Entry | undefined, { now }: ChainUpdate) {
    const item = encodeEntry(accountId, snapshot, previous, slotAt(now));
    return (await this.#table.putIfAbsent(item)) ? decodeEntry(item) : undefined;
  }

  /**
   * Finds the snapshots that the chain lacks. Reads only the newest ones, unless the chain is empty or `slot` is older:
   * entries are in the order of capture, within a tolerance, and a slot is at most the lateness limit older than its
   * capture.
   */
  async #findMissing(accountId: string, { now, latenessLimitMs, signal }: ChainUpdate, slot: Slot | undefined) {
    signal.throwIfAborted();
    const back = this.#reader.entriesBack(accountId, MIN_ENTRIES_READ);
    const entries: Entry[] = [];
    const readOne = async (): Promise<Entry | undefined> => {
      const { value, done } = await back.next();
      if (done) return undefined;
      entries.push(value);
      return value;
    };
    let reached = await readOne();
    // A capture in the future comes from a wrong clock, and does not show how far the chain has come.
    while (reached !== undefined && Date.parse(reached.capturedAt) > now) reached = await readOne();
    while (entries.length < MIN_ENTRIES_READ && (await readOne()) !== undefined);

    const since = reached && Date.parse(reached.capturedAt) - latenessLimitMs - ORDER_TOLERANCE_MS;
    const missing = new Map<Slot, ChainedSnapshot>();
    /** Snapshots that cannot be read, or do not match their own digest. */
    const altered = new Set<Slot>();
    const from = since === undefined ? undefined : slotAt(Math.min(since, Date.parse(slot ?? slotAt(since))));
    const chained = new Set(entries.map(({ slot }) => slot));
    for await (const read of this.#reader.snapshots(accountId, from, chained)) {
      if ("problem" in read || read.ownDigest !== read.snapshot.digest) altered.add(read.slot);
      else missing.set(read.slot, read.snapshot);
    }
    // An altered snapshot may not state when it was captured, but that was not before the first slot that was read.
    const captures = [...missing.values()].map(({ capturedAt }) => Date.parse(capturedAt));
    if (altered.size > 0 && from !== undefined) captures.push(Date.parse(from));
    const oldest = captures.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY);
    for (let entry = entries.at(-1); entry && Date.parse(entry.capturedAt) >= oldest - ORDER_TOLERANCE_MS; ) {
      entry = await readOne();
      if (entry === undefined) break;
      missing.delete(entry.slot);
      altered.delete(entry.slot);
    }
    const snapshots = [...missing.values()].sort((a, b) => (a.capturedAt < b.capturedAt ? -1 : 1));
    return { last: entries[0], snapshots, altered: [...altered] };
  }
}
