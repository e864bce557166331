import { randomUUID } from "node:crypto";
import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Asset } from "../domain/balance.ts";
import type { SnapshotStore } from "../domain/ports.ts";
import type { FailedAttempt, Snapshot } from "../domain/snapshot.ts";
import type { Item } from "./attributes.ts";
import { denominationsOf, encodeBalances, splitBalances } from "./balances.ts";
import { Directory } from "./directory.ts";
import { COMPLETE, encodeFailure, encodePart, encodeSnapshot, STATUS } from "./item.ts";
import { TableReader } from "./reader.ts";
import { TABLE_KEYS } from "./table.ts";
import { tableError } from "./table-error.ts";

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

/** The table, to read and to write. It puts and queries, nothing else. */
export class TableStore extends TableReader implements SnapshotStore {
  readonly #directory: Directory;

  constructor(client: DynamoDBClient, tableName: string) {
    super(client, tableName);
    this.#directory = new Directory({
      accounts: () => this.accounts(),
      assets: () => this.assets(),
      putNew: (item) => this.#put(item, NOT_THERE),
    });
  }

  /** What the assets are, the account's own entry and the parts go first: whoever sees the snapshot finds them. */
  async save(snapshot: Snapshot, assets: readonly Asset[]): Promise<boolean> {
    await this.#directory.describeAssets(assets, snapshot.slot);
    await this.#directory.enterAccount(snapshot.accountId, snapshot.slot);
    const denominations = denominationsOf(snapshot.balances);
    const runs = splitBalances(snapshot.balances, denominations).map((run) => encodeBalances(run, denominations));
    const [balances] = runs;
    if (runs.length === 1 && balances !== undefined) {
      return this.#put(encodeSnapshot(snapshot, denominations, { balances }), NOT_COMPLETE);
    }
    const parts = { count: runs.length, id: randomUUID() };
    for (const [index, run] of runs.entries()) {
      await this.#put(encodePart(snapshot, parts.id, index, run), NOT_THERE);
    }
    return this.#put(encodeSnapshot(snapshot, denominations, { parts }), NOT_COMPLETE);
  }

  async recordFailure(attempt: FailedAttempt): Promise<boolean> {
    await this.#directory.enterAccount(attempt.accountId, attempt.slot);
    return this.#put(encodeFailure(attempt), NOT_COMPLETE);
  }

  /** `false` where the condition did not hold. */
  async #put(item: Item, condition: typeof NOT_COMPLETE | typeof NOT_THERE): Promise<boolean> {
    try {
      await this.client.send(new PutItemCommand({ TableName: this.tableName, Item: item, ...condition }));
      return true;
    } catch (thrown) {
      if (thrown instanceof Error && thrown.name === "ConditionalCheckFailedException") return false;
      throw tableError(thrown, this.tableName, "written");
    }
  }
}
