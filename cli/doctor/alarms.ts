import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { OUTPUTS } from "../../core/names/outputs.ts";
import { awsFailure, DOCTOR_CALLS } from "./aws.ts";
import {
  type CheckResult,
  type CheckResults,
  failed,
  ok,
  type Prerequisite,
  skipped,
  warning,
} from "./check-result.ts";
import type { StackFacts } from "./stack.ts";

/** The most that one answer holds, and the most names that can be asked for. */
const AT_ONCE = 100;

/** Which alarms are on, whether they would tell anybody, and whom. */
export async function* checkAlarms(stack: Prerequisite<StackFacts>): CheckResults {
  const resources = stack.value?.resources;
  if (stack.value === undefined || resources?.value === undefined) {
    yield* skipped(["alarms", "alarm topic"], stack.missing ?? resources?.missing ?? "");
    return;
  }
  const names = resources.value.get("AWS::CloudWatch::Alarm") ?? [];
  if (names.length === 0) {
    const why = stack.value.outputs.get(OUTPUTS.alarmTopic) ?? "not told why";
    yield* skipped(["alarms", "alarm topic"], `the stack has none: ${why}`);
    return;
  }
  const { CloudWatchClient, DescribeAlarmsCommand } = await import("@aws-sdk/client-cloudwatch");
  try {
    const { MetricAlarms = [] } = await new CloudWatchClient(DOCTOR_CALLS).send(
      new DescribeAlarmsCommand({ AlarmNames: [...names], MaxRecords: AT_ONCE }),
    );
    yield* judge(names, MetricAlarms, `${stack.value.name}-`);
  } catch (thrown) {
    const { denied, found, remedy } = awsFailure(thrown, "cloudwatch:DescribeAlarms");
    yield (denied ? warning : failed)("alarms", found, remedy);
  }
  yield judgeTopic(resources.value.get("AWS::SNS::Subscription")?.length ?? 0);
}

function* judge(names: readonly string[], alarms: readonly MetricAlarm[], prefix: string): Iterable<CheckResult> {
  const short = (name: string) => (name.startsWith(prefix) ? name.slice(prefix.length) : name);
  const listed = (some: readonly MetricAlarm[]) => some.map(({ AlarmName = "" }) => short(AlarmName)).join(", ");
  const known = new Set(alarms.map(({ AlarmName }) => AlarmName));
  const gone = names.filter((name) => !known.has(name));
  if (gone.length > 0) yield failed("alarms", `gone: ${gone.map(short).join(", ")}`, "npx cdk deploy puts them back.");

  for (const { AlarmName = "", StateUpdatedTimestamp, AlarmDescription = "" } of inState(alarms, "ALARM")) {
    const since = StateUpdatedTimestamp?.toISOString() ?? "an unknown time";
    const what = AlarmDescription.replace(/ What to do:.*/, "").replace(/\.$/, "");
    yield failed("alarms", `${short(AlarmName)} is on since ${since}: ${what}`, `docs/runbook.md#${short(AlarmName)}`);
  }
  const silent = alarms.filter(({ ActionsEnabled, AlarmActions = [] }) => !ActionsEnabled || AlarmActions.length === 0);
  if (silent.length > 0) {
    const remedy = `aws cloudwatch enable-alarm-actions --alarm-names ${silent.map(({ AlarmName }) => AlarmName).join(" ")}`;
    yield failed("alarms", `would tell nobody, their actions are off: ${listed(silent)}`, remedy);
  }
  const blind = inState(alarms, "INSUFFICIENT_DATA");
  if (blind.length > 0) {
    const found = `have no data to judge by: ${listed(blind)}`;
    yield warning(
      "alarms",
      found,
      "Normal for some minutes after a deployment; later, see whether anything runs: last run.",
    );
  }
  if (gone.length + silent.length + blind.length + inState(alarms, "ALARM").length === 0) {
    yield ok("alarms", `${alarms.length} alarms, none is on, and each would be told`);
  }
}

function inState(alarms: readonly MetricAlarm[], state: string): MetricAlarm[] {
  return alarms.filter(({ StateValue }) => StateValue === state);
}

/** Whether a subscriber has confirmed is SNS's knowledge, and shows best by an alarm that is raised on purpose. */
function judgeTopic(subscriptions: number): CheckResult {
  const check = "docs/runbook.md#check-that-alarms-reach-you";
  if (subscriptions === 0) {
    const found = "the stack subscribes nobody to its alarms";
    return warning(
      "alarm topic",
      found,
      `Give alarmEmails and deploy, unless somebody is subscribed by other means: ${check}`,
    );
  }
  return ok(
    "alarm topic",
    `the stack subscribes ${subscriptions}; that they confirmed is not seen from here: ${check}`,
  );
}
