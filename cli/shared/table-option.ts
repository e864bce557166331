import type { Command } from "commander";
import { awsErrorText, awsSuggestedFix, isAccessDenied } from "../../core/aws/suggested-fixes.ts";
import { InputError, StoreError } from "../../core/domain/errors.ts";
import { OUTPUTS } from "../../core/names/outputs.ts";
import { closeAfter } from "../../local/close-after.ts";
import {
  embeddedEnvironment,
  LOCAL_FOLDER,
  LOCAL_TABLE,
  startEmbeddedDynamo,
} from "../../local/dynamodb/embedded-dynamodb.ts";

export interface TableOptions {
  readonly table?: string;
  readonly stack?: string;
}

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
  if (table !== undefined && stack !== undefined) throw new InputError("usage", ["Use either --table or --stack."]);
  if (stack !== undefined) return work(await tableOfStack(stack));
  if (table !== undefined) return work(table);
  const dynamo = await startEmbeddedDynamo(LOCAL_FOLDER);
  Object.assign(process.env, embeddedEnvironment(dynamo));
  return closeAfter(() => work(LOCAL_TABLE), dynamo.close);
}

async function tableOfStack(stack: string): Promise<string> {
  // Loaded on demand, because it would slow down the start of every command.
  const { CloudFormationClient, DescribeStacksCommand } = await import("@aws-sdk/client-cloudformation");
  let output: string | undefined;
  try {
    const { Stacks } = await new CloudFormationClient({}).send(new DescribeStacksCommand({ StackName: stack }));
    output = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === OUTPUTS.tableName)?.OutputValue;
  } catch (thrown) {
    const call = { action: "cloudformation:DescribeStacks", resource: `the stack ${stack}` };
    throw new StoreError("stack_unavailable", `--stack: cannot describe the stack ${stack}: ${awsErrorText(thrown)}.`, {
      suggestedFix: awsSuggestedFix(thrown, call) + (isAccessDenied(thrown) ? " Or name the table with --table." : ""),
      cause: thrown,
    });
  }
  if (output !== undefined) return output;
  throw new StoreError("stack_unavailable", `--stack: the stack ${stack} has no output ${OUTPUTS.tableName}.`, {
    suggestedFix: "Check that it is a stack of this project.",
  });
}
