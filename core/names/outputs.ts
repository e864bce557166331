/**
 * The names of the stack's outputs. `infra/` creates them and the command line reads them; the runbook prints them. With several
 * keys, `SecretId`, `RecordedAccounts` and `PutKeyCommand` exist once per key: see `outputName`.
 * The links into the AWS console are defined in `infra/observability/outputs.ts`.
 */
export const OUTPUTS = {
  /** Name of the DynamoDB table. */
  tableName: "TableName",
  /** Name of the snapshot function. */
  functionName: "FunctionName",
  /** ARN of the state machine that runs the slots. Only with the engine `stepFunctions`. */
  stateMachineArn: "StateMachineArn",
  /** ARN or name of the secret that holds the CDP API key. */
  secretId: "SecretId",
  /** Names of the API keys, in alphabetical order, separated by commas. Only with `keys`. */
  keys: "Keys",
  /** URL of the dead-letter queue. */
  deadLetterQueueUrl: "DeadLetterQueueUrl",
  /** ARN of the SNS topic for alarms, or the configured reason for having no alarms. */
  alarmTopic: "AlarmTopic",
  /** Which accounts are recorded: `ALL_ACCOUNTS`, or the configured selection in words. */
  recordedAccounts: "RecordedAccounts",
  /** Base URL of the CDP API. */
  apiBaseUrl: "ApiBaseUrl",
  /** ARN of the managed policy for readers of the history. */
  readerPolicyArn: "ReaderPolicyArn",
  /** Name of the bucket that stores the chain heads. Only with `anchor`. */
  anchorBucket: "AnchorBucket",
  /** The fixed IP address of outgoing requests. Only with `staticEgress`. */
  egressAddress: "EgressAddress",
  /** Command that stores the CDP API key in the secret. */
  putKeyCommand: "PutKeyCommand",
  /** Command that takes a snapshot now. */
  invokeCommand: "InvokeCommand",
} as const;

/** The value of that output if every account that the key can read is recorded. */
export const ALL_ACCOUNTS = "all";

/**
 * Returns the name of the output that belongs to a key, if there are several: `SecretIdUsEast` for the key `us-east`.
 * @param output a name of `OUTPUTS`
 * @param key `undefined`: the only key, whose outputs have the plain names
 */
export function outputName(output: string, key: string | undefined): string {
  const words = key === undefined ? [] : key.split("-");
  return [output, ...words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))].join("");
}

/** Returns the names of the keys of a stack; `[undefined]`: it has one, without a name. */
export function keysOf(outputs: ReadonlyMap<string, string>): readonly (string | undefined)[] {
  return outputs.get(OUTPUTS.keys)?.split(",") ?? [undefined];
}
