import { DynamoDBClient, type PutItemCommandInput } from "@aws-sdk/client-dynamodb";
import { tableOf } from "../../unit/table/embedded.ts";
import { sawOutput } from "../leak-watch.ts";
import type { AwsHook } from "./aws.ts";
import { type AwsCall, AwsRefusal } from "./aws-protocols.ts";

// A request takes four times as much processor time in the AWS SDK and the embedded DynamoDB as in the job.

/** The endpoint of clients that only use tables in memory: nothing answers there. */
export const NOWHERE = "http://127.0.0.1:1";

interface Command {
  readonly input: Partial<PutItemCommandInput> & { readonly RequestItems?: Readonly<Record<string, readonly Put[]>> };
}

interface Put {
  readonly PutRequest: { readonly Item: PutItemCommandInput["Item"] };
}

type Send = (command: Command) => Promise<object>;

const tables = new Map<string | undefined, Send>();
const client = DynamoDBClient.prototype as unknown as { send: (command: Command, ...more: unknown[]) => unknown };
const { send: sendBySdk } = client;
client.send = function (command, ...more) {
  const { TableName, RequestItems = {} } = command.input;
  const send = tables.get(TableName ?? Object.keys(RequestItems)[0]);
  return send === undefined ? sendBySdk.call(this, command, ...more) : send(command);
};

/**
 * Lets all clients of this process use a table in memory. It has the commands of `tableOf` and batches of puts, no pages and no
 * capacity units, and the SDK's retries and time limits do not apply.
 * @param calls receives every call
 * @param hookOf returns the hook that is awaited in each phase of a call; it cannot return "reset"
 * @returns a function that removes the table
 */
export function keepTableInMemory(
  name: string,
  calls: AwsCall[] = [],
  hookOf: () => AwsHook | undefined = () => undefined,
): () => void {
  const table = tableOf([]);
  tables.set(name, async (command) => {
    const { input } = command;
    sawOutput(JSON.stringify(input));
    const action = `dynamodb:${command.constructor.name.replace(/Command$/, "")}`;
    const call = { action, input, region: "eu-central-1", scope: name, attempt: 1 };
    calls.push(call);
    const reach = async (phase: "received" | "worked") => {
      const disturbance = await hookOf()?.(call, phase);
      if (disturbance === "hang") await new Promise(() => {});
      if (disturbance !== undefined) throw errorOf(disturbance);
    };
    // A response interrupts no work, and other requests are sent before it arrives.
    await new Promise(setImmediate);
    await reach("received");
    const puts = input.RequestItems?.[name]?.map(({ PutRequest }) => ({ input: PutRequest }));
    const [output = {}] = await Promise.all((puts ?? [command]).map((one) => table.client.send(one as never)));
    await reach("worked");
    return output;
  });
  return () => tables.delete(name);
}

function errorOf(disturbance: unknown): Error {
  if (!(disturbance instanceof AwsRefusal)) return new TypeError(`A table in memory cannot ${disturbance}.`);
  const { type, message, status } = disturbance;
  return Object.assign(new Error(message), { name: type, $metadata: { httpStatusCode: status } });
}
