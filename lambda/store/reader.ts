import { type DynamoDBClient, QueryCommand, type QueryCommandInput } from "@aws-sdk/client-dynamodb";
import type { Asset } from "../domain/balance.ts";
import { StoreError } from "../domain/errors.ts";
import type { SlotRecord } from "../domain/ports.ts";
import type { Slot } from "../domain/slot.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import type { Item } from "./attributes.ts";
import { decodeBalances } from "./balances.ts";
import { ACCOUNTS_PARTITION, ASSETS_PARTITION, decodeAccount, decodeAsset } from "./directory.ts";
import { COMPLETE, decodePlacement, decodeRecord, decodeSummary, partsOf, STATUS } from "./item.ts";
import { TABLE_KEYS } from "./table.ts";
import { tableError } from "./table-error.ts";

const NAMES = { "#partition": TABLE_KEYS.partition, "#sort": TABLE_KEYS.sort };
/** Failed attempts are passed over; so many records at the most are read in one request. */
const LONGEST_LOOK = 100;

/** Reads the table, by queries alone. Every method throws a StoreError. */
export class TableReader {
  readonly client: DynamoDBClient;
  readonly tableName: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.client = client;
    this.tableName = tableName;
  }

  /** What is recorded for a slot, strongly consistent. */
  async find(accountId: string, slot: Slot): Promise<SlotRecord | undefined> {
    const { Items: [item] = [] } = await this.#query({
      KeyConditionExpression: "#partition = :partition AND #sort = :sort",
      ExpressionAttributeNames: NAMES,
      ExpressionAttributeValues: {
        ":partition": { S: accountId },
        ":sort": { S: slot },
      },
      ConsistentRead: true,
    });
    return item === undefined ? undefined : decodeRecord(item);
  }

  /** The newest complete snapshot, eventually consistent: one request unless newer attempts failed. */
  latest(accountId: string): Promise<Snapshot | undefined> {
    return this.#firstComplete(accountId, "newest first");
  }

  /** The oldest complete snapshot, likewise. */
  oldest(accountId: string): Promise<Snapshot | undefined> {
    return this.#firstComplete(accountId, "oldest first");
  }

  async #firstComplete(accountId: string, order: "newest first" | "oldest first"): Promise<Snapshot | undefined> {
    let from: Item | undefined;
    for (let look = 1; ; look = Math.min(look * 10, LONGEST_LOOK)) {
      const page = await this.#query({
        KeyConditionExpression: "#partition = :partition",
        FilterExpression: "#status = :complete",
        ExpressionAttributeNames: { "#partition": TABLE_KEYS.partition, "#status": STATUS },
        ExpressionAttributeValues: { ":partition": { S: accountId }, ":complete": { S: COMPLETE } },
        ScanIndexForward: order === "oldest first",
        Limit: look,
        ExclusiveStartKey: from,
      });
      const item = page.Items?.[0];
      if (item !== undefined) return this.#snapshot(item);
      from = page.LastEvaluatedKey;
      if (from === undefined) return undefined;
    }
  }

  /** Every account that the table knows, with the slot of its first record. */
  async accounts(): Promise<ReadonlyMap<string, Slot>> {
    return new Map((await this.#partition(ACCOUNTS_PARTITION)).map(decodeAccount));
  }

  /** What each asset is, by symbol; the newest description of each. */
  async assets(): Promise<ReadonlyMap<string, Asset>> {
    const versions = (await this.#partition(ASSETS_PARTITION)).map(decodeAsset);
    versions.sort((a, b) => (a.since < b.since ? -1 : 1));
    return new Map(versions.map(({ since, ...asset }) => [asset.symbol, asset]));
  }

  async #snapshot(item: Item): Promise<Snapshot> {
    const summary = decodeSummary(item);
    const { denominations, parts } = decodePlacement(item);
    if (parts === undefined)
      return {
        ...summary,
        balances: new Map(decodeBalances(item, denominations)),
      };
    const { partition, sortPrefix } = partsOf(summary.accountId, summary.slot, parts.id);
    const items = await this.#partition(partition, sortPrefix);
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

  /** A whole partition, or all of it below a prefix, strongly consistent. */
  async #partition(partition: string, sortPrefix?: string): Promise<Item[]> {
    const below = sortPrefix !== undefined;
    const items: Item[] = [];
    let from: Item | undefined;
    do {
      const page = await this.#query({
        KeyConditionExpression: `#partition = :partition${below ? " AND begins_with(#sort, :prefix)" : ""}`,
        ExpressionAttributeNames: below ? NAMES : { "#partition": TABLE_KEYS.partition },
        ExpressionAttributeValues: {
          ":partition": { S: partition },
          ...(below && { ":prefix": { S: sortPrefix } }),
        },
        ConsistentRead: true,
        ExclusiveStartKey: from,
      });
      items.push(...(page.Items ?? []));
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
    return items;
  }

  async #query(input: Omit<QueryCommandInput, "TableName">) {
    try {
      return await this.client.send(new QueryCommand({ TableName: this.tableName, ...input }));
    } catch (thrown) {
      throw tableError(thrown, this.tableName, "read");
    }
  }
}
