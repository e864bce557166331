import type { AccountActivities, AccountActivity } from "../domain/account-activity.ts";
import { StoreError } from "../domain/errors.ts";
import type { ScheduleVersion } from "../domain/history-source.ts";
import type { Slot } from "../domain/slot.ts";
import type { ChainSource, Entry, EntryRead, Head, SnapshotRead } from "../integrity/entry.ts";
import { finding, type IntegrityFinding } from "../integrity/integrity-finding.ts";
import { TABLE_KEYS } from "../names/table-keys.ts";
import { type Item, instantOf, stringOf, unreadable } from "./attributes.ts";
import { decodeCatalog } from "./catalog-content.ts";
import { decodeEntry, readEntry } from "./chain-item.ts";
import { contentDigest, DIGEST } from "./digest.ts";
import { CATALOG_PARTITION, COMPLETE, chainPartition, FAILED, STATUS } from "./keys.ts";
import { readWholeItem } from "./parts.ts";
import { keptUntilOf } from "./snapshot-item.ts";
import { growingPages, type Table, type Usage } from "./table.ts";

/**
 * Reads hash chains and the snapshots that they cover, strongly consistent: a snapshot that a query misses would look
 * deleted. Every method throws StoreErrors.
 */
export class ChainReader implements ChainSource {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** The cost of all reads so far. */
  get usage(): Readonly<Usage> {
    return this.#table.usage;
  }

  /**
   * Reads the catalog: when each account counts, the schedules that the job has used, oldest first, and a finding for each item
   * that cannot be read. An account of such an item has no periods: its chain still counts.
   */
  async catalog(): Promise<{
    readonly accounts: AccountActivities;
    readonly schedules: readonly ScheduleVersion[];
    readonly findings: readonly IntegrityFinding[];
  }> {
    const findings: IntegrityFinding[] = [];
    const unreadable = new Map<string, AccountActivity>();
    const items = await this.#table.queryAll({ partition: CATALOG_PARTITION, consistent: true });
    const { accounts, schedules } = decodeCatalog(items, ({ message }, accountId) => {
      findings.push(finding({ accountId: accountId ?? CATALOG_PARTITION }, "catalog_unreadable", message));
      if (accountId !== undefined) unreadable.set(accountId, { periods: [] });
    });
    return { accounts: new Map([...unreadable, ...accounts]), schedules, findings };
  }

  async *entries(accountId: string): AsyncGenerator<EntryRead> {
    for await (const item of this.#table.query({ partition: chainPartition(accountId), consistent: true })) {
      const read = await readOrProblem(async () => readEntry(item));
      yield { sort: stringOf(item, TABLE_KEYS.sort), ...read };
    }
  }

  /** Yields entries, newest first. Reads a page only when the caller consumes it. @param firstPage size of the first page */
  async *entriesBack(accountId: string, firstPage: number, consistent = true): AsyncGenerator<Entry> {
    const partition = chainPartition(accountId);
    const query = { partition, consistent, descending: true, pageSize: growingPages(firstPage) };
    for await (const item of this.#table.query(query)) yield decodeEntry(item);
  }

  /**
   * Returns the last entry of an account's chain; `undefined` if the chain is empty.
   * @param consistent `false`: costs half, but may lack entries that were appended within the last second
   */
  async lastEntry(accountId: string, consistent = true): Promise<Entry | undefined> {
    for await (const entry of this.entriesBack(accountId, 1, consistent)) return entry;
    return undefined;
  }

  /** Returns the head of an account's chain; `undefined` if the chain is empty. @param at now, in the format of a slot */
  async head(accountId: string, at: string): Promise<Head | undefined> {
    const last = await this.lastEntry(accountId);
    return last && { accountId, sequence: last.sequence, slot: last.slot, hash: last.hash, at };
  }

  /** @param from the first slot; default: all slots. @param exclude slots to skip */
  async *snapshots(accountId: string, from?: Slot, exclude?: ReadonlySet<Slot>): AsyncGenerator<SnapshotRead> {
    for await (const item of this.#table.query({ partition: accountId, from, consistent: true })) {
      const slot = stringOf(item, TABLE_KEYS.sort);
      if (item[STATUS]?.S === FAILED || exclude?.has(slot)) continue;
      yield { slot, ...(await readOrProblem(() => this.#readSnapshot(item))) };
    }
  }

  async #readSnapshot(item: Item) {
    if (stringOf(item, STATUS) !== COMPLETE) unreadable(item, STATUS);
    const snapshot = {
      slot: instantOf(item, TABLE_KEYS.sort),
      capturedAt: instantOf(item, "capturedAt"),
      completedAt: instantOf(item, "completedAt"),
      digest: contentDigest(await readWholeItem(this.#table, item)),
      keptUntil: keptUntilOf(item),
    };
    return { snapshot, ownDigest: stringOf(item, DIGEST) };
  }
}

/** An item that cannot be decoded is a finding. A table that cannot be read is an error. */
async function readOrProblem<T>(read: () => Promise<T>): Promise<T | { readonly problem: string }> {
  try {
    return await read();
  } catch (thrown) {
    const codes = ["item_unreadable", "snapshot_parts_missing"];
    if (thrown instanceof StoreError && codes.includes(thrown.code)) return { problem: thrown.message };
    throw thrown;
  }
}
