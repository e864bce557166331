import type { Template } from "aws-cdk-lib/assertions";
import { evaluatorOf } from "./intrinsics.ts";

interface Metric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: unknown }[];
}
interface Operand {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: { readonly Metric: Metric; readonly Period: number; readonly Stat: string };
}

const OPERATORS: Readonly<Record<string, string>> = { LessThanThreshold: "<", GreaterThanOrEqualToThreshold: ">=" };

/**
 * Returns what raises each alarm of a template, in words, by its name without the stack's. References are logical IDs without
 * their hash.
 */
export function alarmLines(template: Template, stackName = "cdp-balance-snapshots"): Record<string, string> {
  const resolved = evaluatorOf(template);
  const metric = ({ Namespace, MetricName, Dimensions }: Metric) =>
    [Namespace, MetricName, ...Dimensions.map(({ Name, Value }) => `${Name}=${resolved(Value)}`)].join(" ");
  const operand = ({ Id, Expression, MetricStat }: Operand) =>
    MetricStat === undefined
      ? Expression
      : `${Id} is ${MetricStat.Stat} of ${metric(MetricStat.Metric)} in ${MetricStat.Period} s`;
  return Object.fromEntries(
    Object.values(template.findResources("AWS::CloudWatch::Alarm")).map(({ Properties: alarm }) => {
      if (!alarm.AlarmName.startsWith(`${stackName}-`)) throw new Error(`${alarm.AlarmName}: not of ${stackName}`);
      const measured = alarm.Metrics?.map(operand).join(", ");
      const line = [
        measured ?? `${alarm.Statistic} of ${metric(alarm)} in ${alarm.Period} s`,
        `${OPERATORS[alarm.ComparisonOperator] ?? alarm.ComparisonOperator} ${alarm.Threshold}`,
        `${alarm.DatapointsToAlarm ?? "all"} of ${alarm.EvaluationPeriods}`,
        `missing: ${alarm.TreatMissingData}`,
      ];
      return [alarm.AlarmName.slice(stackName.length + 1), line.join(", ")];
    }),
  );
}
