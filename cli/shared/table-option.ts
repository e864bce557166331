import type { Command } from "commander";
import { InputError, StoreError } from "../../core/domain/errors.ts";
import { OUTPUTS } from "../../core/names/outputs.ts";
import {
  embeddedEnvironment,
  LOCAL_FOLDER,
  LOCAL_TABLE,
  startEmbeddedDynamo,
} from "../../local/dynamodb/embedded-dynamodb.ts";

/** Which table a command works with. */
export interface TableOptions {
  readonly table?: string;
  readonly stack?: string;
}

/** What a person can do where CloudFormation does not answer, by what the AWS SDK says: its name, a colon, its message. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [
    /^ValidationError: .*not exist/,
    "There is no such stack in this account and region. Check the name and AWS_REGION.",
  ],
  [/^AccessDenied/, "Give the caller cloudformation:DescribeStacks, or name the table itself with --table."],
  [/^CredentialsProviderError/, "No AWS credentials were found. Log in, or set AWS_PROFILE."],
  [/region is missing/i, "Set AWS_REGION, or AWS_PROFILE to a profile that has one."],
];

/** Adds `--table` and `--stack`: a deployed table in place of the embedded one. */
export function withTableOption(command: Command): Command {
  return command
    .option(
      "--table <name>",
      `a DynamoDB table, by the AWS SDK's own region, profile and endpoint (default: the embedded one in ${LOCAL_FOLDER}/)`,
    )
    .option("--stack <name>", "the table of a deployed stack");
}

/**
 * Does some work with the table that was asked for. The embedded one runs only as long as that: its folder is free
 * for other commands at once after.
 */
export async function withTable<T>({ table, stack }: TableOptions, work: (name: string) => Promise<T>): Promise<T> {
  if (table !== undefined && stack !== undefined) {
    throw new InputError("usage", ["--table and --stack exclude each other: give one of them."]);
  }
  if (stack !== undefined) return work(await tableOfStack(stack));
  if (table !== undefined) return work(table);
  const dynamo = await startEmbeddedDynamo(LOCAL_FOLDER);
  try {
    Object.assign(process.env, embeddedEnvironment(dynamo));
    return await work(LOCAL_TABLE);
  } finally {
    await dynamo.close();
  }
}

async function tableOfStack(stack: string): Promise<string> {
  // Loaded only where it is asked for: it would be a good part of every command's start.
  const { CloudFormationClient, DescribeStacksCommand } = await import("@aws-sdk/client-cloudformation");
  try {
    const { Stacks } = await new CloudFormationClient({}).send(new DescribeStacksCommand({ StackName: stack }));
    const output = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === OUTPUTS.tableName)?.OutputValue;
    if (output !== undefined) return output;
  } catch (thrown) {
    const { name, message } = thrown as Error;
    const what = `${name}: ${message.replace(/\.$/, "")}.`;
    const remedy = REMEDIES.find(([form]) => form.test(what))?.[1] ?? "Name the table itself with --table.";
    throw new StoreError("stack_unavailable", `--stack: ${stack} cannot be described: ${what} ${remedy}`, {
      cause: thrown,
    });
  }
  throw new StoreError(
    "stack_unavailable",
    `--stack: ${stack} has no output ${OUTPUTS.tableName}. Is it a stack of this project?`,
  );
}
