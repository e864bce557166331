import { Annotations, Duration, TimeZone } from "aws-cdk-lib";
import { ContextAttribute, ScheduleExpression, ScheduleTargetInput } from "aws-cdk-lib/aws-scheduler";
import { Construct } from "constructs";
import { PRODUCTION_API } from "../core/names/environment.ts";
import { schedulePeriodSeconds } from "../core/schedule/schedule-period.ts";
import { nameDeployment } from "./config/deployment-name.ts";
import type { BalanceSnapshotsProps } from "./config/props.ts";
import { makeAssetsReadable } from "./config/readable-assets.ts";
import { type Config, validateProps } from "./config/validate.ts";
import { Alarms } from "./observability/alarms.ts";
import { Dashboard } from "./observability/dashboard.ts";
import { createOutputs } from "./observability/outputs.ts";
import { SavedQueries } from "./observability/saved-queries.ts";
import { CustomerKey } from "./options/customer-key.ts";
import { HeadAnchor } from "./options/head-anchor.ts";
import { ReaderPolicy } from "./options/reader-policy.ts";
import { StaticEgress } from "./options/static-egress.ts";
import { TableBackup } from "./options/table-backup.ts";
import { TestEvents } from "./options/test-events.ts";
import { ApiKeySecret } from "./snapshot/api-key-secret.ts";
import { ConfigurationLayer } from "./snapshot/configuration-layer.ts";
import { DeadLetterQueue } from "./snapshot/dead-letter-queue.ts";
import { scheduleFunction } from "./snapshot/function-schedule.ts";
import { SnapshotFunction } from "./snapshot/snapshot-function.ts";
import { SnapshotTable } from "./snapshot/snapshot-table.ts";

/**
 * Timestamped balance snapshots of Coinbase accounts: a schedule invokes a function, which reads balances from the CDP
 * API with a key from a secret and writes snapshots to a table.
 */
export class BalanceSnapshots extends Construct {
  /** @throws {ConfigError} listing every invalid property */
  constructor(scope: Construct, id: string, props: BalanceSnapshotsProps = {}) {
    super(scope, id);
    const config = validateProps(props);
    nameDeployment(this);
    warnOfShortPeriod(this, config);
    // First, because every construct looks for it.
    if (config.kmsKeyArn !== undefined) new CustomerKey(this, config.kmsKeyArn);

    const snapshots = createSnapshots(this, config);
    const anchor = createOptions(this, config, snapshots);
    createObservability(this, config, snapshots, anchor);
    makeAssetsReadable(this);
  }
}

/** EventBridge Scheduler is precise to a minute, and Lambda retries a failed run after one minute, and again after two. */
const SHORT_PERIOD_MINUTES = 5;

function warnOfShortPeriod(scope: Construct, { schedule, timezone }: Config): void {
  if (schedulePeriodSeconds(schedule, timezone) >= SHORT_PERIOD_MINUTES * 60) return;
  Annotations.of(scope).addWarningV2(
    "cdp-balance-snapshots:short-period",
    `The shortest period of ${schedule} is under ${SHORT_PERIOD_MINUTES} minutes, which leaves no time for the retries of a ` +
      "failed run, and runs can overlap. What still holds: docs/configuration.md#details",
  );
}

/** Creates the snapshot pipeline: table, secret, dead-letter queue, function and schedule. */
function createSnapshots(scope: Construct, config: Config) {
  const customerKey = CustomerKey.of(scope);
  const layer = ConfigurationLayer.create(scope, "Configuration", config);
  const table = new SnapshotTable(scope, "Snapshots", config.retentionDays !== undefined);
  const secret = new ApiKeySecret(scope, "ApiKey", config.secretName);
  const { queue } = new DeadLetterQueue(scope, "DeadLetters");
  const egress = config.staticEgress
    ? new StaticEgress(scope, "Egress", { tableArn: table.table.tableArn, secretArn: secret.arnPattern })
    : undefined;

  const { fn, role } = new SnapshotFunction(scope, "Snapshot", {
    config,
    layer,
    deadLetterQueue: queue,
    network: egress,
  });
  table.grantRecord(fn);
  secret.grantRead(fn);
  customerKey?.grantUse(role, "dynamodb", "secretsmanager", "sqs");

  // Each delivery and retry carries the same scheduled time, so a slot is recorded once.
  const schedule = scheduleFunction(new Construct(scope, "Schedule"), {
    target: fn,
    description: "Balance snapshots of Coinbase accounts",
    expression: ScheduleExpression.expression(config.schedule, TimeZone.of(config.timezone)),
    input: ScheduleTargetInput.fromObject({ scheduledTime: ContextAttribute.scheduledTime }),
    // EventBridge Scheduler retries for at most a day.
    maxEventAge: Duration.minutes(Math.min(config.latenessMinutes, 24 * 60)),
    deadLetterQueue: queue,
  });
  customerKey?.grantUse(schedule.role, "sqs");
  const readers = new ReaderPolicy(scope, "Readers", table.table.tableArn);
  return { table: table.table, readers, secret, queue, fn, scheduleGroup: schedule.group, egress };
}

type Snapshots = ReturnType<typeof createSnapshots>;

/**
 * Creates the optional features: backups, test events, and the head anchor.
 * @returns the head anchor, if it is configured
 */
function createOptions(scope: Construct, config: Config, { table, fn }: Snapshots): HeadAnchor | undefined {
  if (config.backup !== undefined) {
    new TableBackup(scope, "Backup", {
      tableArn: table.tableArn,
      frequency: config.backup,
      retention: Duration.days(config.backupRetentionDays ?? 365),
    });
  }
  if (config.testEvents) new TestEvents(scope, "TestEvents", fn, config.accounts);
  if (config.anchor === undefined) return undefined;
  const anchor = new HeadAnchor(scope, "Anchor", {
    table,
    mode: config.anchor,
    retention: Duration.days(config.anchorRetentionDays ?? 365),
    logRetentionDays: config.logRetentionDays,
  });
  CustomerKey.of(scope)?.grantUse(anchor.role, "dynamodb");
  return anchor;
}

/** Creates the observability resources: alarms, dashboard, saved queries and outputs. */
function createObservability(
  scope: Construct,
  config: Config,
  { table, readers, secret, queue, fn, scheduleGroup, egress }: Snapshots,
  anchor: HeadAnchor | undefined,
): void {
  const monitored = { config, fn, deadLetterQueue: queue };
  const alarms =
    config.alarms === "on"
      ? new Alarms(scope, "Alarms", { ...monitored, scheduleGroup, anchorFunction: anchor?.fn })
      : undefined;
  const dashboard = new Dashboard(scope, "Dashboard", { ...monitored, table, alarms: alarms?.alarms ?? [] });
  new SavedQueries(scope, "Queries", fn.logGroup);
  const values = {
    tableName: table.tableName,
    functionName: fn.functionName,
    secretId: secret.secretId,
    deadLetterQueueUrl: queue.queueUrl,
    alarmTopic: alarms?.topic.topicArn ?? config.alarms,
    apiBaseUrl: config.apiBaseUrl ?? PRODUCTION_API,
    readerPolicyArn: readers.arn,
    anchorBucket: anchor?.bucket.bucketName,
    egressAddress: egress?.address,
  };
  createOutputs(scope, values, { dashboard: dashboard.name, logGroupName: fn.logGroup.logGroupName });
}
