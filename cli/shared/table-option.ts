import type { Command } from "commander";
import { InputError, StoreError } from "../../core/domain/errors.ts";
import { embeddedEnvironment, LOCAL_FOLDER, LOCAL_TABLE, startEmbeddedDynamo } from "../../local/dynamodb.ts";

/** The options that select the table. */
export interface TableOptions {
  readonly table?: string;
  readonly stack?: string;
}

/** The stack output that contains the table's name. */
const TABLE_OUTPUT = "TableName";

const NAME_THE_TABLE = "Name the table with --table instead.";

/** Suggested fixes by the SDK error's name and message, joined by a colon. */
const SUGGESTED_FIXES: readonly (readonly [RegExp, string])[] = [
  [
    /^ValidationError: .*not exist/,
    "There is no such stack in this account and region. Check the name and AWS_REGION.",
  ],
  [/^AccessDenied/, "Allow the caller cloudformation:DescribeStacks, or name the table with --table instead."],
  [/^CredentialsProviderError/, "No AWS credentials were found. Log in, or set AWS_PROFILE."],
  [/region is missing/i, "Set AWS_REGION, or set AWS_PROFILE to a profile with a region."],
];

/** Adds `--table` and `--stack`, which select a deployed table instead of the embedded one. */
export function withTableOption(command: Command): Command {
  return command
    .option(
      "--table <name>",
      `a DynamoDB table; region and credentials as for the AWS CLI (default: the embedded table in ${LOCAL_FOLDER}/)`,
    )
    .option("--stack <name>", "the table of this deployed stack");
}

/** Runs `work` with the selected table. The embedded table is closed right afterwards, so that other commands can open it. */
export async function withTable<T>({ table, stack }: TableOptions, work: (name: string) => Promise<T>): Promise<T> {
  if (table !== undefined && stack !== undefined) {
    throw new InputError("usage", ["--table and --stack exclude each other. Give one of them."]);
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
  // Loaded on demand, because it would slow down the start of every command.
  const { CloudFormationClient, DescribeStacksCommand } = await import("@aws-sdk/client-cloudformation");
  let output: string | undefined;
  try {
    const { Stacks } = await new CloudFormationClient({}).send(new DescribeStacksCommand({ StackName: stack }));
    output = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === TABLE_OUTPUT)?.OutputValue;
  } catch (thrown) {
    const { name, message } = thrown as Error;
    const problem = `${name}: ${message.replace(/\.$/, "")}.`;
    throw new StoreError("stack_unavailable", `--stack: cannot describe the stack ${stack}: ${problem}`, {
      suggestedFix: SUGGESTED_FIXES.find(([pattern]) => pattern.test(problem))?.[1] ?? NAME_THE_TABLE,
      cause: thrown,
    });
  }
  if (output !== undefined) return output;
  throw new StoreError("stack_unavailable", `--stack: the stack ${stack} has no output ${TABLE_OUTPUT}.`, {
    suggestedFix: "Check that it is a stack of this project.",
  });
}
