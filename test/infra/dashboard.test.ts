import { describe, expect, it } from "@jest/globals";
import type { Template } from "aws-cdk-lib/assertions";
import { ApiError, KeyError } from "../../core/domain/errors.ts";
import { CODE_DIMENSION, METRIC_NAMESPACE, METRICS } from "../../core/names/metrics.ts";
import { emissionOf } from "../support/emission.ts";
import { EVERY_OPTION, NO_ALARMS } from "./configurations.ts";
import { synth } from "./synth.ts";
import { functionId, join, only, propertiesOf } from "./template.ts";

const { template } = synth();
const dashboardId = only(template, "AWS::CloudWatch::Dashboard");
const tableId = only(template, "AWS::DynamoDB::GlobalTable");
const secretId = only(template, "AWS::SecretsManager::Secret");
const queueId = only(template, "AWS::SQS::Queue");
const logGroupId = only(template, "AWS::Logs::LogGroup", "SnapshotLogs");
const fnId = functionId(template);

interface Widget {
  readonly type: string;
  readonly properties: {
    readonly title: string;
    readonly alarms?: readonly string[];
    readonly metrics?: readonly (readonly (string | { readonly expression?: string; readonly label?: string })[])[];
    readonly annotations?: { readonly horizontal: readonly { readonly value: number; readonly label: string }[] };
  };
}

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
const fn = ["FunctionName", `\${${fnId}}`];
const table = ["TableName", `\${${tableId}}`];
const service = ["service", "cdp-balance-snapshots"];

/** Returns the metrics of a widget without their rendering options. */
const metricsOf = (title: string) =>
  widgets.get(title)?.properties.metrics?.map((metric) => metric.filter((part) => typeof part === "string"));

/** The metrics of a run that emits every metric. */
const emitted = emissionOf((telemetry) => {
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
  const job = (name: string) => ["CdpBalanceSnapshots", name, ...service];
  const lambda = (name: string) => ["AWS/Lambda", name, ...fn];
  const dynamo = (name: string) => ["AWS/DynamoDB", name, ...table];

  it.each([
    ["Runs by outcome", [lambda("Invocations"), job("CompleteRuns"), lambda("Errors")]],
    ["Accounts", [job("AccountsComplete"), job("AccountsFailed"), job("KeyFailures"), job("Notices")]],
    ["Age of the stalest account's last complete snapshot", [job("OldestCompleteAge")]],
    ["Duration and timeout", [job("Duration"), lambda("Duration")]],
    ["Pages read", [job("Pages")]],
    ["Throttles", [lambda("Throttles"), dynamo("WriteThrottleEvents"), dynamo("ReadThrottleEvents")]],
    ["Consumed table capacity", [dynamo("ConsumedWriteCapacityUnits"), dynamo("ConsumedReadCapacityUnits")]],
    ["Dead letters", [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", `\${${queueId}}`]]],
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
});

type Value = string | { Ref?: string; "Fn::If"?: [string, Value, Value]; "Fn::Join"?: [string, Value[]] };

const outputsOf = (of: typeof template): Record<string, Value> =>
  Object.fromEntries(Object.entries(of.findOutputs("*")).map(([name, { Value }]) => [name, Value]));
const outputs = outputsOf(template);

describe("the stack's outputs", () => {
  it("name the resources and the next commands", () => {
    const region = { Ref: "AWS::Region" };

    expect(outputs).toMatchObject({
      TableName: { Ref: tableId },
      FunctionName: { Ref: fnId },
      SecretId: { Ref: secretId },
      DeadLetterQueueUrl: { Ref: queueId },
      AlarmTopic: { Ref: only(template, "AWS::SNS::Topic") },
      ApiBaseUrl: "https://api.cdp.coinbase.com/platform",
      PutKeyCommand: join([
        "aws secretsmanager put-secret-value --region ",
        region,
        " --secret-id ",
        { Ref: secretId },
        " --secret-string file://cdp_api_key.json",
      ]),
      InvokeCommand: join([
        "aws lambda invoke --region ",
        region,
        " --function-name ",
        { Ref: fnId },
        " --payload '{}' --cli-binary-format raw-in-base64-out --cli-read-timeout 0 /dev/stdout",
      ]),
    });
    expect(outputs).not.toHaveProperty("AnchorBucket");
    expect(outputs).not.toHaveProperty("EgressAddress");
  });

  it("name the configured API, and the resources of options", () => {
    const apiBaseUrl = "https://sandbox.cdp.coinbase.com/platform";
    const { template: full } = synth({ ...EVERY_OPTION, apiBaseUrl });

    expect(outputsOf(full)).toMatchObject({
      ApiBaseUrl: apiBaseUrl,
      AnchorBucket: { Ref: only(full, "AWS::S3::Bucket") },
      EgressAddress: { Ref: only(full, "AWS::EC2::EIP") },
    });
  });

  it("show the reason for having no alarms", () => {
    expect(outputsOf(synth({ alarms: NO_ALARMS }).template)).toMatchObject({ AlarmTopic: NO_ALARMS });
  });
});

describe("the links into the AWS console", () => {
  it.each([
    ["DashboardLink", `cloudwatch/home?region=eu-west-1#dashboards/dashboard/${dashboardId}`],
    ["FunctionLink", `lambda/home?region=eu-west-1#/functions/${fnId}`],
    ["TableLink", `dynamodbv2/home?region=eu-west-1#item-explorer?table=${tableId}`],
    ["SecretLink", `secretsmanager/secret?name=${secretId}&region=eu-west-1`],
    ["LogsLink", `cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/${logGroupId}`],
  ])("include %s", (name, path) => {
    expect(link(name, "eu-west-1", "aws")).toBe(`https://eu-west-1.console.aws.amazon.com/${path}`);
  });

  it.each([
    ["aws", "us-east-1", "https://us-east-1.console.aws.amazon.com/"],
    ["aws-cn", "cn-north-1", "https://cn-north-1.console.amazonaws.cn/"],
    ["aws-us-gov", "us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/"],
  ])("lead to the console of the partition %s", (partition, region, start) => {
    expect(link("FunctionLink", region, partition)).toMatch(new RegExp(`^${start}lambda/`));
  });
});

const link = (name: string, region: string, partition: string) => resolve(outputs[name] ?? "", region, partition);

/** Resolves a value as CloudFormation does in a region. References to resources become their logical IDs. */
function resolve(value: Value, region: string, partition: string): string {
  if (typeof value === "string") return value;
  const resolveInner = (inner: Value) => resolve(inner, region, partition);
  if (value["Fn::Join"] !== undefined) return value["Fn::Join"][1].map(resolveInner).join("");
  if (value["Fn::If"] !== undefined) {
    const [id, whenTrue, whenFalse] = value["Fn::If"];
    const { [id]: condition } = template.findConditions("*");
    return resolveInner(condition?.["Fn::Equals"][1] === partition ? whenTrue : whenFalse);
  }
  return value.Ref === "AWS::Region" ? region : (value.Ref ?? "");
}

const SLOT = "2026-11-23T10:00:00.000Z";
const queries = Object.values(template.findResources("AWS::Logs::QueryDefinition")).map(({ Properties }) => Properties);
const queryOf = (name: string): string => queries.find(({ Name }) => Name.endsWith(`/${name}`))?.QueryString ?? "";

/** Log lines of a failed account, of a complete one, and of an aborted run. */
const { logs } = emissionOf((telemetry) => {
  telemetry.accountEnded(
    SLOT,
    { accountId: "account_1", outcome: "failed", error: { code: "api_timeout", message: "It failed." } },
    7,
  );
  telemetry.accountEnded(SLOT, { accountId: "account_2", outcome: "complete", pages: 3 }, 7);
  telemetry.runAborted(SLOT, new KeyError("key_empty", "It is empty."), false);
});
const [failure, success] = logs;

/** Returns the fields of a log line by their names in Logs Insights. */
function fieldsOf(line: object, prefix = ""): string[] {
  return Object.entries(line).flatMap(([name, value]) =>
    typeof value === "object" && value !== null ? fieldsOf(value, `${prefix}${name}.`) : [`${prefix}${name}`],
  );
}

describe("the saved queries", () => {
  it("are in a folder with the stack's name and use the function's log", () => {
    expect(queries.map(({ Name }) => Name).sort()).toEqual([
      "cdp-balance-snapshots/Events of one slot (edit the slot)",
      "cdp-balance-snapshots/Failed accounts",
      "cdp-balance-snapshots/Slowest accounts",
    ]);
    for (const { LogGroupNames } of queries) expect(LogGroupNames).toEqual([{ Ref: logGroupId }]);
  });

  it("use fields that the log has", () => {
    const known = [...fieldsOf(failure ?? {}), "@timestamp"];
    const used = queries.flatMap(({ QueryString }) => /^fields (.+)$/m.exec(QueryString)?.[1]?.split(", ") ?? []);

    expect(used.length).toBeGreaterThan(8);
    expect(known).toEqual(expect.arrayContaining(used));
    expect(success).toMatchObject({ accountId: "account_2", durationMs: 7, pages: 3 });
  });

  it("find failed accounts by their log line, and the slowest by the duration in it", () => {
    expect(queryOf("Failed accounts")).toContain(`filter message = "${failure?.["message"]}"`);
    expect(queryOf("Slowest accounts")).toContain(
      "filter ispresent(accountId) and ispresent(durationMs)\n| stats max(durationMs) as maxMs",
    );
  });

  it("show the events of a slot in chronological order", () => {
    expect(queryOf("Events of one slot (edit the slot)")).toMatch(
      new RegExp(`filter slot = "${SLOT}"\\n\\| sort @timestamp asc`),
    );
    for (const line of logs) expect(line).toHaveProperty("slot", SLOT);
  });
});
