import { Annotations, Stack } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { type AlarmDefinition, alarmDefinitions, type MonitoredResources } from "./alarm-definitions.ts";
import { AlarmTopic } from "./alarm-topic.ts";
import { eventWindow } from "./alarm-windows.ts";

/** What is watched, and who is told. */
export interface AlarmsProps extends MonitoredResources {
  readonly emails: readonly string[];
}

/** Every alarm of the stack, told to one topic when it goes off and when it is over. */
export class Alarms extends Construct {
  readonly topic: ITopic;
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const prefix = `${Stack.of(this).stackName}-`;
    this.topic = new AlarmTopic(this, "Topic", { emails: props.emails, alarmPrefix: prefix }).topic;
    const watched = alarmDefinitions(props);
    this.alarms = watched.map((watch) => this.#alarm(prefix, { window: eventWindow(props.schedule), ...watch }));
    if (watched.some(({ name }) => name === "no-complete-run")) return;
    Annotations.of(this).addWarningV2(
      "cdp-balance-snapshots:schedule-beyond-alarms",
      `No alarm can look back over two periods of ${props.schedule}: 7 days are the most. Failures raise alarms, but if the ` +
        "schedule is switched off or deleted, nothing does. Take a snapshot every three days or more often.",
    );
  }

  #alarm(
    prefix: string,
    { name, what, metric, from = 1, window, silence }: AlarmDefinition & Required<Pick<AlarmDefinition, "window">>,
  ): Alarm {
    const alarm = new Alarm(this, name, {
      alarmName: `${prefix}${name}`,
      alarmDescription: `${what} What to do: docs/runbook.md#${name}`,
      metric: metric(window.period),
      evaluationPeriods: window.evaluationPeriods,
      threshold: from,
      ...(silence
        ? {
            // Not once in all of the window; and where there is no data, it did not happen either.
            comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
            datapointsToAlarm: window.evaluationPeriods,
            treatMissingData: TreatMissingData.BREACHING,
          }
        : {
            // Once in the window is enough, and nothing happens where there is no data.
            comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            datapointsToAlarm: 1,
            treatMissingData: TreatMissingData.NOT_BREACHING,
          }),
    });
    const tell = new SnsAction(this.topic);
    alarm.addAlarmAction(tell);
    alarm.addOkAction(tell);
    return alarm;
  }
}
