import { CfnOutput, Duration, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { ENV } from "../lambda/environment.ts";
import { AccountsLayer } from "./accounts-layer.ts";
import { ApiKeySecret } from "./api-key-secret.ts";
import type { Config } from "./config.ts";
import { SnapshotFunction } from "./snapshot-function.ts";
import { SnapshotSchedule } from "./snapshot-schedule.ts";
import { SnapshotTable } from "./snapshot-table.ts";

/** The stack's configuration beside what every stack has. */
export interface BalanceSnapshotsStackProps extends StackProps {
  readonly config: Config;
}

/** Schedule → function → table, with the API key from a secret. */
export class BalanceSnapshotsStack extends Stack {
  constructor(scope: Construct, id: string, props: BalanceSnapshotsStackProps) {
    super(scope, id, {
      description: "Timestamped balance snapshots of Coinbase accounts",
      ...props,
    });
    const { config } = props;
    const latenessLimit = Duration.minutes(config.latenessMinutes);
    const accounts = config.accounts === "all" ? undefined : new AccountsLayer(this, "Accounts", config.accounts);

    const table = new SnapshotTable(this, "Snapshots");
    const secret = new ApiKeySecret(this, "ApiKey", {
      secretName: config.secretName,
    });
    const { fn } = new SnapshotFunction(this, "Snapshot", {
      environment: set({
        [ENV.latenessLimitSeconds]: latenessLimit.toSeconds(),
        [ENV.accountsFile]: accounts?.path,
        [ENV.accountsOwner]: config.accountsOwner?.join(","),
        [ENV.accountsType]: config.accountsType,
        [ENV.apiBaseUrl]: config.apiBaseUrl,
        [ENV.pageSize]: config.pageSize,
        [ENV.accountsAtOnce]: config.accountsAtOnce,
        [ENV.readsPerTenSeconds]: config.readsPerTenSeconds,
      }),
      latenessLimit,
      layers: accounts && [accounts],
    });
    table.grantRecord(fn);
    secret.grantRead(fn);
    new SnapshotSchedule(this, "Schedule", {
      target: fn,
      expression: config.schedule,
      timezone: config.timezone,
      latenessLimit,
    });

    const output = (name: string, description: string, value: string) =>
      new CfnOutput(this, name, { description, value });
    output("TableName", "The table of snapshots", table.table.tableName);
    output("FunctionName", "The function that takes them", fn.functionName);
    output("SecretId", "The secret of the CDP API key", secret.secretId);
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
