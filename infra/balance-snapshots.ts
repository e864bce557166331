import { Annotations, Duration, Stack, TimeZone, Token } from "aws-cdk-lib";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { ContextAttribute, ScheduleExpression, ScheduleTargetInput } from "aws-cdk-lib/aws-scheduler";
import { Construct } from "constructs";
import { PRODUCTION_API } from "../core/names/environment.ts";
import { ALL_ACCOUNTS } from "../core/names/outputs.ts";
import { retriesInTime } from "../core/schedule/retries-in-time.ts";
import { type ApiKeyConfig, hasKeyNames, longestLateness } from "./config/api-keys.ts";
import { nameDeployment } from "./config/deployment-name.ts";
import type { BalanceSnapshotsProps } from "./config/props.ts";
import { regionOf } from "./config/regions.ts";
import { type Config, ConfigError, validateProps } from "./config/validate.ts";
import { Alarms } from "./observability/alarms.ts";
import { Dashboard } from "./observability/dashboard.ts";
import { createOutputs } from "./observability/outputs.ts";
import { SavedQueries } from "./observability/saved-queries.ts";
import { CustomerKey } from "./options/customer-key.ts";
import { FunctionNetwork } from "./options/function-network.ts";
import { HeadAnchor } from "./options/head-anchor.ts";
import { StaticEgress } from "./options/static-egress.ts";
import { TableBackup } from "./options/table-backup.ts";
import { TestEvents } from "./options/test-events.ts";
import { ApiKeySecrets } from "./snapshot/api-key-secret.ts";
import { ConfigurationLayer } from "./snapshot/configuration-layer.ts";
import { DeadLetterQueue } from "./snapshot/dead-letter-queue.ts";
import { checkEnvironmentSizes } from "./snapshot/environment-size.ts";
import { type ScheduleProps, scheduleFunction } from "./snapshot/function-schedule.ts";
import { makeAssetsReadable } from "./snapshot/readable-assets.ts";
import { ReaderPolicy } from "./snapshot/reader-policy.ts";
import { SnapshotFunction } from "./snapshot/snapshot-function.ts";
import { SnapshotTable } from "./snapshot/snapshot-table.ts";
import { SnapshotStateMachine } from "./step-functions/snapshot-state-machine.ts";

/**
 * Timestamped balance snapshots of Coinbase accounts: a schedule invokes a function, which reads balances from the CDP
 * API with a key from a secret and writes snapshots to a table.
 */
export class BalanceSnapshots extends Construct {
  /** @throws {ConfigError} listing every invalid property */
  constructor(scope: Construct, id: string, props: BalanceSnapshotsProps = {}) {
    super(scope, id);
    const { region } = Stack.of(this);
    const isRegionKnown = !Token.isUnresolved(region);
    const config = validateProps(props, isRegionKnown ? region : undefined);
    if (config.kmsKeyArn !== undefined && !isRegionKnown) {
      // CDK's own error, on the table, names neither the key nor the region.
      const problem = `kmsKeyArn: given in a stack without a region; expected a stack with env.region ${regionOf(config)}`;
      throw new ConfigError("The properties of BalanceSnapshots are", [problem]);
    }
    nameDeployment(this);
    for (const key of config.apiKeys) warnOfFewRetries(this, key);
    // Before the other constructs, which look it up with CustomerKey.of.
    if (config.kmsKeyArn !== undefined) new CustomerKey(this, config.kmsKeyArn);

    const snapshots = createSnapshots(this, config);
    const anchor = createOptions(this, config, snapshots);
    createObservability(this, config, snapshots, anchor);
    checkEnvironmentSizes(this);
    makeAssetsReadable(this);
  }
}

function warnOfFewRetries(scope: Construct, { name, schedule, latenessMinutes }: ApiKeyConfig): void {
  const retries = retriesInTime(latenessMinutes * 60);
  if (retries === 2) return;
  const whose = name === undefined ? "" : ` (keys.${name})`;
  Annotations.of(scope).addWarningV2(
    "cdp-balance-snapshots:few-retries",
    `A slot of ${schedule}${whose} is too late after ${latenessMinutes} min, which leaves time for ${retries} of the 2 retries of a ` +
      "failed run. What still holds: docs/configuration.md#schedules-under-five-minutes",
  );
}

/** Creates the snapshot pipeline: table, secret, dead-letter queue, function and schedule. */
function createSnapshots(scope: Construct, config: Config) {
  const customerKey = CustomerKey.of(scope);
  const layer = ConfigurationLayer.create(scope, "Configuration", config);
  const table = new SnapshotTable(scope, "Snapshots", config.retentionDays !== undefined);
  const secrets = new ApiKeySecrets(scope, config.apiKeys);
  const { queue } = new DeadLetterQueue(scope, "DeadLetters");
  const egress = config.staticEgress
    ? new StaticEgress(scope, "Egress", {
        tableArn: table.table.tableArn,
        secretArns: secrets.arnPatterns,
        availabilityZone: config.availabilityZone,
      })
    : undefined;

  const { fn, role } = new SnapshotFunction(scope, "Snapshot", {
    config,
    layer,
    deadLetterQueue: queue,
    network: egress?.network ?? FunctionNetwork.inExistingVpc(scope, "Network", config),
  });
  table.grantRecord(fn);
  secrets.grantRead(fn);
  customerKey?.grantUse(role, "dynamodb", ...(config.engine === "lambda" ? (["sqs"] as const) : []));
  const machine = config.engine === "lambda" ? undefined : createStateMachine(scope, config, fn);

  // Each delivery and retry carries the same scheduled time, so a slot is recorded once.
  const schedule = scheduleFunction(new Construct(scope, "Schedule"), {
    target: machine?.stateMachine ?? fn,
    schedules: config.apiKeys.map(scheduleOf),
    deadLetterQueue: queue,
  });
  customerKey?.grantUse(schedule.role, "sqs");
  const readers = new ReaderPolicy(scope, "Readers", table.table.tableArn);
  return { table: table.table, readers, secrets, queue, fn, machine, scheduleGroup: schedule.group, egress };
}

function createStateMachine(scope: Construct, config: Config, fn: IFunction): SnapshotStateMachine {
  const { apiKeys, logRetentionDays } = config;
  return new SnapshotStateMachine(scope, "Executions", {
    fn,
    keys: hasKeyNames(apiKeys) ? apiKeys.flatMap(({ name }) => name ?? []) : undefined,
    latenessSeconds: longestLateness(apiKeys) * 60,
    logRetentionDays,
  });
}

function scheduleOf({ name, schedule, timezone, latenessMinutes }: ApiKeyConfig): ScheduleProps {
  return {
    ...(name !== undefined && { id: `Schedule-${name}` }),
    description: `Balance snapshots of Coinbase accounts${name === undefined ? "" : ` (key ${name})`}`,
    expression: ScheduleExpression.expression(schedule, TimeZone.of(timezone)),
    input: ScheduleTargetInput.fromObject({
      scheduledTime: ContextAttribute.scheduledTime,
      ...(name !== undefined && { key: name }),
    }),
    // EventBridge Scheduler retries for at most a day.
    maxEventAge: Duration.minutes(Math.min(latenessMinutes, 24 * 60)),
  };
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
  if (config.testEvents) new TestEvents(scope, "TestEvents", fn, config.apiKeys);
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
  { table, readers, secrets, queue, fn, machine, scheduleGroup, egress }: Snapshots,
  anchor: HeadAnchor | undefined,
): void {
  const monitored = { config, fn, stateMachine: machine?.stateMachine, deadLetterQueue: queue };
  const alarms =
    config.alarms === "on"
      ? new Alarms(scope, "Alarms", { ...monitored, scheduleGroup, anchorFunction: anchor?.fn })
      : undefined;
  const dashboard = new Dashboard(scope, "Dashboard", { ...monitored, table, alarms: alarms?.alarms ?? [] });
  new SavedQueries(scope, "Queries", fn.logGroup, hasKeyNames(config.apiKeys), machine?.logGroup);
  const values = {
    tableName: table.tableName,
    functionName: fn.functionName,
    stateMachineArn: machine?.stateMachine.stateMachineArn,
    deadLetterQueueUrl: queue.queueUrl,
    alarmTopic: alarms?.topic.topicArn ?? config.alarms,
    apiBaseUrl: config.apiBaseUrl ?? PRODUCTION_API,
    readerPolicyArn: readers.arn,
    anchorBucket: anchor?.bucket.bucketName,
    egressAddress: egress?.address,
  };
  const keys = secrets.all.map(({ key, secretId }) => ({
    name: key.name,
    secretId,
    recordedAccounts: describeAccounts(key),
  }));
  createOutputs(scope, values, keys, { dashboard: dashboard.name, logGroupName: fn.logGroup.logGroupName });
}

function describeAccounts({ accounts, accountsOwner, accountsType }: ApiKeyConfig): string {
  if (accounts !== "all") return `${accounts.length} configured`;
  const filters = [
    ...(accountsOwner === undefined ? [] : [`owner ${accountsOwner.join(",")}`]),
    ...(accountsType === undefined ? [] : [`type ${accountsType}`]),
  ];
  return [ALL_ACCOUNTS, ...filters].join(", ");
}
