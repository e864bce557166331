/**
 * The names of the stack's outputs. `infra/` creates them and the command line reads them; the runbook prints them.
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
