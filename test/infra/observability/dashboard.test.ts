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

/** Returns the widgets by title. References appear as `${id}`. */
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

/** Returns the metrics of a widget without their rendering options. */
const metricsOf = (title: string) =>
  widgets.get(title)?.properties.metrics?.map((metric) => metric.filter((part) => typeof part === "string"));

/** The metrics of a run that emits every metric. */
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
      "Runs by outcome",
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
    ["Age of the stalest account's last complete snapshot", [["CdpBalanceSnapshots", "OldestCompleteAge", ...service]]],
    [
      "Duration and timeout",
      [
        ["CdpBalanceSnapshots", "Duration", ...service],
        ["AWS/Lambda", "Duration", ...fn],
      ],
    ],
    ["Pages read", [["CdpBalanceSnapshots", "Pages", ...service]]],
    [
      "Throttles",
      [
        ["AWS/Lambda", "Throttles", ...fn],
        ["AWS/DynamoDB", "WriteThrottleEvents", ...table],
        ["AWS/DynamoDB", "ReadThrottleEvents", ...table],
      ],
    ],
    [
      "Consumed table capacity",
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

  it("searches for API errors by code, because the codes are not known in advance", () => {
    const [[search] = []] = widgets.get("API errors by code, including retried ones")?.properties.metrics ?? [];

    expect(search).toMatchObject({
      expression:
        "SEARCH('{CdpBalanceSnapshots,code,service} MetricName=\"ApiErrors\" service=\"cdp-balance-snapshots\"', 'Sum', 300)",
    });
  });

  it("draws the limits of age and duration", () => {
    const limitsIn = (title: string) =>
      widgets.get(title)?.properties.annotations?.horizontal.map(({ value }) => value);

    expect(limitsIn("Age of the stalest account's last complete snapshot")).toEqual([6300]);
    expect(limitsIn("Duration and timeout")).toEqual([900_000]);
  });

  it("shows the state of every alarm, if the stack has alarms", () => {
    const ids = Object.keys(template.findResources("AWS::CloudWatch::Alarm"));

    expect(widgets.get("Alarms")?.properties.alarms).toEqual(ids.map((id) => `\${${id}}`));
    expect(widgetsOf(synth({ alarms: NO_ALARMS }).template).has("Alarms")).toBe(false);
  });

  it("has ten widgets and the name of the stack", () => {
    expect(widgets.size).toBe(10);
    template.hasResourceProperties("AWS::CloudWatch::Dashboard", { DashboardName: "cdp-balance-snapshots" });
    synth({ stage: "dev" }).template.hasResourceProperties("AWS::CloudWatch::Dashboard", {
      DashboardName: "cdp-balance-snapshots-dev",
    });
  });
});

describe("the custom metrics", () => {
  const text = JSON.stringify(template.toJSON());

  it("are all emitted, with the expected namespace and dimensions", () => {
    expect(emitted.map(({ name }) => name).sort()).toEqual(Object.values(METRICS).sort());
    for (const { namespace, name, dimensions } of emitted) {
      expect(namespace).toBe(METRIC_NAMESPACE);
      expect(Object.keys(dimensions).sort()).toEqual(
        name === METRICS.apiErrors ? [CODE_DIMENSION, "service"] : ["service"],
      );
    }
  });

  it("are all on the dashboard or in an alarm", () => {
    expect(Object.values(METRICS).filter((name) => !text.includes(name))).toEqual([]);
  });

  it("have the service name that the function emits", () => {
    const { Environment } = propertiesOf(template, "AWS::Lambda::Function", "POWERTOOLS_SERVICE_NAME");

    expect(Environment.Variables.POWERTOOLS_SERVICE_NAME).toBe("cdp-balance-snapshots");
  });

  it("include every metric of their namespace that alarms and widgets use", () => {
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
