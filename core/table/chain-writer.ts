import { StoreError } from "../domain/errors.ts";
import type { ChainUpdate } from "../domain/ports.ts";
import { type Slot, slotAt } from "../domain/slot.ts";
import { type ChainedSnapshot, type Entry, ORDER_SLACK_MS } from "../integrity/entry.ts";
import type { Item } from "./attributes.ts";
import { decodeEntry, encodeEntry } from "./chain-item.ts";
import type { ChainReader } from "./chain-reader.ts";

/** So often it is begun anew where another run appends to the same chain. */
const ROUNDS = 20;

/** The end of the chain that is looked at in any case. */
const FIRST_LOOK = 8;

/** What a chain lacks. */
interface Missing {
  readonly head: Entry | undefined;
  readonly snapshots: readonly ChainedSnapshot[];
  /** Snapshots that cannot be vouched for: unreadable, or not what their own digest was made of. */
  readonly broken: readonly Slot[];
}

/**
 * Appends to an account's chain. Each entry is put on the condition that there is none of its sequence number, which holds
 * only for who has seen all that are there: so two runs never fork a chain, and none of them needs a transaction.
 */
export class ChainWriter {
  readonly #reader: ChainReader;
  readonly #putNew: (item: Item) => Promise<boolean>;

  /** @param putNew puts an item unless there is one under its key; `false`: there was */
  constructor(reader: ChainReader, putNew: (item: Item) => Promise<boolean>) {
    this.#reader = reader;
    this.#putNew = putNew;
  }

  /** Enters every snapshot that has no entry yet: this run's, and those of runs that were killed before they could. */
  async appendMissingEntries(accountId: string, { now, latenessLimitMs, signal }: ChainUpdate): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      signal.throwIfAborted();
      const { head, snapshots, broken } = await this.#missing(accountId, now, latenessLimitMs);
      if (!(await this.#append(accountId, head, snapshots, { now, signal }))) continue;
      if (broken.length === 0) return;
      throw new StoreError(
        "snapshot_altered",
        `The chain of ${accountId} cannot vouch for the snapshot of ${broken.join(", ")}: it is not as it was written. ` +
          "Run the command verify.",
      );
    }
    throw new StoreError(
      "chain_contended",
      `Other runs appended to the chain of ${accountId} ${ROUNDS} times in a row. The next run enters what is missing.`,
    );
  }

  /** `false`: another run has appended meanwhile. */
  async #append(
    accountId: string,
    head: Entry | undefined,
    snapshots: readonly ChainedSnapshot[],
    { now, signal }: Pick<ChainUpdate, "now" | "signal">,
  ): Promise<boolean> {
    let before = head;
    for (const snapshot of snapshots) {
      signal.throwIfAborted();
      const item = encodeEntry(accountId, snapshot, before, slotAt(now));
      if (!(await this.#putNew(item))) return false;
      before = decodeEntry(item);
    }
    return true;
  }

  /**
   * What was captured before the head has its entry, but for the order's slack; and a slot is at most the lateness limit
   * older than its capture. So only the newest snapshots are looked at, unless there is no chain yet.
   */
  async #missing(accountId: string, now: number, latenessLimitMs: number): Promise<Missing> {
    const back = this.#reader.entriesBack(accountId);
    const entries: Entry[] = [];
    const pull = async (): Promise<Entry | undefined> => {
      const { value, done } = await back.next();
      if (done) return undefined;
      entries.push(value);
      return value;
    };
    let reached = await pull();
    // One that a wrong clock wrote does not tell how far the chain has come.
    while (reached !== undefined && Date.parse(reached.capturedAt) > now) reached = await pull();
    while (entries.length < FIRST_LOOK && (await pull()) !== undefined);

    const since = reached && Date.parse(reached.capturedAt) - latenessLimitMs - ORDER_SLACK_MS;
    const missing = new Map<Slot, ChainedSnapshot>();
    const broken: Slot[] = [];
    const from = since === undefined ? undefined : slotAt(since);
    const wanted = { from, but: new Set(entries.map(({ slot }) => slot)) };
    for await (const read of this.#reader.snapshots(accountId, wanted)) {
      if ("problem" in read || (read.ownDigest ?? read.snapshot.digest) !== read.snapshot.digest)
        broken.push(read.slot);
      else missing.set(read.slot, read.snapshot);
    }
    const captures = [...missing.values()].map(({ capturedAt }) => Date.parse(capturedAt));
    const oldest = captures.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY);
    for (let last = entries.at(-1); last && Date.parse(last.capturedAt) >= oldest - ORDER_SLACK_MS; ) {
      last = await pull();
      if (last !== undefined) missing.delete(last.slot);
    }
    const snapshots = [...missing.values()].sort((a, b) => (a.capturedAt < b.capturedAt ? -1 : 1));
    return { head: entries[0], snapshots, broken };
  }
}
