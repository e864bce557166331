import { Aws, Duration } from "aws-cdk-lib";
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  Color,
  GraphWidget,
  type HorizontalAnnotation,
  type IMetric,
  MathExpression,
  PeriodOverride,
  Stats,
} from "aws-cdk-lib/aws-cloudwatch";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import {
  CODE_DIMENSION,
  KEY_DIMENSION,
  METRIC_NAMESPACE,
  METRICS,
  SERVICE_DIMENSION,
} from "../../core/names/metrics.ts";
import { type ApiKeyConfig, hasKeyNames } from "../config/api-keys.ts";
import { deploymentName } from "../config/deployment-name.ts";
import type { Config } from "../config/validate.ts";
import { customMetric } from "./custom-metric.ts";
import { staleAfterSeconds } from "./evaluation-windows.ts";

export interface DashboardProps {
  readonly config: Config;
  readonly fn: LambdaFunction;
  /** What runs the slots, with the engine `stepFunctions`. */
  readonly stateMachine?: StateMachine | undefined;
  readonly table: ITable;
  readonly deadLetterQueue: IQueue;
  /** Shown at the top. */
  readonly alarms: readonly Alarm[];
}

const PERIOD = Duration.minutes(5);

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html (alarms) */
const MAX_ALARMS = 100;

/** In the full width, with names of the usual length. */
const ALARMS_PER_ROW = 5;

/** The CloudWatch dashboard: alarm states, outcome and duration of runs, errors, resource usage. */
export class Dashboard extends Construct {
  readonly name: string;

  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const dashboard = new CloudWatchDashboard(this, "Dashboard", {
      // Dashboard names are global to an AWS account; alarms and all other names are regional.
      dashboardName: `${deploymentName(this)}-${Aws.REGION}`,
      defaultInterval: Duration.days(3),
      // Fixed periods: a run emits one data point, which automatic periods of hours would turn into fractions of a run.
      periodOverride: PeriodOverride.INHERIT,
    });
    this.name = dashboard.dashboardName;
    for (let i = 0; i < props.alarms.length; i += MAX_ALARMS) {
      const alarms = props.alarms.slice(i, i + MAX_ALARMS);
      const height = Math.max(4, 1 + Math.ceil(alarms.length / ALARMS_PER_ROW));
      dashboard.addWidgets(new AlarmStatusWidget({ title: "Alarms", width: 24, height, alarms }));
    }
    dashboard.addWidgets(...snapshotWidgets(props));
    dashboard.addWidgets(...runWidgets(props));
    dashboard.addWidgets(...resourceWidgets(props));
  }
}

/** Returns a function that returns a metric as one line per API key. CloudWatch chooses the colours of named keys. */
const customMetrics =
  ({ config, fn }: DashboardProps, statistic: string) =>
  (metric: keyof typeof METRICS, label: string, color?: string) =>
    config.apiKeys.map(({ name }) =>
      customMetric(fn, name, metric, {
        statistic,
        period: PERIOD,
        ...(name === undefined ? { label, ...(color !== undefined && { color }) } : { label: `${name}: ${label}` }),
      }),
    );

const limit = (value: number, label: string): HorizontalAnnotation[] => [{ value, label, color: Color.RED }];

const graph = (title: string, left: IMetric[], leftAnnotations: HorizontalAnnotation[] = []) =>
  new GraphWidget({ title, width: 8, height: 6, left, leftAnnotations });

function snapshotWidgets(props: DashboardProps): GraphWidget[] {
  const { fn, stateMachine } = props;
  const sum = customMetrics(props, Stats.SUM);
  const maximum = customMetrics(props, Stats.MAXIMUM);
  const started = { period: PERIOD, label: "started", color: Color.GREY };
  const failed = { period: PERIOD, label: "failed", color: Color.RED };
  return [
    graph("Runs by outcome", [
      stateMachine?.metricStarted(started) ?? fn.metricInvocations(started),
      ...sum("completeRuns", "complete (scheduled)", Color.GREEN),
      stateMachine?.metricFailed(failed) ?? fn.metricErrors(failed),
      ...(stateMachine === undefined
        ? []
        : [
            stateMachine.metricTimedOut({ period: PERIOD, label: "timed out", color: Color.ORANGE }),
            stateMachine.metricAborted({ period: PERIOD, label: "aborted", color: Color.PURPLE }),
          ]),
    ]),
    graph("Accounts", [
      ...sum("accountsComplete", "complete", Color.GREEN),
      ...sum("accountsFailed", "failed", Color.RED),
      ...sum("keyFailures", "failed because of the key", Color.PURPLE),
      ...sum("notices", "notices", Color.ORANGE),
    ]),
    graph(
      "Age of the stalest account's last complete snapshot",
      maximum("oldestCompleteAge", "seconds"),
      staleLimits(props),
    ),
  ];
}

/** Returns a line for each age at which an account of some key is stale. */
function staleLimits({ config }: DashboardProps): HorizontalAnnotation[] {
  return limitsOf(
    config.apiKeys,
    ({ schedule, timezone }) => staleAfterSeconds(schedule, timezone),
    () => "two slots missed",
  );
}

/** Returns a line for each value of some key, with the names of its keys. */
function limitsOf(
  keys: readonly ApiKeyConfig[],
  toValue: (key: ApiKeyConfig) => number,
  describe: (value: number) => string,
): HorizontalAnnotation[] {
  const values = new Map<number, string[]>();
  for (const key of keys) {
    const value = toValue(key);
    values.set(value, [...(values.get(value) ?? []), ...(key.name === undefined ? [] : [key.name])]);
  }
  return [...values].flatMap(([value, names]) =>
    limit(value, [names.join(", "), describe(value)].filter(Boolean).join(": ")),
  );
}

function runWidgets(props: DashboardProps): GraphWidget[] {
  const { fn, config } = props;
  const keyDimension = hasKeyNames(config.apiKeys) ? [KEY_DIMENSION] : [];
  const dimensions = [METRIC_NAMESPACE, CODE_DIMENSION, ...keyDimension, SERVICE_DIMENSION].join(",");
  return [
    durationWidget(props),
    graph("Pages read", customMetrics(props, Stats.SUM)("pages", "pages")),
    graph("API errors by code, including retried ones", [
      // A search, because the codes are not known in advance: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
      new MathExpression({
        expression: `SEARCH('{${dimensions}} MetricName="${METRICS.apiErrors}" ${SERVICE_DIMENSION}="${deploymentName(fn)}"', 'Sum', ${PERIOD.toSeconds()})`,
        usingMetrics: {},
        label: "",
        period: PERIOD,
      }),
    ]),
  ];
}

function durationWidget(props: DashboardProps): GraphWidget {
  const { config, fn, stateMachine } = props;
  const maximum = (label: string) => ({ statistic: Stats.MAXIMUM, period: PERIOD, label });
  const runs = customMetrics(props, Stats.MAXIMUM)("duration", "run");
  if (stateMachine !== undefined) {
    return graph(
      "Duration and lateness limit",
      [...runs, stateMachine.metricTime(maximum("execution"))],
      limitsOf(
        config.apiKeys,
        ({ latenessMinutes }) => Duration.minutes(latenessMinutes).toMilliseconds(),
        (ms) => `slots are too late: ${Duration.millis(ms).toHumanString()}`,
      ),
    );
  }
  const { timeout = Duration.seconds(3) } = fn;
  return graph(
    "Duration and timeout",
    [...runs, fn.metricDuration(maximum("invocation"))],
    limit(timeout.toMilliseconds(), `timeout: ${timeout.toHumanString()}`),
  );
}

function resourceWidgets({ fn, stateMachine, table, deadLetterQueue }: DashboardProps): GraphWidget[] {
  const tableMetric = (metricName: string, label: string) =>
    table.metric(metricName, { statistic: Stats.SUM, period: PERIOD, label });
  return [
    graph("Throttles", [
      fn.metricThrottles({ period: PERIOD, label: "function" }),
      ...(stateMachine === undefined ? [] : [stateMachine.metricThrottled({ period: PERIOD, label: "executions" })]),
      tableMetric("WriteThrottleEvents", "table, writes"),
      tableMetric("ReadThrottleEvents", "table, reads"),
    ]),
    graph("Consumed table capacity", [
      tableMetric("ConsumedWriteCapacityUnits", "write units"),
      tableMetric("ConsumedReadCapacityUnits", "read units"),
    ]),
    graph("Dead letters", [
      deadLetterQueue.metricApproximateNumberOfMessagesVisible({
        statistic: Stats.MAXIMUM,
        period: PERIOD,
        label: "waiting",
      }),
    ]),
  ];
}
