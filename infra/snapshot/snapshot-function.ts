import { Duration, Validations } from "aws-cdk-lib";
import type { Role } from "aws-cdk-lib/aws-iam";
import { Function as LambdaFunction, Tracing } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { MAX_RUN_MS } from "../../core/domain/limits.ts";
import { ENV } from "../../core/names/environment.ts";
import { longestLateness } from "../config/api-keys.ts";
import { deploymentName } from "../config/deployment-name.ts";
import type { Config } from "../config/validate.ts";
import type { FunctionNetwork } from "../options/function-network.ts";
import type { ConfigurationLayer } from "./configuration-layer.ts";
import { functionCode } from "./function-code.ts";
import { createFunctionRole, createLogGroup } from "./log-group.ts";

/** Lambda retries an asynchronous event for at most six hours: `MaximumEventAgeInSeconds`, 60 to 21600. */
const MAX_EVENT_AGE_MINUTES = 6 * 60;

export interface SnapshotFunctionProps {
  readonly config: Config;
  /** The part of the configuration that is in a file. */
  readonly layer?: ConfigurationLayer | undefined;
  /** Receives asynchronous events that failed at every attempt or became too old. A state machine sends none. */
  readonly deadLetterQueue: IQueue;
  /** The network of the function. Default: Lambda's own, without a fixed IP address. */
  readonly network?: FunctionNetwork | undefined;
}

/** The Lambda function that takes the snapshots. Its role can write logs; everything else has to be granted. */
export class SnapshotFunction extends Construct {
  readonly fn: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: SnapshotFunctionProps) {
    super(scope, id);
    const { config, layer, network } = props;
    const logGroup = createLogGroup(this, "Logs", config.logRetentionDays);
    this.role = createFunctionRole(this, logGroup);
    Validations.of(this.role).acknowledge({
      id: "AwsSolutions-IAM5[Resource::*]",
      reason:
        "X-Ray's PutTraceSegments and PutTelemetryRecords do not support resources. In a VPC, Lambda creates " +
        "network interfaces, which have no ARN in advance; the function's own code is denied these actions",
    });

    this.fn = new LambdaFunction(this, "Function", {
      ...functionCode("snapshot"),
      description: "Records balances of Coinbase accounts: one snapshot per account and slot",
      memorySize: 1024,
      timeout: Duration.millis(MAX_RUN_MS),
      role: this.role,
      logGroup,
      tracing: Tracing.ACTIVE,
      environment: { POWERTOOLS_SERVICE_NAME: deploymentName(this), ...environmentOf(config, layer) },
      layers: layer === undefined ? [] : [layer],
      ...(config.engine === "lambda" && {
        // The function would refuse the slot of an older event, for any key.
        maxEventAge: Duration.minutes(Math.min(longestLateness(config.apiKeys), MAX_EVENT_AGE_MINUTES)),
        retryAttempts: 2,
        deadLetterQueue: props.deadLetterQueue,
      }),
    });
    network?.attach(this.fn, this.role);
  }
}

/**
 * Returns the environment variables that follow from the configuration. A variable that is absent has the function's
 * own default. `SnapshotTable` and `ApiKeySecrets` add theirs when they grant access. The settings of named keys are in the
 * layer, because they would not fit.
 */
function environmentOf(config: Config, layer: ConfigurationLayer | undefined): Record<string, string> {
  const only = config.apiKeys.find(({ name }) => name === undefined);
  const variables = {
    [ENV.engine]: config.engine === "lambda" ? undefined : config.engine,
    [ENV.latenessLimitSeconds]: only && only.latenessMinutes * 60,
    [ENV.schedule]: only?.schedule,
    [ENV.scheduleTimezone]: only?.timezone,
    [ENV.retentionDays]: config.retentionDays,
    [ENV.configurationFile]: layer?.path,
    [ENV.accountsOwner]: only?.accountsOwner?.join(","),
    [ENV.accountsType]: only?.accountsType,
    [ENV.apiBaseUrl]: config.apiBaseUrl,
    [ENV.pageSize]: config.pageSize,
    [ENV.noticeMovedPercent]: config.noticeMovedPercent,
    [ENV.accountsAtOnce]: config.accountsAtOnce,
    [ENV.readsPerTenSeconds]: only?.readsPerTenSeconds,
  };
  const given = Object.entries(variables).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}
