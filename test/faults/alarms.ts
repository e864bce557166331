import type { Template } from "aws-cdk-lib/assertions";

/** A value of a metric at one time. */
export interface Datum {
  readonly namespace: string;
  readonly name: string;
  /** As in the template, including references. */
  readonly dimensions: Readonly<Record<string, unknown>>;
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

interface Metric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
}

type Statistic = "Maximum" | "Sum";

/** An alarm in the template, on a metric or on an expression over several. */
interface AlarmProperties extends Partial<Metric> {
  readonly AlarmName: string;
  readonly Period?: number;
  readonly Statistic?: Statistic;
  readonly Metrics?: readonly {
    readonly Id: string;
    readonly Expression?: string;
    readonly ReturnData: boolean;
    readonly MetricStat?: { readonly Metric: Metric; readonly Period: number; readonly Stat: Statistic };
  }[];
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm: number;
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly TreatMissingData: string;
}

/** Returns the value of a period; `undefined` without data. */
type Series = (from: number, to: number) => number | undefined;

/** Evaluates the alarms of a template as CloudWatch does. */
export class Alarms {
  /** The names as in docs/runbook.md, without the stack's name. */
  readonly names: readonly string[];
  readonly #alarms: readonly (AlarmProperties & { readonly name: string })[];

  constructor(template: Template, stackName: string) {
    this.#alarms = Object.values(template.findResources("AWS::CloudWatch::Alarm")).map(({ Properties }) => ({
      ...(Properties as AlarmProperties),
      name: Properties.AlarmName.replace(`${stackName}-`, ""),
    }));
    this.names = this.#alarms.map(({ name }) => name);
  }

  /**
   * Returns the names of the alarms that fire between two times, in the order of the template.
   * @param data the metrics, including those from before
   */
  firing(data: readonly Datum[], from: number, to: number): string[] {
    return this.#alarms.filter((alarm) => fires(alarm, data, from, to)).map(({ name }) => name);
  }
}

function fires(alarm: AlarmProperties, data: readonly Datum[], from: number, to: number): boolean {
  const { periodMs, series } = seriesOf(alarm, data);
  const breaches = compare(alarm);
  for (let end = (Math.floor(from / periodMs) + 1) * periodMs; end <= to; end += periodMs) {
    const periods = Array.from({ length: alarm.EvaluationPeriods }, (_, n) => end - (n + 1) * periodMs);
    const breaching = periods.filter((start) => breaches(series(start, start + periodMs)));
    if (breaching.length >= alarm.DatapointsToAlarm) return true;
  }
  return false;
}

function compare({ ComparisonOperator, Threshold, TreatMissingData }: AlarmProperties) {
  return (value: number | undefined): boolean => {
    if (value === undefined) return TreatMissingData === "breaching";
    if (ComparisonOperator === "GreaterThanOrEqualToThreshold") return value >= Threshold;
    if (ComparisonOperator === "LessThanThreshold") return value < Threshold;
    throw new Error(`Unsupported by this evaluation: comparison ${ComparisonOperator}`);
  };
}

function seriesOf(alarm: AlarmProperties, data: readonly Datum[]): { periodMs: number; series: Series } {
  const { Metrics, Period = 0, Statistic, MetricName = "", Namespace = "", Dimensions } = alarm;
  if (Metrics === undefined) {
    const metric = { MetricName, Namespace, ...(Dimensions && { Dimensions }) };
    return { periodMs: Period * 1000, series: statistic(metric, Statistic, data) };
  }
  const parts = new Map<string, Series>();
  let period = 0;
  for (const { Id, MetricStat } of Metrics) {
    if (MetricStat === undefined) continue;
    parts.set(Id, statistic(MetricStat.Metric, MetricStat.Stat, data));
    period = MetricStat.Period;
  }
  const { Expression = "" } = Metrics.find(({ ReturnData }) => ReturnData) ?? {};
  return { periodMs: period * 1000, series: expression(Expression, parts) };
}

/** Parses `FILL(a, 0)`. */
function expression(text: string, parts: ReadonlyMap<string, Series>): Series {
  const series = parts.get(/^FILL\((\w+), 0\)$/.exec(text)?.[1] ?? "");
  if (series === undefined) throw new Error(`Unsupported by this evaluation: expression ${text}`);
  return (from, to) => series(from, to) ?? 0;
}

function statistic(metric: Metric, stat: Statistic | undefined, data: readonly Datum[]): Series {
  const dimensions = Object.fromEntries((metric.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]));
  const wanted = key(metric.Namespace, metric.MetricName, dimensions);
  const found = data.filter(({ namespace, name, dimensions: has }) => key(namespace, name, has) === wanted);
  if (stat !== "Maximum" && stat !== "Sum") throw new Error(`Unsupported by this evaluation: statistic ${stat}`);
  return (from, to) => {
    const values = found.filter(({ at }) => at >= from && at < to).map(({ value }) => value);
    if (values.length === 0) return undefined;
    return stat === "Maximum" ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0);
  };
}

function key(namespace: string, name: string, dimensions: Readonly<Record<string, unknown>>): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);
}
