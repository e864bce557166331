import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { StoreError } from "../domain/errors.ts";
import type { Slot } from "../domain/slot.ts";
import type { ChainSource, Entry, EntryRead, Head, SnapshotRead } from "../integrity/entry.ts";
import { TABLE_KEYS } from "../names/table-keys.ts";
import { type Item, numberOf, recordOf, stringOf, unreadable } from "./attributes.ts";
import { ACCOUNTS_PARTITION, decodeAccount } from "./catalog.ts";
import { chainPartition, decodeEntry, instantOf, keptUntilOf, readEntry } from "./chain-item.ts";
import { contentDigest, DIGEST } from "./digest.ts";
import { TableQueries, type Usage } from "./query.ts";
import { COMPLETE, FAILED, partsOf, STATUS } from "./snapshot-item.ts";

/** Entries of the first page, for who looks at the end of a chain alone: 4 KB, one read unit. */
const FIRST_LOOK = 8;

/** Which snapshots are read. */
export interface SnapshotFilter {
  /** From this slot on. Default: all. */
  readonly from?: Slot | undefined;
  /** But for these. */
  readonly exclude?: ReadonlySet<Slot>;
}

/**
 * Reads chains and what they speak of, by strongly consistent queries: what stands in the table and is not seen would be
 * taken for removed. Every method throws StoreErrors.
 */
export class ChainReader implements ChainSource {
  readonly #queries: TableQueries;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#queries = new TableQueries(client, tableName);
  }

  /** What reading has cost so far. */
  get usage(): Readonly<Usage> {
    return this.#queries.usage;
  }

  /** The ids of the accounts that the table knows. */
  async accounts(): Promise<string[]> {
    const items = await this.#all({ partition: ACCOUNTS_PARTITION });
    return items.map((item) => decodeAccount(item)[0]);
  }

  async *entries(accountId: string): AsyncGenerator<EntryRead> {
    for await (const item of this.#queries.items({ partition: chainPartition(accountId), consistent: true })) {
      const told = orProblem(() => readEntry(item));
      yield "problem" in told ? { sort: stringOf(item, TABLE_KEYS.sort), ...told } : told;
    }
  }

  /** Entries, newest first, read as far as they are consumed. @throws StoreError at one that cannot be understood */
  async *entriesBack(accountId: string): AsyncGenerator<Entry> {
    let look = FIRST_LOOK;
    const pageSize = () => {
      const size = look;
      look = 100;
      return size;
    };
    const partition = chainPartition(accountId);
    for await (const item of this.#queries.items({ partition, consistent: true, descending: true, pageSize })) {
      yield decodeEntry(item);
    }
  }

  /** The last entry of an account's chain; `undefined`: it has none. @param at now, written as a slot is */
  async head(accountId: string, at: string): Promise<Head | undefined> {
    for await (const { sequence, slot, hash } of this.entriesBack(accountId))
      return { accountId, sequence, slot, hash, at };
    return undefined;
  }

  async *snapshots(accountId: string, { from = "", exclude }: SnapshotFilter = {}): AsyncGenerator<SnapshotRead> {
    // A sort key is never empty, nor asked for as such.
    const sort = from === "" ? {} : { sort: { condition: "#sort >= :from", values: { ":from": from } } };
    for await (const item of this.#queries.items({ partition: accountId, ...sort, consistent: true })) {
      const slot = stringOf(item, TABLE_KEYS.sort);
      if (item[STATUS]?.S === FAILED || exclude?.has(slot)) continue;
      const told = await this.#read(item).catch(problemOf);
      yield "problem" in told ? { slot, ...told } : told;
    }
  }

  async #read(item: Item): Promise<SnapshotRead> {
    if (stringOf(item, STATUS) !== COMPLETE) unreadable(item, STATUS);
    const slot = instantOf(item, TABLE_KEYS.sort);
    const snapshot = {
      slot,
      capturedAt: instantOf(item, "capturedAt"),
      digest: contentDigest(await this.#whole(item)),
      keptUntil: keptUntilOf(item),
    };
    return { slot, snapshot, ownDigest: item[DIGEST] === undefined ? undefined : stringOf(item, DIGEST) };
  }

  /** A snapshot's item with the balances of its parts, if it has some. */
  async #whole(item: Item): Promise<Item> {
    if (item["partsId"] === undefined) {
      if (item["parts"] !== undefined) unreadable(item, "parts", "is there without partsId");
      return item["balances"] === undefined ? unreadable(item, "balances") : item;
    }
    if (item["balances"] !== undefined) unreadable(item, "balances", "is there beside parts");
    const [accountId, slot] = [stringOf(item, TABLE_KEYS.partition), stringOf(item, TABLE_KEYS.sort)];
    const { partition, sortPrefix } = partsOf(accountId, slot, stringOf(item, "partsId"));
    const sort = { condition: "begins_with(#sort, :prefix)", values: { ":prefix": sortPrefix } };
    const parts = await this.#all({ partition, sort });
    const balances = parts.flatMap((part) => Object.entries(recordOf(part, "balances")));
    const merged = Object.fromEntries(balances);
    if (parts.length !== numberOf(item, "parts")) unreadable(item, "parts", `is not ${parts.length}, which there are`);
    if (Object.keys(merged).length !== balances.length) unreadable(item, "parts", "have an asset twice");
    return { ...item, balances: { M: merged } };
  }

  async #all(query: Parameters<TableQueries["items"]>[0]): Promise<Item[]> {
    const items: Item[] = [];
    for await (const item of this.#queries.items({ ...query, consistent: true })) items.push(item);
    return items;
  }
}

function orProblem<T>(read: () => T): T | { readonly problem: string } {
  try {
    return read();
  } catch (thrown) {
    return problemOf(thrown);
  }
}

/** An item that cannot be understood is something to tell; a table that cannot be read is not. */
function problemOf(thrown: unknown): { readonly problem: string } {
  if (thrown instanceof StoreError && thrown.code === "item_unreadable") return { problem: thrown.message };
  throw thrown;
}
