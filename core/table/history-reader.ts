import type { AccountActivities } from "../domain/account-activity.ts";
import type { Asset } from "../domain/balance.ts";
import type { FailedRun } from "../domain/failed-run.ts";
import type { HistoryRecord, HistorySource, ScheduleVersion, SlotRange } from "../domain/history-source.ts";
import { type Slot, slotAt } from "../domain/slot.ts";
import type { ChainedSnapshot, Snapshot } from "../domain/snapshot.ts";
import type { Entry } from "../integrity/entry.ts";
import { TABLE_KEYS } from "../names/table-keys.ts";
import { type Item, stringOf } from "./attributes.ts";
import { Catalog } from "./catalog.ts";
import type { ReportDamage } from "./catalog-content.ts";
import { chainedSlots, entryOf } from "./chained-slots.ts";
import { contentDigest } from "./digest.ts";
import { decodeFailedRun, failedRunsUpTo } from "./failed-run-item.ts";
import { readWholeItem } from "./parts.ts";
import { firstComplete, readSnapshot } from "./read-snapshot.ts";
import { decodeRecord } from "./snapshot-item.ts";
import { growingPages, type PartitionQuery, type Table, type Usage } from "./table.ts";

/** "As of" rarely needs more: at midnight of an hourly schedule, the next slot, the last one and the two before it. */
const AS_OF_PAGE = 4;
/** A range is read in sub-ranges of this length, several concurrently. At hourly slots, one has 48 snapshots. */
const SUB_RANGE_MS = 2 * 86_400_000;
const SUB_RANGE_CONCURRENCY = 8;
/** A table whose snapshots are all altered must not exhaust the memory. */
const MAX_NOTED = 6;

/** Reads the history in a table, eventually consistent. Every method throws StoreErrors. */
export class HistoryReader implements HistorySource {
  readonly #table: Table;
  readonly #catalog: Catalog;
  readonly #altered = new Map<string, Pick<Snapshot, "accountId" | "slot">>();

  /** @param report receives each item of the catalog that cannot be read; the history goes on without it */
  constructor(table: Table, report?: ReportDamage) {
    this.#table = table;
    this.#catalog = new Catalog(table, report);
  }

  /** The cost of all reads so far. */
  get usage(): Readonly<Usage> {
    return this.#table.usage;
  }

  /** The first snapshots that were read and do not match their own digest, each once. */
  get altered(): readonly Pick<Snapshot, "accountId" | "slot">[] {
    return [...this.#altered.values()];
  }

  accounts(): Promise<AccountActivities> {
    return this.#catalog.accounts();
  }

  assets(): Promise<ReadonlyMap<string, Asset>> {
    return this.#catalog.assets();
  }

  schedules(): Promise<ScheduleVersion[]> {
    return this.#catalog.schedules();
  }

  async failedRuns({ from, to }: SlotRange): Promise<FailedRun[]> {
    return (await this.#table.queryAll(failedRunsUpTo(to, from))).map(decodeFailedRun);
  }

  /** Yields the runs that failed as a whole, for slots up to `to`, newest first. Reads pages on demand. */
  async *failedRunsBack(to: number): AsyncGenerator<FailedRun> {
    const query = { ...failedRunsUpTo(to), descending: true, pageSize: growingPages(AS_OF_PAGE) };
    for await (const item of this.#table.query(query)) yield decodeFailedRun(item);
  }

  chainedSlots(accountId: string, range: SlotRange): Promise<ReadonlyMap<Slot, string | undefined>> {
    return chainedSlots(this.#table, accountId, range);
  }

  /** Returns the entry of the hash chain that covers a snapshot, see `entryOf`. */
  entryOf(accountId: string, snapshot: Pick<ChainedSnapshot, "slot" | "capturedAt">): Promise<Entry | undefined> {
    return entryOf(this.#table, accountId, snapshot);
  }

  /** Returns the digest of what is stored for a slot; `undefined`: nothing is. */
  async digestOf(accountId: string, slot: Slot): Promise<string | undefined> {
    const [item] = await this.#table.queryAll({ partition: accountId, from: slot, to: slot });
    return item && contentDigest(await readWholeItem(this.#table, item));
  }

  /** Returns the complete snapshot of the newest slot: one request unless newer attempts failed. */
  async latest(accountId: string): Promise<Snapshot | undefined> {
    return this.#noted(await firstComplete(this.#table, { partition: accountId, descending: true }));
  }

  /** Returns the complete snapshot of the oldest slot: one request unless older attempts failed. */
  async oldest(accountId: string): Promise<Snapshot | undefined> {
    return this.#noted(await firstComplete(this.#table, { partition: accountId, descending: false }));
  }

  recordsBack(accountId: string, to: number): AsyncGenerator<HistoryRecord> {
    const pageSize = growingPages(AS_OF_PAGE);
    return this.#records({ partition: accountId, to: slotAt(to), descending: true, pageSize });
  }

  async *records(accountId: string, { from, to }: SlotRange): AsyncGenerator<HistoryRecord> {
    const ahead: Promise<HistoryRecord[]>[] = [];
    let emptySubRanges = 0;
    // Starts at the first record, and jumps ahead over long stretches without records.
    let next = (await this.#firstSlot(accountId, from, to)) ?? to + 1;
    while (next <= to || ahead.length > 0) {
      while (next <= to && ahead.length < SUB_RANGE_CONCURRENCY) {
        const until = Math.min(next + SUB_RANGE_MS - 1, to);
        const read = this.#subRange(accountId, next, until);
        // A consumer that stops early never awaits the sub-ranges read ahead: their failures are not unhandled.
        read.catch(() => {});
        ahead.push(read);
        next = until + 1;
      }
      const records = (await ahead.shift()) ?? [];
      yield* records;
      emptySubRanges = records.length === 0 ? emptySubRanges + 1 : 0;
      if (emptySubRanges === SUB_RANGE_CONCURRENCY && next <= to) {
        next = (await this.#firstSlot(accountId, next, to)) ?? to + 1;
      }
    }
  }

  async #firstSlot(accountId: string, from: number, to: number): Promise<number | undefined> {
    for await (const item of this.#table.query({ ...slotsBetween(accountId, from, to), pageSize: () => 1 })) {
      return Date.parse(stringOf(item, TABLE_KEYS.sort));
    }
    return undefined;
  }

  async #subRange(accountId: string, from: number, to: number): Promise<HistoryRecord[]> {
    const records: HistoryRecord[] = [];
    for await (const record of this.#records(slotsBetween(accountId, from, to))) records.push(record);
    return records;
  }

  async *#records(query: PartitionQuery): AsyncGenerator<HistoryRecord> {
    for await (const item of this.#table.query(query)) {
      const record = await readHistoryRecord(this.#table, item);
      if (record.status === "complete") this.#noted(record.snapshot);
      yield record;
    }
  }

  #noted<Read extends Snapshot | undefined>(snapshot: Read): Read {
    if (snapshot?.altered && this.#altered.size < MAX_NOTED) {
      const { accountId, slot } = snapshot;
      this.#altered.set(`${accountId} ${slot}`, { accountId, slot });
    }
    return snapshot;
  }
}

async function readHistoryRecord(table: Table, item: Item): Promise<HistoryRecord> {
  const record = decodeRecord(item);
  if (record.status === "failed") return { status: "failed", slot: record.attempt.slot, attempt: record.attempt };
  return { status: "complete", slot: record.summary.slot, snapshot: await readSnapshot(table, item) };
}

function slotsBetween(accountId: string, from: number, to: number): PartitionQuery {
  return { partition: accountId, from: slotAt(from), to: slotAt(to) };
}
