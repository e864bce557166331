import { Annotations, Duration, Stack, Token } from "aws-cdk-lib";
import type { Alarm } from "aws-cdk-lib/aws-cloudwatch";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Schedule } from "aws-cdk-lib/aws-scheduler";
import { Construct } from "constructs";
import { PRODUCTION_API } from "../core/names/environment.ts";
import { ALL_ACCOUNTS } from "../core/names/outputs.ts";
import { retriesInTime } from "../core/schedule/retries-in-time.ts";
import { type ApiKeyConfig, hasKeyNames } from "./config/api-keys.ts";
import { nameDeployment } from "./config/deployment-name.ts";
import { findResourceProblems } from "./config/resource-problems.ts";
import { type Resources, separateResources } from "./config/resources.ts";
import { type Config, validateProps } from "./config/validate.ts";
import { Alarms } from "./observability/alarms.ts";
import { Dashboard } from "./observability/dashboard.ts";
import { createOutputs } from "./observability/outputs.ts";
import { SavedQueries } from "./observability/saved-queries.ts";
import { allowKeyUse, CustomerKey } from "./options/customer-key.ts";
import { HeadAnchor } from "./options/head-anchor.ts";
import { TableBackup } from "./options/table-backup.ts";
import { TestEvents } from "./options/test-events.ts";
import type { BalanceSnapshotsProps } from "./props.ts";
import { checkEnvironmentSizes } from "./snapshot/environment-size.ts";
import { createPipeline, type Pipeline } from "./snapshot/pipeline.ts";
import { makeAssetsReadable } from "./snapshot/readable-assets.ts";
import type { SnapshotTable } from "./snapshot/snapshot-table.ts";

/**
 * Timestamped balance snapshots of Coinbase accounts: a schedule invokes a function, which reads balances from the CDP
 * API with a key from a secret and writes snapshots to a table.
 */
export class BalanceSnapshots extends Construct {
  /** The table of the snapshots: a new one, or the one in the properties. */
  readonly table: ITable;
  /** The function that takes the snapshots. */
  readonly fn: LambdaFunction;
  /** The schedules by the names of their API keys. That of an only key, which has no name, is under `undefined`. */
  readonly schedules: ReadonlyMap<string | undefined, Schedule>;
  /** All alarms; none if they are off. */
  readonly alarms: readonly Alarm[];
  readonly #snapshotTable: SnapshotTable;

  /** @throws {ConfigError} listing every invalid property */
  constructor(scope: Construct, id: string, props: BalanceSnapshotsProps = {}) {
    super(scope, id);
    const { region, account } = Stack.of(this);
    const { configuration, resources } = separateResources(props);
    const problems = findResourceProblems(resources, configuration, { region: known(region), account: known(account) });
    const config = validateProps(configuration, known(region), problems);
    nameDeployment(
      this,
      config.apiKeys.flatMap(({ name }) => name ?? []),
    );
    for (const key of config.apiKeys) warnOfFewRetries(this, key);
    // Before the other constructs, which look it up with CustomerKey.of.
    const key = resources.encryptionKey ?? config.kmsKeyArn;
    if (key !== undefined) new CustomerKey(this, key);

    const snapshots = createPipeline(this, config, resources);
    const anchor = createOptions(this, config, snapshots);
    this.alarms = createObservability(this, config, resources, snapshots, anchor);
    checkEnvironmentSizes(this);
    makeAssetsReadable(this);
    this.fn = snapshots.fn;
    this.schedules = snapshots.schedules;
    this.#snapshotTable = snapshots.table;
    this.table = snapshots.table.table;
  }

  /**
   * The schedule of the only API key.
   * @throws Error with `keys`: each key has its own in `schedules`
   */
  get schedule(): Schedule {
    const schedule = this.schedules.get(undefined);
    if (schedule === undefined)
      throw new Error(`${this.node.path} has a schedule for each of its keys; use schedules.get(name)`);
    return schedule;
  }

  /**
   * Allows a principal of the stack's AWS account to query the history, and nothing else: what the policy in the output
   * `ReaderPolicyArn` allows. This includes decryption with the customer managed key of the table, if it has one.
   * @throws Error for a principal to which CDK attaches no policy, such as a service, or a role of another account
   */
  grantRead(grantee: IGrantable): Grant {
    const grants = this.#snapshotTable
      .readPermissions()
      .map(({ resources: resourceArns, ...permission }) =>
        Grant.addToPrincipal({ grantee, resourceArns, ...permission }),
      );
    const grant = grants.reduce((all, grant) => all.combine(grant));
    // Of a role of another account, CDK reports a success, but attaches nothing to it.
    const isElsewhere = areDifferent(grantee.grantPrincipal.principalAccount, Stack.of(this).account);
    if (grant.success && !isElsewhere) return grant;
    throw new Error(
      `${this.node.path}: grantRead cannot attach a policy to ${grantee.grantPrincipal}; expected a role, a user or a group of ` +
        "the stack's AWS account. Principals of other accounts can assume such a role.",
    );
  }
}

/** Returns whether two values are known to differ. */
const areDifferent = (one: string | undefined, other: string) =>
  one !== undefined && one !== other && ![one, other].some((value) => Token.isUnresolved(value));

const known = (value: string) => (Token.isUnresolved(value) ? undefined : value);

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

/**
 * Creates the optional features: backups, test events, and the head anchor.
 * @returns the head anchor, if it is configured
 */
function createOptions(scope: Construct, config: Config, { table, fn }: Pipeline): HeadAnchor | undefined {
  if (config.backup !== undefined) {
    new TableBackup(scope, "Backup", {
      tableArn: table.table.tableArn,
      tableKeyArn: table.key?.keyArn,
      frequency: config.backup,
      retention: Duration.days(config.backupRetentionDays ?? 365),
    });
  }
  if (config.testEvents) new TestEvents(scope, "TestEvents", fn, config.apiKeys);
  if (config.anchor === undefined) return undefined;
  const anchor = new HeadAnchor(scope, "Anchor", {
    table: table.table,
    mode: config.anchor,
    retention: Duration.days(config.anchorRetentionDays ?? 365),
    logRetentionDays: config.logRetentionDays,
  });
  allowKeyUse(anchor.role, { dynamodb: table.key?.keyArn });
  return anchor;
}

/**
 * Creates the observability resources: alarms, dashboard, saved queries and outputs.
 * @returns the alarms
 */
function createObservability(
  scope: Construct,
  config: Config,
  { alarmTopic }: Resources,
  { table: { table }, readers, secrets, queue, fn, machine, scheduleGroup, egress }: Pipeline,
  anchor: HeadAnchor | undefined,
): readonly Alarm[] {
  const monitored = { config, fn, stateMachine: machine?.stateMachine, deadLetterQueue: queue };
  const alarms =
    config.alarms === "on"
      ? new Alarms(scope, "Alarms", {
          ...monitored,
          scheduleGroup,
          anchorFunction: anchor?.fn,
          existingTopic: alarmTopic,
        })
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
  return alarms?.alarms ?? [];
}

function describeAccounts({ accounts, accountsOwner, accountsType }: ApiKeyConfig): string {
  if (accounts !== "all") return `${accounts.length} configured`;
  const filters = [
    ...(accountsOwner === undefined ? [] : [`owner ${accountsOwner.join(",")}`]),
    ...(accountsType === undefined ? [] : [`type ${accountsType}`]),
  ];
  return [ALL_ACCOUNTS, ...filters].join(", ");
}
