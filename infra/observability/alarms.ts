import { Annotations } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { type ITopic, Topic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import type { ApiKeyConfig } from "../config/api-keys.ts";
import { deploymentName } from "../config/deployment-name.ts";
import type { Config } from "../config/validate.ts";
import type { AlarmDefinition } from "./alarm-definition.ts";
import { AlarmTopic, allowExistingTopic } from "./alarm-topic.ts";
import {
  type EvaluationWindow,
  failureWindow,
  longestRunSeconds,
  shortestWindow,
  silenceWindow,
} from "./evaluation-windows.ts";
import { keyAlarms } from "./key-alarms.ts";
import { type MonitoredResources, resourceAlarms } from "./resource-alarms.ts";

export interface AlarmsProps extends MonitoredResources {
  readonly config: Config;
  /** Default: a new topic, or the configured one. */
  readonly existingTopic?: ITopic | undefined;
}

/**
 * All alarms of the stack. They notify one topic when they start. An action on the state OK would also send a message when an
 * alarm has its first data, and CloudWatch cannot distinguish that from a recovery.
 */
export class Alarms extends Construct {
  readonly topic: ITopic;
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { config, fn } = props;
    const { apiKeys, engine } = config;
    const prefix = `${deploymentName(this)}-`;
    this.topic = this.#topicOf(props, prefix);
    const definitions = [...apiKeys.flatMap((key) => keyAlarms(fn, config, key)), ...resourceAlarms(props)];
    const defaultWindow = shortestWindow(
      apiKeys.map(({ schedule, latenessMinutes }) =>
        failureWindow(schedule, longestRunSeconds(engine, latenessMinutes)),
      ),
    );
    this.alarms = definitions.map((definition) => this.#createAlarm(prefix, definition, defaultWindow));
    for (const key of apiKeys) {
      const longestRun = longestRunSeconds(engine, key.latenessMinutes);
      if (silenceWindow(key.schedule, key.timezone, longestRun) === undefined) this.#warnOfSilence(key);
    }
  }

  #topicOf({ config, existingTopic }: AlarmsProps, alarmPrefix: string): ITopic {
    const { alarmTopicArn, alarmEmails: emails = [] } = config;
    if (existingTopic !== undefined) {
      allowExistingTopic(existingTopic, this, alarmPrefix);
      return existingTopic;
    }
    return alarmTopicArn === undefined
      ? new AlarmTopic(this, "Topic", { emails, alarmPrefix }).topic
      : Topic.fromTopicArn(this, "Topic", alarmTopicArn);
  }

  #warnOfSilence({ name, schedule, timezone }: ApiKeyConfig): void {
    const whose = name === undefined ? "" : ` (keys.${name})`;
    const isRunTooLong = silenceWindow(schedule, timezone) !== undefined;
    Annotations.of(this).addWarningV2(
      "cdp-balance-snapshots:schedule-beyond-alarms",
      `Two periods of ${schedule}${whose} and a run exceed the 7 days that an alarm can evaluate. Failures ` +
        "raise alarms, but a disabled or deleted schedule does not. To be alerted, " +
        `${isRunTooLong ? "reduce latenessMinutes" : "take a snapshot at least every three days"}.`,
    );
  }

  #createAlarm(
    prefix: string,
    {
      name: section,
      key,
      description,
      metric,
      threshold = 1,
      condition = "reached",
      window: ownWindow,
    }: AlarmDefinition,
    defaultWindow: EvaluationWindow,
  ): Alarm {
    const window = ownWindow ?? defaultWindow;
    const name = key === undefined ? section : `${key}-${section}`;
    const alarm = new Alarm(this, name, {
      alarmName: `${prefix}${name}`,
      alarmDescription: `${key === undefined ? "" : `Key ${key}: `}${description} What to do: docs/runbook.md#${section}`,
      metric: metric(window.period),
      evaluationPeriods: window.evaluationPeriods,
      threshold,
      ...(condition === "reached"
        ? {
            comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            datapointsToAlarm: 1,
            treatMissingData: TreatMissingData.NOT_BREACHING,
          }
        : {
            comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
            datapointsToAlarm: window.evaluationPeriods,
            treatMissingData: TreatMissingData.BREACHING,
          }),
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    return alarm;
  }
}
