import type { Command } from "commander";
import { embeddedEnvironment, LOCAL_FOLDER, LOCAL_TABLE, startEmbeddedDynamo } from "../local/dynamodb.ts";

/** Adds `--table`: a deployed table in place of the embedded one. */
export function withTableOption(command: Command): Command {
  return command.option(
    "--table <name>",
    `a DynamoDB table, by the AWS SDK's own region, profile and endpoint (default: the embedded one in ${LOCAL_FOLDER}/)`,
  );
}

/**
 * Does some work with the table that was asked for. The embedded one runs only as long as that: its folder is free
 * for other commands at once after.
 * @param given the value of `--table`
 */
export async function withTable<T>(given: string | undefined, work: (tableName: string) => Promise<T>): Promise<T> {
  if (given !== undefined) return work(given);
  const dynamo = await startEmbeddedDynamo(LOCAL_FOLDER);
  try {
    Object.assign(process.env, embeddedEnvironment(dynamo));
    return await work(LOCAL_TABLE);
  } finally {
    await dynamo.close();
  }
}
