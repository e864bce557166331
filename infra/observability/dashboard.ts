import { Duration, Stack } from "aws-cdk-lib";
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  Color,
  GraphWidget,
  type GraphWidgetProps,
  type HorizontalAnnotation,
  MathExpression,
  PeriodOverride,
  Stats,
} from "aws-cdk-lib/aws-cloudwatch";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { CODE_DIMENSION, METRIC_NAMESPACE, METRICS, SERVICE_DIMENSION } from "../../core/names/metrics.ts";
import { tooOldSeconds } from "./alarm-windows.ts";
import { jobMetric } from "./job-metrics.ts";

/** What is shown. */
export interface DashboardProps {
  /** The function's `POWERTOOLS_SERVICE_NAME`. */
  readonly serviceName: string;
  readonly schedule: string;
  readonly fn: LambdaFunction;
  readonly table: TableV2;
  readonly deadLetterQueue: IQueue;
  /** Their states, at the top. */
  readonly alarms: readonly Alarm[];
}

const PERIOD = Duration.minutes(5);

/** The job at a glance: is it well, what did it do, how long did it take, what went wrong. */
export class Dashboard extends Construct {
  readonly name: string;

  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const dashboard = new CloudWatchDashboard(this, "Dashboard", {
      dashboardName: Stack.of(this).stackName,
      defaultInterval: Duration.days(3),
      // A run leaves one data point: averaged over the hours of a week's view, sums would look like fractions of a run.
      periodOverride: PeriodOverride.INHERIT,
    });
    this.name = dashboard.dashboardName;
    if (props.alarms.length > 0) {
      dashboard.addWidgets(new AlarmStatusWidget({ title: "Alarms", width: 24, height: 4, alarms: [...props.alarms] }));
    }
    dashboard.addWidgets(...snapshotWidgets(props));
    dashboard.addWidgets(...runWidgets(props));
    dashboard.addWidgets(...resourceWidgets(props));
  }
}

const graph = (title: string, props: GraphWidgetProps) => new GraphWidget({ title, width: 8, height: 6, ...props });

function snapshotWidgets({ serviceName, schedule, fn }: DashboardProps): GraphWidget[] {
  const sum = (name: keyof typeof METRICS, label: string, color: string) =>
    jobMetric(serviceName, name, { statistic: Stats.SUM, period: PERIOD, label, color });
  return [
    graph("Runs and their outcome", {
      left: [
        fn.metricInvocations({ period: PERIOD, label: "started", color: Color.GREY }),
        sum("completeRuns", "scheduled and complete", Color.GREEN),
        fn.metricErrors({ period: PERIOD, label: "failed", color: Color.RED }),
      ],
    }),
    graph("Accounts", {
      left: [
        sum("accountsComplete", "complete", Color.GREEN),
        sum("accountsFailed", "failed", Color.RED),
        sum("keyFailures", "failed for the key", Color.PURPLE),
        sum("notices", "notices", Color.ORANGE),
      ],
    }),
    graph("Staleness: age of the oldest account's last complete snapshot", {
      left: [
        jobMetric(serviceName, "oldestCompleteAge", {
          statistic: Stats.MAXIMUM,
          period: PERIOD,
          label: "age, seconds",
        }),
      ],
      leftAnnotations: limitAt(tooOldSeconds(schedule), "too old: two slots were missed"),
    }),
  ];
}

function runWidgets({ serviceName, fn }: DashboardProps): GraphWidget[] {
  const { timeout = Duration.seconds(3) } = fn;
  return [
    graph("Duration against the deadline", {
      left: [
        jobMetric(serviceName, "duration", { statistic: Stats.MAXIMUM, period: PERIOD, label: "run" }),
        fn.metricDuration({ statistic: Stats.MAXIMUM, period: PERIOD, label: "invocation" }),
      ],
      leftAnnotations: limitAt(timeout.toMilliseconds(), `the function's ${timeout.toHumanString()}`),
    }),
    graph("Pages of balances", {
      left: [jobMetric(serviceName, "pages", { statistic: Stats.SUM, period: PERIOD, label: "pages" })],
    }),
    graph("API errors by type, tried again or not", {
      // Which codes there are shows only when they come: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
      left: [
        new MathExpression({
          expression: `SEARCH('{${METRIC_NAMESPACE},${CODE_DIMENSION},${SERVICE_DIMENSION}} MetricName="${METRICS.apiErrors}" ${SERVICE_DIMENSION}="${serviceName}"', 'Sum', ${PERIOD.toSeconds()})`,
          usingMetrics: {},
          label: "",
          period: PERIOD,
        }),
      ],
    }),
  ];
}

function resourceWidgets({ fn, table, deadLetterQueue }: DashboardProps): GraphWidget[] {
  const ofTable = (metricName: string, label: string) =>
    table.metric(metricName, { statistic: Stats.SUM, period: PERIOD, label });
  return [
    graph("Throttles", {
      left: [
        fn.metricThrottles({ period: PERIOD, label: "function" }),
        ofTable("WriteThrottleEvents", "table, writes"),
        ofTable("ReadThrottleEvents", "table, reads"),
      ],
    }),
    graph("Consumed capacity of the table", {
      left: [ofTable("ConsumedWriteCapacityUnits", "write units"), ofTable("ConsumedReadCapacityUnits", "read units")],
    }),
    graph("Dead letters", {
      left: [
        deadLetterQueue.metricApproximateNumberOfMessagesVisible({
          statistic: Stats.MAXIMUM,
          period: PERIOD,
          label: "waiting",
        }),
      ],
    }),
  ];
}

function limitAt(value: number, label: string): HorizontalAnnotation[] {
  return [{ value, label, color: Color.RED }];
}
