import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type MemoryTable, type RawItem, type ReadableTable, tableOf } from "../table/embedded.ts";

interface Command {
  readonly input: {
    readonly Item?: RawItem;
    readonly KeyConditionExpression?: string;
    readonly ConsistentRead?: boolean;
  };
}

/**
 * Returns a table as a process sees it that is killed after some writes, and whose eventually consistent reads lack everything that
 * was written since it started.
 */
export function unreliable(table: MemoryTable, writes: number | undefined): ReadableTable {
  const stale = tableOf(table.items());
  let left = writes ?? Number.POSITIVE_INFINITY;
  const send = async (command: Command) => {
    const { Item, KeyConditionExpression, ConsistentRead } = command.input;
    if (Item !== undefined) left--;
    // What a killed process would do next has no effect.
    if (left < 0) throw Object.assign(new Error("the process was killed"), { name: "Killed" });
    const isStale = KeyConditionExpression !== undefined && ConsistentRead !== true;
    const { client } = isStale ? stale : table;
    return client.send(command as unknown as Parameters<typeof client.send>[0]);
  };
  return { name: table.name, client: Object.create(DynamoDBClient.prototype, { send: { value: send } }) };
}
