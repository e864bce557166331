import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Asset } from "../domain/balance.ts";
import { StoreError } from "../domain/errors.ts";
import type { ScheduleVersion } from "../domain/history.ts";
import type { SlotRecord } from "../domain/ports.ts";
import type { Slot } from "../domain/slot.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { type Item, unreadable } from "./attributes.ts";
import { decodeBalances } from "./balances.ts";
import {
  ACCOUNTS_PARTITION,
  ASSETS_PARTITION,
  decodeAccount,
  decodeAsset,
  decodeSchedule,
  SCHEDULES_PARTITION,
} from "./catalog.ts";
import { type PartitionQuery, TableQueries, type Usage } from "./query.ts";
import { decodePlacement, decodeRecord, partsOf } from "./snapshot-item.ts";

/** Reads the table, by queries alone. Every method throws StoreErrors. */
export class TableReader {
  readonly #queries: TableQueries;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#queries = new TableQueries(client, tableName);
  }

  /** What reading has cost so far. */
  get usage(): Readonly<Usage> {
    return this.#queries.usage;
  }

  /** What is recorded for a slot, strongly consistent. */
  async find(accountId: string, slot: Slot): Promise<SlotRecord | undefined> {
    const sort = { condition: "#sort = :slot", values: { ":slot": slot } };
    const [item] = await this.#all({ partition: accountId, sort, consistent: true });
    return item === undefined ? undefined : decodeRecord(item);
  }

  /** What is recorded for the newest slot, eventually consistent. */
  async newest(accountId: string): Promise<SlotRecord | undefined> {
    for await (const record of this.recordItems({ partition: accountId, descending: true, pageSize: () => 1 })) {
      return record;
    }
    return undefined;
  }

  /** The complete snapshot of the newest slot, eventually consistent: one request unless newer attempts failed. */
  latest(accountId: string): Promise<Snapshot | undefined> {
    return this.#firstComplete(accountId, { descending: true });
  }

  /** The complete snapshot of the oldest slot, likewise. */
  oldest(accountId: string): Promise<Snapshot | undefined> {
    return this.#firstComplete(accountId, { descending: false });
  }

  /** Every account that the table knows, with the slot of its first record. */
  async accounts(): Promise<ReadonlyMap<string, Slot>> {
    return new Map((await this.#all({ partition: ACCOUNTS_PARTITION, consistent: true })).map(decodeAccount));
  }

  /** What each asset is, by symbol; the newest description of each. */
  async assets(): Promise<ReadonlyMap<string, Asset>> {
    const versions = (await this.#all({ partition: ASSETS_PARTITION, consistent: true })).map(decodeAsset);
    versions.sort((a, b) => (a.since < b.since ? -1 : 1));
    return new Map(versions.map(({ since, ...asset }) => [asset.symbol, asset]));
  }

  /** The schedules that the job ran on, oldest first. */
  async schedules(): Promise<ScheduleVersion[]> {
    return (await this.#all({ partition: SCHEDULES_PARTITION, consistent: true })).map(decodeSchedule);
  }

  /** Records of an account in the order of their slots, read as far as they are consumed. */
  protected async *recordItems(query: PartitionQuery): AsyncGenerator<SlotRecord & { readonly item: Item }> {
    for await (const item of this.#queries.items(query)) yield { ...decodeRecord(item), item };
  }

  /** The snapshot of a complete record, with its balances, from its parts if it has some. */
  protected async snapshotOf(
    record: SlotRecord & { readonly status: "complete"; readonly item: Item },
  ): Promise<Snapshot> {
    const { summary, item } = record;
    const { denominations, parts } = decodePlacement(item);
    if (parts === undefined) {
      const balances = new Map(decodeBalances(item, denominations));
      return balances.size === summary.assets ? { ...summary, balances } : unreadable(item, "balances");
    }
    const { partition, sortPrefix } = partsOf(summary.accountId, summary.slot, parts.id);
    const sort = { condition: "begins_with(#sort, :prefix)", values: { ":prefix": sortPrefix } };
    const items = await this.#all({ partition, sort, consistent: true });
    const balances = new Map(items.flatMap((part) => decodeBalances(part, denominations)));
    if (items.length !== parts.count || balances.size !== summary.assets) {
      throw new StoreError(
        "snapshot_parts_missing",
        `The snapshot of ${summary.accountId} for ${summary.slot} has ${items.length} of its ${parts.count} parts, ` +
          `with ${balances.size} of ${summary.assets} assets: parts were deleted. Restore the table to before that.`,
      );
    }
    return { ...summary, balances };
  }

  async #firstComplete(partition: string, order: { descending: boolean }): Promise<Snapshot | undefined> {
    // A failed attempt is small: after the first record, which is nearly always complete, look at more at once.
    let look = 0.1;
    const pageSize = () => {
      look = Math.min(look * 10, 100);
      return look;
    };
    for await (const record of this.recordItems({ partition, ...order, pageSize })) {
      if (record.status === "complete") return this.snapshotOf(record);
    }
    return undefined;
  }

  async #all(query: PartitionQuery): Promise<Item[]> {
    const items: Item[] = [];
    for await (const item of this.#queries.items(query)) items.push(item);
    return items;
  }
}
