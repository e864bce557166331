import type { Command } from "commander";
import { awsErrorText, awsSuggestedFix, isAccessDenied } from "../../core/aws/suggested-fixes.ts";
import { InputError, StoreError } from "../../core/domain/errors.ts";
import { OUTPUTS } from "../../core/names/outputs.ts";
import { closeAfter } from "../../local/close-after.ts";
import { DATA_VARIABLE, dataFolder, hasDatabase } from "../../local/data-folder.ts";
import {
  type EmbeddedDynamo,
  embeddedEnvironment,
  LOCAL_TABLE,
  openEmbeddedDynamo,
  startEmbeddedDynamo,
} from "../../local/dynamodb/embedded-dynamodb.ts";
import { commandWords } from "./npm-run.ts";
import { shellWord } from "./shell-word.ts";
import { type DeployedStack, describeStack } from "./stack.ts";

export interface TableOptions {
  readonly table?: string;
  readonly stack?: string;
  readonly data?: string;
}

export interface SelectedTable {
  readonly name: string;
  /** The stack that `--stack` names. */
  readonly stack?: DeployedStack;
  /** Returns the error of a command that found no snapshots in the table. */
  noSnapshots(): Promise<InputError>;
}

/** Adds `--table` and `--stack`, which select a deployed table, and `--data`, which selects an embedded one. */
export function withTableOption(command: Command): Command {
  return withDataOption(
    command
      .option(
        "--table <name>",
        "a DynamoDB table; region and credentials as for the AWS CLI (default: the embedded table in --data)",
      )
      .option("--stack <name>", "the table of this deployed stack"),
  );
}

export function withDataOption(command: Command): Command {
  return command.option(
    "--data <folder>",
    `the folder of the embedded table (default: ${DATA_VARIABLE}, else .local/ in a clone, else your data folder)`,
  );
}

/** Returns what is wrong with the options, one sentence each. */
export function tableProblems({ table, stack, data }: TableOptions): string[] {
  const given = Object.entries({ "--data": data, "--table": table, "--stack": stack });
  const names = given.flatMap(([name, value]) => (value === undefined ? [] : [name]));
  return names.length < 2 ? [] : [`Use either ${names.join(" or ")}.`];
}

/**
 * Runs `work`, which only reads, with the selected table; creates nothing. The embedded table is closed right afterwards, so
 * that other commands can open it.
 * @throws InputError if the folder does not contain a table
 */
export function withTable<T>(options: TableOptions, work: (table: SelectedTable) => Promise<T>): Promise<T> {
  return withSelected(options, work, openEmbeddedDynamo);
}

/**
 * Runs `work`, which writes, with the selected table. Creates the embedded table if it does not exist: in memory for a dry
 * run.
 */
export function withWritableTable<T>(
  options: TableOptions & { readonly dryRun?: true },
  work: (table: SelectedTable) => Promise<T>,
): Promise<T> {
  return withSelected(options, work, async (folder) =>
    options.dryRun ? ((await openEmbeddedDynamo(folder)) ?? startEmbeddedDynamo()) : startEmbeddedDynamo(folder),
  );
}

/** Returns the options if the selected table exists: a first snapshot creates the embedded one. */
export function existingTable(options: TableOptions): TableOptions | undefined {
  const isDeployed = options.table !== undefined || options.stack !== undefined;
  return isDeployed || hasDatabase(dataFolder(options.data)) ? options : undefined;
}

async function withSelected<T>(
  options: TableOptions,
  work: (table: SelectedTable) => Promise<T>,
  open: (folder: string) => Promise<EmbeddedDynamo | undefined>,
): Promise<T> {
  const problems = tableProblems(options);
  if (problems.length > 0) throw new InputError("usage", problems);
  const { table, stack, data } = options;
  if (stack !== undefined) return work(await tableOfStack(stack));
  if (table !== undefined) {
    const advice = `${takeOne(` --table ${table}`)} ${ELSEWHERE}`;
    return work({ name: table, noSnapshots: async () => noSnapshots(await describeTable(table), advice) });
  }
  const folder = dataFolder(data);
  const advice = `${takeOne(data === undefined ? "" : ` --data ${shellWord(data)}`)} ${ELSEWHERE}`;
  const error = noSnapshots(folder, `${advice} To try a demo, run ${commandWords("demo")}.`);
  const dynamo = await open(folder);
  if (dynamo === undefined) throw error;
  Object.assign(process.env, embeddedEnvironment(dynamo));
  return closeAfter(() => work({ name: LOCAL_TABLE, noSnapshots: async () => error }), dynamo.close);
}

const ELSEWHERE = "If you have some elsewhere, select them with --data, --table or --stack.";

/** @param option selects the same table, with a space before it */
function takeOne(option: string): string {
  return `Take one: ${commandWords("snapshot")} --key-file cdp_api_key.json --all${option}.`;
}

function noSnapshots(where: string, advice: string): InputError {
  return new InputError("usage", [`No snapshots in ${where}. ${advice}`]);
}

/** Returns a table of DynamoDB as text, with the region, and with the endpoint if it is not the region's. */
export async function describeTable(name: string): Promise<string> {
  const { DynamoDBClient } = await import("@aws-sdk/client-dynamodb");
  const region = await new DynamoDBClient({}).config.region();
  const { AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL } = process.env;
  return `the table ${name} (${[region, AWS_ENDPOINT_URL_DYNAMODB || AWS_ENDPOINT_URL].filter(Boolean).join(", ")})`;
}

async function tableOfStack(name: string): Promise<SelectedTable> {
  const stack = await describeStack(name).catch((thrown: unknown) => {
    const call = { action: "cloudformation:DescribeStacks", resource: `the stack ${name}` };
    throw new StoreError("stack_unavailable", `--stack: cannot describe the stack ${name}: ${awsErrorText(thrown)}.`, {
      suggestedFix: awsSuggestedFix(thrown, call) + (isAccessDenied(thrown) ? " Or name the table with --table." : ""),
      cause: thrown,
    });
  });
  const table = stack.outputs.get(OUTPUTS.tableName);
  if (table === undefined) {
    throw new StoreError("stack_unavailable", `--stack: the stack ${name} has no output ${OUTPUTS.tableName}.`, {
      suggestedFix: "Check that it is a stack of this project.",
    });
  }
  const check = `To check what is missing: ${commandWords("doctor")} --stack ${name}`;
  // Last and without a full stop, so that it can be copied.
  const invoke = stack.outputs.get(OUTPUTS.invokeCommand) ?? `see the output ${OUTPUTS.invokeCommand} of the stack`;
  const advice = `${check}. To take a snapshot now: ${invoke}`;
  return { name: table, stack, noSnapshots: async () => noSnapshots(await describeTable(table), advice) };
}
