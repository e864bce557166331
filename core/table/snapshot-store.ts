import { randomUUID } from "node:crypto";
import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Asset } from "../domain/balance.ts";
import type { Schedule } from "../domain/history.ts";
import type { ChainUpdate, SnapshotStore } from "../domain/ports.ts";
import type { Slot } from "../domain/slot.ts";
import type { FailedAttempt, Snapshot } from "../domain/snapshot.ts";
import { TABLE_KEYS } from "../names/table-keys.ts";
import { type Item, string } from "./attributes.ts";
import { denominationsOf, encodeBalances, splitBalances } from "./balances.ts";
import { Catalog } from "./catalog.ts";
import { ChainReader } from "./chain-reader.ts";
import { ChainWriter } from "./chain-writer.ts";
import { contentDigest, DIGEST } from "./digest.ts";
import { COMPLETE, encodeFailure, encodePart, encodeSnapshot, expiring, STATUS } from "./snapshot-item.ts";
import { tableError } from "./table-error.ts";
import { TableReader } from "./table-reader.ts";

/** Unless the slot has a complete snapshot. This one condition is "whole or absent" and "once". */
const NOT_COMPLETE = {
  ConditionExpression: "attribute_not_exists(#status) OR #status <> :complete",
  ExpressionAttributeNames: { "#status": STATUS },
  ExpressionAttributeValues: { ":complete": { S: COMPLETE } },
};
const NOT_THERE = {
  ConditionExpression: "attribute_not_exists(#partition)",
  ExpressionAttributeNames: { "#partition": TABLE_KEYS.partition },
};

/**
 * Parts outlive their snapshot by so many days, so that nobody ever meets a snapshot whose parts are gone: DynamoDB
 * deletes expired items in no order, "within a few days".
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
 */
const PARTS_OUTLIVE_DAYS = 30;

/** The table, to read and to write. It puts and queries, nothing else. */
export class TableStore extends TableReader implements SnapshotStore {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #directory: Catalog;
  readonly #chain: ChainWriter;
  readonly #retentionDays: number | undefined;

  /** @param retentionDays what is written may be deleted so many days after its slot; accounts and assets never */
  constructor(client: DynamoDBClient, tableName: string, retentionDays?: number) {
    super(client, tableName);
    this.#client = client;
    this.#tableName = tableName;
    this.#retentionDays = retentionDays;
    this.#directory = new Catalog({
      accounts: () => this.accounts(),
      assets: () => this.assets(),
      schedules: () => this.schedules(),
      putNew: (item) => this.#put(item, NOT_THERE),
    });
    this.#chain = new ChainWriter(new ChainReader(client, tableName), (item) => this.#put(item, NOT_THERE));
  }

  /** What the assets are, the account's own entry and the parts go first: whoever sees the snapshot finds them. */
  async save(snapshot: Snapshot, assets: readonly Asset[]): Promise<boolean> {
    await this.#directory.registerAssets(assets, snapshot.slot);
    await this.#directory.registerAccount(snapshot.accountId, snapshot.slot);
    const { slot } = snapshot;
    const denominations = denominationsOf(snapshot.balances);
    const whole = encodeSnapshot(snapshot, denominations, {
      balances: encodeBalances(snapshot.balances, denominations),
    });
    const digest = { [DIGEST]: string(contentDigest(whole)) };
    const runs = splitBalances(snapshot.balances, denominations).map((run) => encodeBalances(run, denominations));
    if (runs.length === 1) return this.#put(this.#expiring({ ...whole, ...digest }, slot), NOT_COMPLETE);
    const parts = { count: runs.length, id: randomUUID() };
    for (const [index, run] of runs.entries()) {
      const part = encodePart(snapshot, parts.id, index, run);
      await this.#put(this.#expiring(part, slot, PARTS_OUTLIVE_DAYS), NOT_THERE);
    }
    const head = { ...encodeSnapshot(snapshot, denominations, { parts }), ...digest };
    return this.#put(this.#expiring(head, slot), NOT_COMPLETE);
  }

  appendMissingEntries(accountId: string, order: ChainUpdate): Promise<void> {
    return this.#chain.appendMissingEntries(accountId, order);
  }

  async recordFailure(attempt: FailedAttempt): Promise<boolean> {
    await this.#directory.registerAccount(attempt.accountId, attempt.slot);
    return this.#put(this.#expiring(encodeFailure(attempt), attempt.slot), NOT_COMPLETE);
  }

  #expiring(item: Item, slot: Slot, moreDays = 0): Item {
    return this.#retentionDays === undefined ? item : expiring(item, slot, this.#retentionDays + moreDays);
  }

  registerSchedule(schedule: Schedule, slot: Slot): Promise<void> {
    return this.#directory.registerSchedule(schedule, slot);
  }

  /** `false` where the condition did not hold. */
  async #put(item: Item, condition: typeof NOT_COMPLETE | typeof NOT_THERE): Promise<boolean> {
    try {
      await this.#client.send(new PutItemCommand({ TableName: this.#tableName, Item: item, ...condition }));
      return true;
    } catch (thrown) {
      if (thrown instanceof Error && thrown.name === "ConditionalCheckFailedException") return false;
      throw tableError(thrown, this.#tableName, "written");
    }
  }
}
