import { Duration, TimeZone } from "aws-cdk-lib";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { ContextAttribute, ScheduleExpression, ScheduleTargetInput } from "aws-cdk-lib/aws-scheduler";
import { Construct } from "constructs";
import { type ApiKeyConfig, hasKeyNames, longestLateness } from "../config/api-keys.ts";
import type { Resources } from "../config/resources.ts";
import type { Config } from "../config/validate.ts";
import { allowKeyUse, CustomerKey } from "../options/customer-key.ts";
import { FunctionNetwork } from "../options/function-network.ts";
import { StaticEgress } from "../options/static-egress.ts";
import { SnapshotStateMachine } from "../step-functions/snapshot-state-machine.ts";
import { ApiKeySecrets } from "./api-key-secret.ts";
import { ConfigurationLayer } from "./configuration-layer.ts";
import { DeadLetterQueue } from "./dead-letter-queue.ts";
import { type ScheduleProps, scheduleFunction } from "./function-schedule.ts";
import { ReaderPolicy } from "./reader-policy.ts";
import { SnapshotFunction } from "./snapshot-function.ts";
import { SnapshotTable } from "./snapshot-table.ts";

/** Creates the snapshot pipeline: table, secret, dead-letter queue, function and schedule. */
export function createPipeline(scope: Construct, config: Config, resources: Resources) {
  const keyArn = CustomerKey.of(scope)?.key.keyArn;
  const layer = ConfigurationLayer.create(scope, "Configuration", config);
  const table = new SnapshotTable(scope, "Snapshots", config.retentionDays !== undefined, resources.table);
  const secrets = new ApiKeySecrets(scope, config.apiKeys, resources.secrets);
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
    network: egress?.network ?? FunctionNetwork.inExistingVpc(scope, "Network", config, resources),
  });
  table.grantRecord(fn);
  secrets.grantRead(fn);
  allowKeyUse(role, { dynamodb: table.key?.keyArn, sqs: config.engine === "lambda" ? keyArn : undefined });
  const machine = config.engine === "lambda" ? undefined : createStateMachine(scope, config, fn);

  // Each delivery and retry carries the same scheduled time, so a slot is recorded once.
  const schedule = scheduleFunction(new Construct(scope, "Schedule"), {
    target: machine?.stateMachine ?? fn,
    schedules: config.apiKeys.map(scheduleOf),
    deadLetterQueue: queue,
  });
  allowKeyUse(schedule.role, { sqs: keyArn });
  const readers = new ReaderPolicy(scope, "Readers", table);
  const schedules = new Map(schedule.schedules.map((one, i) => [config.apiKeys[i]?.name, one]));
  return { table, readers, secrets, queue, fn, machine, scheduleGroup: schedule.group, schedules, egress };
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

export type Pipeline = ReturnType<typeof createPipeline>;
