import { Duration, Stack, type StackProps, Tags, TimeZone } from "aws-cdk-lib";
import { ContextAttribute, ScheduleExpression, ScheduleTargetInput } from "aws-cdk-lib/aws-scheduler";
import { Construct } from "constructs";
import { PRODUCTION_API } from "../core/names/environment.ts";
import type { Config } from "./config/config.ts";
import { Alarms } from "./observability/alarms.ts";
import { Dashboard } from "./observability/dashboard.ts";
import { createOutputs } from "./observability/outputs.ts";
import { SavedQueries } from "./observability/saved-queries.ts";
import { CustomerKey } from "./options/customer-key.ts";
import { HeadAnchor } from "./options/head-anchor.ts";
import { StaticEgress } from "./options/static-egress.ts";
import { TableBackup } from "./options/table-backup.ts";
import { TestEvents } from "./options/test-events.ts";
import { AccountsLayer } from "./snapshot/accounts-layer.ts";
import { ApiKeySecret } from "./snapshot/api-key-secret.ts";
import { DeadLetterQueue } from "./snapshot/dead-letter-queue.ts";
import { scheduleFunction } from "./snapshot/function-schedule.ts";
import { SnapshotFunction } from "./snapshot/snapshot-function.ts";
import { SnapshotTable } from "./snapshot/snapshot-table.ts";

export interface BalanceSnapshotsStackProps extends StackProps {
  readonly config: Config;
}

/**
 * A schedule invokes a function, which reads balances from the CDP API with a key from a secret and writes snapshots
 * to a table.
 */
export class BalanceSnapshotsStack extends Stack {
  constructor(scope: Construct, id: string, props: BalanceSnapshotsStackProps) {
    const { config } = props;
    super(scope, id, {
      description: "Timestamped balance snapshots of Coinbase accounts",
      // The stack must be in the key's region, and CDK requires an explicit region for a table with its own key.
      ...(config.kmsKeyArn !== undefined && { env: { region: regionOf(config.kmsKeyArn) } }),
      ...props,
    });
    // First, because every construct looks for it.
    if (config.kmsKeyArn !== undefined) new CustomerKey(this, config.kmsKeyArn);

    const snapshots = createSnapshots(this, config);
    const anchor = createOptions(this, config, snapshots);
    createObservability(this, config, snapshots, anchor);

    for (const [key, value] of Object.entries(tagsOf(config))) Tags.of(this).add(key, value);
  }
}

/** Creates the snapshot pipeline: table, secret, dead-letter queue, function and schedule. */
function createSnapshots(stack: Stack, config: Config) {
  const customerKey = CustomerKey.of(stack);
  const accounts = config.accounts === "all" ? undefined : new AccountsLayer(stack, "Accounts", config.accounts);
  const table = new SnapshotTable(stack, "Snapshots", config.retentionDays !== undefined);
  const secret = new ApiKeySecret(stack, "ApiKey", config.secretName);
  const { queue } = new DeadLetterQueue(stack, "DeadLetters");
  const egress = config.staticEgress
    ? new StaticEgress(stack, "Egress", { tableArn: table.table.tableArn, secretArn: secret.arnPattern })
    : undefined;

  const { fn, role } = new SnapshotFunction(stack, "Snapshot", {
    config,
    accounts,
    deadLetterQueue: queue,
    network: egress,
  });
  table.grantRecord(fn);
  secret.grantRead(fn);
  customerKey?.grantUse(role, "dynamodb", "secretsmanager", "sqs");

  // Each delivery and retry carries the same scheduled time, so a slot is recorded once.
  const schedule = scheduleFunction(new Construct(stack, "Schedule"), {
    target: fn,
    description: "Balance snapshots of Coinbase accounts",
    expression: ScheduleExpression.expression(config.schedule, TimeZone.of(config.timezone)),
    input: ScheduleTargetInput.fromObject({ scheduledTime: ContextAttribute.scheduledTime }),
    // EventBridge Scheduler retries for at most a day.
    maxEventAge: Duration.minutes(Math.min(config.latenessMinutes, 24 * 60)),
    deadLetterQueue: queue,
  });
  customerKey?.grantUse(schedule.role, "sqs");
  return { table: table.table, secret, queue, fn, scheduleGroup: schedule.group, egress };
}

type Snapshots = ReturnType<typeof createSnapshots>;

/**
 * Creates the optional features: backups, test events, and the head anchor.
 * @returns the head anchor, if it is configured
 */
function createOptions(stack: Stack, config: Config, { table, fn }: Snapshots): HeadAnchor | undefined {
  if (config.backup !== undefined) {
    new TableBackup(stack, "Backup", {
      tableArn: table.tableArn,
      frequency: config.backup,
      retention: Duration.days(config.backupRetentionDays ?? 365),
    });
  }
  if (config.testEvents) new TestEvents(stack, "TestEvents", fn, config.accounts);
  if (config.anchor === undefined) return undefined;
  const anchor = new HeadAnchor(stack, "Anchor", {
    table,
    mode: config.anchor,
    retention: Duration.days(config.anchorRetentionDays ?? 365),
  });
  CustomerKey.of(stack)?.grantUse(anchor.role, "dynamodb");
  return anchor;
}

/** Creates the observability resources: alarms, dashboard, saved queries and outputs. */
function createObservability(
  stack: Stack,
  config: Config,
  { table, secret, queue, fn, scheduleGroup, egress }: Snapshots,
  anchor: HeadAnchor | undefined,
): void {
  const monitored = { config, fn, deadLetterQueue: queue };
  const alarms =
    config.alarms === "on"
      ? new Alarms(stack, "Alarms", { ...monitored, scheduleGroup, anchorFunction: anchor?.fn })
      : undefined;
  const dashboard = new Dashboard(stack, "Dashboard", { ...monitored, table, alarms: alarms?.alarms ?? [] });
  new SavedQueries(stack, "Queries", fn.logGroup);
  const values = {
    tableName: table.tableName,
    functionName: fn.functionName,
    secretId: secret.secretId,
    deadLetterQueueUrl: queue.queueUrl,
    alarmTopic: alarms?.topic.topicArn ?? config.alarms,
    apiBaseUrl: config.apiBaseUrl ?? PRODUCTION_API,
    anchorBucket: anchor?.bucket.bucketName,
    egressAddress: egress?.address,
  };
  createOutputs(stack, values, { dashboard: dashboard.name, logGroupName: fn.logGroup.logGroupName });
}

/** Returns the tags of all resources, for cost allocation. Configured tags take precedence. */
function tagsOf({ stackName, stage, tags }: Config): Record<string, string> {
  return { application: "cdp-balance-snapshots", stack: stackName, ...(stage !== undefined && { stage }), ...tags };
}

function regionOf(arn: string): string {
  const [, , , region = ""] = arn.split(":");
  return region;
}
