import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { OUTPUTS } from "../../core/names/outputs.ts";
import { counted } from "../shared/counted.ts";
import { AWS_CLIENT_OPTIONS, awsFailure, awsFailureResult } from "./aws.ts";
import type { CheckResult, CheckResults } from "./check-result.ts";
import { failed, passed, skipped, warning } from "./check-result.ts";
import type { ListedStack } from "./stack.ts";

/** The most alarms that DescribeAlarms accepts and returns at once. Twenty keys have more. */
const MAX_ALARMS = 100;

const RUNBOOK = "docs/runbook.md#check-that-alarms-reach-you";

/** Checks the state of the stack's alarms, and whether they notify anyone. */
export async function* checkAlarms({ name, outputs, idsOf }: ListedStack): CheckResults {
  const names = idsOf("AWS::CloudWatch::Alarm");
  if (names.length === 0) {
    const reason = outputs.get(OUTPUTS.alarmTopic) ?? "unknown reason";
    yield* skipped(["alarms", "subscribers"], `the stack has no alarms (${reason})`);
    return;
  }
  const { CloudWatchClient, DescribeAlarmsCommand } = await import("@aws-sdk/client-cloudwatch");
  try {
    const client = new CloudWatchClient(AWS_CLIENT_OPTIONS);
    const alarms: MetricAlarm[] = [];
    for (let at = 0; at < names.length; at += MAX_ALARMS) {
      const AlarmNames = names.slice(at, at + MAX_ALARMS);
      const { MetricAlarms = [] } = await client.send(
        new DescribeAlarmsCommand({ AlarmNames, MaxRecords: MAX_ALARMS }),
      );
      alarms.push(...MetricAlarms);
    }
    yield* judgeAlarms(names, alarms, `${name}-`);
  } catch (thrown) {
    yield awsFailureResult("alarms", awsFailure(thrown, "cloudwatch:DescribeAlarms", "the alarms"));
  }
  if (idsOf("AWS::SNS::Topic").length > 0) yield judgeSubscribers(idsOf("AWS::SNS::Subscription").length);
  else {
    const reason = `the alarms notify ${outputs.get(OUTPUTS.alarmTopic)}, a topic outside the stack`;
    yield* skipped(["subscribers"], `${reason}; to check that alarms reach its subscribers, see ${RUNBOOK}`);
  }
}

function* judgeAlarms(names: readonly string[], alarms: readonly MetricAlarm[], prefix: string): Iterable<CheckResult> {
  const shortName = (name: string) => (name.startsWith(prefix) ? name.slice(prefix.length) : name);
  const list = (some: readonly MetricAlarm[]) => some.map(({ AlarmName = "" }) => shortName(AlarmName)).join(", ");
  const existing = new Set(alarms.map(({ AlarmName }) => AlarmName));
  const deleted = names.filter((name) => !existing.has(name));
  if (deleted.length > 0) {
    yield failed("alarms", `deleted: ${deleted.map(shortName).join(", ")}`, "Restore them: npx cdk deploy");
  }
  const active = inState(alarms, "ALARM");
  for (const { AlarmName = "", StateUpdatedTimestamp, AlarmDescription = "" } of active) {
    const name = shortName(AlarmName);
    // The description ends with the link that the suggested fix repeats. The name of an alarm can contain that of a key.
    const section = /docs\/runbook\.md#([\w-]+)/.exec(AlarmDescription)?.[1] ?? name;
    const description = AlarmDescription.replace(/[^.]*docs\/runbook\.md.*$/s, "");
    const since = StateUpdatedTimestamp?.toISOString() ?? "an unknown time";
    yield failed("alarms", `${name} is active since ${since}: ${description}`, `See docs/runbook.md#${section}.`);
  }
  const silent = alarms.filter(({ ActionsEnabled, AlarmActions = [] }) => !ActionsEnabled || AlarmActions.length === 0);
  if (silent.length > 0) {
    const silentNames = silent.map(({ AlarmName }) => AlarmName).join(" ");
    const fix = `aws cloudwatch enable-alarm-actions --alarm-names ${silentNames}`;
    yield failed("alarms", `cannot notify anyone because their actions are off: ${list(silent)}`, fix);
  }
  const withoutData = inState(alarms, "INSUFFICIENT_DATA");
  if (withoutData.length > 0) {
    const fix = 'Normal for some minutes after a deployment. Later, see the check "last run".';
    yield warning("alarms", `insufficient data: ${list(withoutData)}`, fix);
  }
  if (deleted.length + silent.length + withoutData.length + active.length === 0) {
    yield passed("alarms", `${counted(alarms.length, "alarm")}, none active, all with their actions on`);
  }
}

function inState(alarms: readonly MetricAlarm[], state: string): MetricAlarm[] {
  return alarms.filter(({ StateValue }) => StateValue === state);
}

/** Whether subscribers have confirmed is best tested with an alarm that is raised on purpose. */
function judgeSubscribers(count: number): CheckResult {
  if (count === 0) {
    const fix = `Set alarmEmails and deploy, unless you subscribe people in another way: ${RUNBOOK}`;
    return warning("subscribers", "the stack subscribes nobody to its alarms", fix);
  }
  return passed("subscribers", `${counted(count, "subscriber")}; to check that alarms reach them, see ${RUNBOOK}`);
}
