/** An API key: which accounts it serves, how fast, and when. */
export interface ApiKeyConfigurationProps {
  /** The accounts to record: `"all"` that the key can read, or 1 to 5,000 account IDs. @default "all" */
  readonly accounts?: "all" | readonly string[];
  /** With "all": only accounts of these owners: `entity`, `customer`, or owner IDs. @default all owners */
  readonly accountsOwner?: readonly string[];
  /** With "all": only accounts of this type. @default all types */
  readonly accountsType?: "prime" | "business" | "cdp";
  /** When snapshots are taken, as an EventBridge Scheduler cron expression. @default "cron(0 * * * ? *)" */
  readonly schedule?: string;
  /** Time zone of the schedule, in its exact spelling, as EventBridge Scheduler requires. @default "UTC" */
  readonly timezone?: string;
  /** Lateness limit in minutes: older slots are refused. @default one period of the schedule, at most a day */
  readonly latenessMinutes?: number;
  /** Name or full ARN of an existing secret with the API key. @default a new secret without a value */
  readonly secretName?: string;
  /** ARN of the customer managed KMS key of that secret, if it has one. @default `kmsKeyArn` */
  readonly secretKmsKeyArn?: string;
  /** Maximum number of API requests in any 10 seconds. @default 600 */
  readonly readsPerTenSeconds?: number;
}

/**
 * The configuration of `BalanceSnapshots`, which can also be in `cdk.json`. All are optional. Their values must be known at synthesis:
 * tokens, such as the ARN of a new topic, are not accepted. docs/configuration.md has the details of each.
 *
 * Without `keys` there is one API key, to which the properties of a key apply. With `keys`, those that describe when and how fast
 * are the defaults of the keys; each key has its own secret and accounts.
 */
export interface ConfigurationProps extends ApiKeyConfigurationProps {
  /** Several API keys by name: 1 to 20. @default one key without a name */
  readonly keys?: Readonly<Record<string, ApiKeyConfigurationProps>>;
  /** With `keys`: whether `readsPerTenSeconds` is the limit of all keys together. @default false, the limit of each */
  readonly sharedReadLimit?: boolean;
  /** ARN of a customer managed KMS key for table, created secret, logs, queue and backups. @default AWS managed keys */
  readonly kmsKeyArn?: string;
  /** Base URL of the API. @default production */
  readonly apiBaseUrl?: string;
  /** Balances per page. @default 100, or 20 if the API answers 400 */
  readonly pageSize?: number;
  /** Most accounts walked concurrently. @default 320, the maximum */
  readonly accountsAtOnce?: number;
  /** What runs a slot: one invocation of the function, or a state machine that invokes it repeatedly. @default "lambda" */
  readonly engine?: "lambda" | "stepFunctions";
  /** Snapshots and failed attempts expire this many days after their slot. @default they never expire */
  readonly retentionDays?: number;
  /** The functions' logs are deleted after this many days, one of the values that CloudWatch Logs accepts. @default 365 */
  readonly logRetentionDays?: number;
  /** How often AWS Backup backs up the table. Point-in-time recovery is always on. @default never */
  readonly backup?: "daily" | "weekly" | "monthly";
  /** Backups are deleted after this many days. @default 365 */
  readonly backupRetentionDays?: number;
  /** S3 Object Lock mode of the bucket in which the chain heads are stored daily. @default heads are not stored */
  readonly anchor?: "compliance" | "governance";
  /** Heads cannot be deleted for this many days. @default 365 */
  readonly anchorRetentionDays?: number;
  /** Whether all requests to the API come from one fixed IP address, in a new VPC with a NAT gateway. @default false */
  readonly staticEgress?: boolean;
  /** Availability zone of that VPC. @default the first one of the region */
  readonly availabilityZone?: string;
  /** ID of an existing VPC in which the function runs. @default the function is in no VPC */
  readonly vpcId?: string;
  /** IDs of the subnets of that VPC. Each needs a route to the API and to AWS. */
  readonly subnetIds?: readonly string[];
  /** Whether to create test events for the Lambda console. @default true */
  readonly testEvents?: boolean;
  /** `"on"`, or `"none, because …"` with the reason, so that the alarms are not off by accident. @default "on" */
  readonly alarms?: string;
  /** Recipients of alarm e-mails. Each has to confirm the subscription once. @default none, with a warning */
  readonly alarmEmails?: readonly string[];
  /** ARN of an existing SNS topic that the alarms notify. @default a new topic */
  readonly alarmTopicArn?: string;
  /** A quantity that changes by more than this percentage between two snapshots raises a notice. @default 50 */
  readonly noticeMovedPercent?: number;
  /** Assets, or assets of one account, that raise no notice, each with an explanation. @default none */
  readonly explainedMoves?: Readonly<Record<string, string>>;
  /** Whether notices raise an alarm. @default false */
  readonly noticeAlarm?: boolean;
}
