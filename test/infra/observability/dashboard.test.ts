import { describe, expect, it } from "@jest/globals";
import type { Template } from "aws-cdk-lib/assertions";
import { ApiError } from "../../../core/domain/errors.ts";
import { CODE_DIMENSION, METRIC_NAMESPACE, METRICS } from "../../../core/names/metrics.ts";
import { type EmittedMetric, emissionOf } from "../../support/emission.ts";
import { NO_ALARMS } from "../configurations.ts";
import { synth } from "../synth.ts";
import { functionId, only, propertiesOf } from "../template.ts";

interface Widget {
  readonly type: string;
  readonly properties: {
    readonly title: string;
    readonly alarms?: readonly string[];
    readonly metrics?: readonly (readonly (string | { readonly expression?: string; readonly label?: string })[])[];
    readonly annotations?: { readonly horizontal: readonly { readonly value: number; readonly label: string }[] };
  };
}

const { template } = synth();

/** The widgets by title. What CloudFormation fills in stands there as `${id}`. */
function widgetsOf(of: Template): Map<string, Widget> {
  const { DashboardBody: body } = propertiesOf(of, "AWS::CloudWatch::Dashboard");
  const text = body["Fn::Join"][1]
    .map((piece: string | { Ref?: string; "Fn::GetAtt"?: string[] }) =>
      typeof piece === "string" ? piece : `\${${piece.Ref ?? piece["Fn::GetAtt"]?.[0]}}`,
    )
    .join("");
  const widgets: Widget[] = JSON.parse(text).widgets;
  return new Map(widgets.map((widget) => [widget.properties.title, widget]));
}

const widgets = widgetsOf(template);
const fn = ["FunctionName", `\${${functionId(template)}}`];
const table = ["TableName", `\${${only(template, "AWS::DynamoDB::GlobalTable")}}`];
const service = ["service", "cdp-balance-snapshots"];

/** The metrics of a widget, without how they are drawn. */
const metricsOf = (title: string) =>
  widgets.get(title)?.properties.metrics?.map((metric) => metric.filter((part) => typeof part === "string"));

/** A run that emits all that there is. */
const emitted: readonly EmittedMetric[] = emissionOf((telemetry) => {
  telemetry.apiFailed(new ApiError("api_timeout", 0, "It failed."));
  telemetry.runEnded(
    {
      slot: "2026-11-23T10:00:00.000Z",
      trigger: "schedule",
      dryRun: false,
      durationMs: 1,
      accounts: { complete: 1, alreadyComplete: 0, failed: 0 },
      snapshots: [{ accountId: "account_1", outcome: "complete", pages: 1 }],
    },
    1,
    true,
  );
}).metrics;

describe("the dashboard", () => {
  it.each([
    [
      "Runs and their outcome",
      [
        ["AWS/Lambda", "Invocations", ...fn],
        ["CdpBalanceSnapshots", "CompleteRuns", ...service],
        ["AWS/Lambda", "Errors", ...fn],
      ],
    ],
    [
      "Accounts",
      [
        ["CdpBalanceSnapshots", "AccountsComplete", ...service],
        ["CdpBalanceSnapshots", "AccountsFailed", ...service],
        ["CdpBalanceSnapshots", "KeyFailures", ...service],
        ["CdpBalanceSnapshots", "Notices", ...service],
      ],
    ],
    [
      "Staleness: age of the oldest account's last complete snapshot",
      [["CdpBalanceSnapshots", "OldestCompleteAge", ...service]],
    ],
    [
      "Duration against the deadline",
      [
        ["CdpBalanceSnapshots", "Duration", ...service],
        ["AWS/Lambda", "Duration", ...fn],
      ],
    ],
    ["Pages of balances", [["CdpBalanceSnapshots", "Pages", ...service]]],
    [
      "Throttles",
      [
        ["AWS/Lambda", "Throttles", ...fn],
        ["AWS/DynamoDB", "WriteThrottleEvents", ...table],
        ["AWS/DynamoDB", "ReadThrottleEvents", ...table],
      ],
    ],
    [
      "Consumed capacity of the table",
      [
        ["AWS/DynamoDB", "ConsumedWriteCapacityUnits", ...table],
        ["AWS/DynamoDB", "ConsumedReadCapacityUnits", ...table],
      ],
    ],
    [
      "Dead letters",
      [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", `\${${only(template, "AWS::SQS::Queue")}}`]],
    ],
  ])("shows %s", (title, metrics) => {
    expect(metricsOf(title)).toEqual(metrics);
  });

  it("finds the API's errors by type, whatever types there are", () => {
    const [[search] = []] = widgets.get("API errors by type, tried again or not")?.properties.metrics ?? [];

    expect(search).toMatchObject({
      expression:
        "SEARCH('{CdpBalanceSnapshots,code,service} MetricName=\"ApiErrors\" service=\"cdp-balance-snapshots\"', 'Sum', 300)",
    });
  });

  it("draws the limits", () => {
    const limitsOf = (title: string) =>
      widgets.get(title)?.properties.annotations?.horizontal.map(({ value }) => value);

    expect(limitsOf("Staleness: age of the oldest account's last complete snapshot")).toEqual([6300]);
    expect(limitsOf("Duration against the deadline")).toEqual([900_000]);
  });

  it("shows the state of every alarm, where there are any", () => {
    const ids = Object.keys(template.findResources("AWS::CloudWatch::Alarm"));

    expect(widgets.get("Alarms")?.properties.alarms).toEqual(ids.map((id) => `\${${id}}`));
    expect(widgetsOf(synth({ alarms: NO_ALARMS }).template).has("Alarms")).toBe(false);
  });

  it("has ten widgets and the stack's name", () => {
    expect(widgets.size).toBe(10);
    template.hasResourceProperties("AWS::CloudWatch::Dashboard", { DashboardName: "cdp-balance-snapshots" });
    synth({ stage: "dev" }).template.hasResourceProperties("AWS::CloudWatch::Dashboard", {
      DashboardName: "cdp-balance-snapshots-dev",
    });
  });
});

describe("the project's own metrics", () => {
  const text = JSON.stringify(template.toJSON());

  it("are emitted as they are named, all of them", () => {
    expect(emitted.map(({ name }) => name).sort()).toEqual(Object.values(METRICS).sort());
    for (const { namespace, name, dimensions } of emitted) {
      expect(namespace).toBe(METRIC_NAMESPACE);
      expect(Object.keys(dimensions).sort()).toEqual(
        name === METRICS.apiErrors ? [CODE_DIMENSION, "service"] : ["service"],
      );
    }
  });

  it("are all shown or watched", () => {
    expect(Object.values(METRICS).filter((name) => !text.includes(name))).toEqual([]);
  });

  it("have the service under which this very function emits them", () => {
    const { Environment } = propertiesOf(template, "AWS::Lambda::Function", "POWERTOOLS_SERVICE_NAME");

    expect(Environment.Variables.POWERTOOLS_SERVICE_NAME).toBe("cdp-balance-snapshots");
  });

  it("are the only ones that alarms and widgets ask for in their namespace", () => {
    const names = emitted.map(({ name }) => name);
    const inWidgets = [...widgets.values()]
      .flatMap(({ properties }) => properties.metrics ?? [])
      .filter(([namespace]) => namespace === METRIC_NAMESPACE)
      .map(([, name]) => name);
    const inAlarms = Object.values(template.findResources("AWS::CloudWatch::Alarm"))
      .flatMap(({ Properties: { Namespace, MetricName, Metrics = [] } }) => [
        { Namespace, MetricName },
        ...Metrics.flatMap(({ MetricStat }: { MetricStat?: { Metric: unknown } }) => MetricStat?.Metric ?? []),
      ])
      .filter(({ Namespace }) => Namespace === METRIC_NAMESPACE)
      .map(({ MetricName }) => MetricName);

    expect(inWidgets).toHaveLength(8);
    expect(inAlarms).toHaveLength(5);
    expect(names).toEqual(expect.arrayContaining([...inWidgets, ...inAlarms]));
  });
});
