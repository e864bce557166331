import { CfnOutput, Duration, Stack, type StackProps, Tags } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { ENV, PRODUCTION_API } from "../core/names/environment.ts";
import type { Config } from "./config/config.ts";
import { Alarms } from "./observability/alarms.ts";
import { ConsoleLinks } from "./observability/console-links.ts";
import { Dashboard } from "./observability/dashboard.ts";
import { SavedQueries } from "./observability/saved-queries.ts";
import { CustomerKey } from "./options/customer-key.ts";
import { HeadAnchor } from "./options/head-anchor.ts";
import { StaticEgress } from "./options/static-egress.ts";
import { TableBackup } from "./options/table-backup.ts";
import { TestEvents } from "./options/test-events.ts";
import { AccountsLayer } from "./snapshot/accounts-layer.ts";
import { ApiKeySecret } from "./snapshot/api-key-secret.ts";
import { DeadLetters } from "./snapshot/dead-letters.ts";
import { SnapshotFunction } from "./snapshot/snapshot-function.ts";
import { SnapshotSchedule } from "./snapshot/snapshot-schedule.ts";
import { SnapshotTable } from "./snapshot/snapshot-table.ts";

/** The account of the test event where no list of accounts is configured: a placeholder, to be overwritten. */
const SOME_ACCOUNT = "account_00000000-0000-0000-0000-000000000000";

/** The stack's configuration beside what every stack has. */
export interface BalanceSnapshotsStackProps extends StackProps {
  readonly config: Config;
}

/** Schedule → function → table, with the API key from a secret. */
export class BalanceSnapshotsStack extends Stack {
  constructor(scope: Construct, id: string, props: BalanceSnapshotsStackProps) {
    super(scope, id, {
      description: "Timestamped balance snapshots of Coinbase accounts",
      // A key is used in its own region alone, and CDK wants to know the region of a table with an own key.
      ...(props.config.kmsKeyArn !== undefined && { env: regionOf(props.config.kmsKeyArn) }),
      ...props,
    });
    const { config } = props;
    const latenessLimit = Duration.minutes(config.latenessMinutes);
    const accounts = config.accounts === "all" ? undefined : new AccountsLayer(this, "Accounts", config.accounts);
    const ownKey = config.kmsKeyArn === undefined ? undefined : new CustomerKey(this, "Key", config.kmsKeyArn);
    const encryptionKey = ownKey?.key;

    const table = new SnapshotTable(this, "Snapshots", { encryptionKey, retentionDays: config.retentionDays });
    const secret = new ApiKeySecret(this, "ApiKey", {
      secretName: config.secretName,
      encryptionKey,
    });
    const deadLetters = new DeadLetters(this, "DeadLetters", { encryptionKey });
    const egress = config.staticEgress
      ? new StaticEgress(this, "Egress", {
          tableArn: table.table.tableArn,
          secretArn: secret.arnPattern,
          encryptionKey,
        })
      : undefined;
    const { fn, role } = new SnapshotFunction(this, "Snapshot", {
      serviceName: config.stackName,
      environment: set({
        [ENV.latenessLimitSeconds]: latenessLimit.toSeconds(),
        [ENV.schedule]: config.schedule,
        [ENV.scheduleTimezone]: config.timezone,
        [ENV.accountsFile]: accounts?.path,
        [ENV.accountsOwner]: config.accountsOwner?.join(","),
        [ENV.accountsType]: config.accountsType,
        [ENV.apiBaseUrl]: config.apiBaseUrl,
        [ENV.pageSize]: config.pageSize,
        [ENV.noticeMovedPercent]: config.noticeMovedPercent,
        [ENV.noticeExplained]: config.explainedMoves && Object.keys(config.explainedMoves).join(","),
        [ENV.accountsAtOnce]: config.accountsAtOnce,
        [ENV.readsPerTenSeconds]: config.readsPerTenSeconds,
      }),
      latenessLimit,
      layers: accounts && [accounts],
      deadLetterQueue: deadLetters.queue,
      encryptionKey,
      network: egress,
    });
    table.grantRecord(fn);
    secret.grantRead(fn);
    const schedule = new SnapshotSchedule(this, "Schedule", {
      target: fn,
      expression: config.schedule,
      timezone: config.timezone,
      latenessLimit,
      deadLetterQueue: deadLetters.queue,
    });
    ownKey?.grantUse(role, "dynamodb", "secretsmanager", "sqs");
    ownKey?.grantUse(schedule.role, "sqs");
    if (config.backup !== undefined) {
      new TableBackup(this, "Backup", {
        tableArn: table.table.tableArn,
        frequency: config.backup,
        retention: Duration.days(config.backupRetentionDays ?? 365),
        key: ownKey,
      });
    }
    const anchor =
      config.anchor === undefined
        ? undefined
        : new HeadAnchor(this, "Anchor", {
            table: table.table,
            mode: config.anchor,
            retention: Duration.days(config.anchorRetentionDays ?? 365),
            serviceName: config.stackName,
            encryptionKey,
          });
    if (anchor !== undefined) ownKey?.grantUse(anchor.role, "dynamodb");
    if (config.testEvents) {
      const exampleAccount = config.accounts === "all" ? SOME_ACCOUNT : config.accounts[0];
      new TestEvents(this, "TestEvents", { fn, exampleAccount: exampleAccount ?? SOME_ACCOUNT, encryptionKey });
    }
    const watched = {
      serviceName: config.stackName,
      schedule: config.schedule,
      timezone: config.timezone,
      fn,
      deadLetterQueue: deadLetters.queue,
    };
    const alarms =
      config.alarms === "on"
        ? new Alarms(this, "Alarms", {
            ...watched,
            emails: config.alarmEmails ?? [],
            scheduleGroup: schedule.group,
            anchor: anchor?.fn,
            notices: config.noticeAlarm,
          })
        : undefined;
    const dashboard = new Dashboard(this, "Dashboard", {
      ...watched,
      table: table.table,
      alarms: alarms?.alarms ?? [],
    });
    new SavedQueries(this, "Queries", fn.logGroup);
    for (const [key, value] of Object.entries(tagsOf(config))) Tags.of(this).add(key, value);

    const output = (name: string, description: string, value: string) =>
      new CfnOutput(this, name, { description, value });
    output("TableName", "The table of snapshots", table.table.tableName);
    output("FunctionName", "The function that takes them", fn.functionName);
    output("SecretId", "The secret of the CDP API key", secret.secretId);
    output("DeadLetterQueueUrl", "The queue of events that nobody could handle", deadLetters.queue.queueUrl);
    output("AlarmsTo", "The topic of alarms, or why there are none", alarms?.topic.topicArn ?? config.alarms);
    if (anchor !== undefined)
      output("AnchorBucket", "The bucket that keeps the chains' heads", anchor.bucket.bucketName);
    output("ApiBaseUrl", "The API that is asked", config.apiBaseUrl ?? PRODUCTION_API);
    new ConsoleLinks(this, "Links", {
      dashboard: dashboard.name,
      functionName: fn.functionName,
      tableName: table.table.tableName,
      secretId: secret.secretId,
      logGroupName: fn.logGroup.logGroupName,
    });
    if (egress !== undefined)
      output("EgressAddress", "The API sees this address: for the key's allowlist", egress.address);
    output(
      "PutKeyCommand",
      "Puts the key file from the CDP portal into the secret",
      `aws secretsmanager put-secret-value --region ${this.region} --secret-id ${secret.secretId} --secret-string file://cdp_api_key.json`,
    );
    // The CLI's own read timeout is 60 seconds, after which it would invoke again.
    output(
      "InvokeCommand",
      "Takes a snapshot now",
      `aws lambda invoke --region ${this.region} --function-name ${fn.functionName} --payload '{}' --cli-binary-format raw-in-base64-out --cli-read-timeout 0 /dev/stdout`,
    );
  }
}

/** The variables that are given, as the text that an environment holds. */
function set(variables: Readonly<Record<string, string | number | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

/** For cost allocation, and to tell whose a resource is. What is configured wins. */
function tagsOf({ stackName, stage, tags }: Config): Record<string, string> {
  return { application: "cdp-balance-snapshots", stack: stackName, ...(stage !== undefined && { stage }), ...tags };
}

function regionOf(arn: string): { region: string } {
  const [, , , region = ""] = arn.split(":");
  return { region };
}
