import type { Template } from "aws-cdk-lib/assertions";
import { ApiError, KeyError } from "../../core/domain/errors.ts";
import { CODE_DIMENSION, METRIC_NAMESPACE, METRICS } from "../../core/names/metrics.ts";
import { emissionOf } from "../support/emission.ts";
import { describe, expect, it } from "../support/jest.ts";
import { figuresOf } from "../unit/domain/snapshots.ts";
import { EVERY_OPTION, OTHER_OPTIONS } from "./configurations.ts";
import { type Conditions, evaluate } from "./intrinsics.ts";
import { synth } from "./synth.ts";
import { functionId, only, widgetsOf } from "./template.ts";

const { template } = synth();
const { template: full } = synth(EVERY_OPTION);
const { template: silent } = synth(OTHER_OPTIONS);
const dashboardId = only(template, "AWS::CloudWatch::Dashboard");
const tableId = only(template, "AWS::DynamoDB::GlobalTable");
const secretId = only(template, "AWS::SecretsManager::Secret");
const queueId = only(template, "AWS::SQS::Queue");
const logGroupId = only(template, "AWS::Logs::LogGroup", "SnapshotLogs");
const fnId = functionId(template);

/** Evaluates a text in a partition. References appear as `${id}`. */
function resolve(value: unknown, partition = "aws"): string {
  const reference = (id: string) => (id === "AWS::Partition" ? partition : `\${${id}}`);
  return String(evaluate(value, reference, template.findConditions("*") as Conditions));
}

const byTitle = (from: Template) => new Map(widgetsOf(from).map((widget) => [widget.properties.title, widget]));
const widgets = byTitle(template);
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
    figuresOf([], { oldestCompleteMs: 1 }),
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

  it("shows the state of every alarm, if the stack has alarms", () => {
    const ids = Object.keys(template.findResources("AWS::CloudWatch::Alarm"));

    expect(widgets.get("Alarms")?.properties.alarms).toEqual(ids.map((id) => `\${${id}}`));
    expect(widgets.size).toBe(10);
    expect([...byTitle(silent).keys()]).toEqual([...widgets.keys()].filter((title) => title !== "Alarms"));
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

const outputsOf = (template: Template): Record<string, string> =>
  Object.fromEntries(Object.entries(template.findOutputs("*")).map(([name, { Value }]) => [name, resolve(Value)]));

describe("the stack's outputs", () => {
  it("name the resources and the next commands", () => {
    expect(outputsOf(template)).toMatchObject({
      RecordedAccounts: "all",
      TableName: `\${${tableId}}`,
      FunctionName: `\${${fnId}}`,
      SecretId: `\${${secretId}}`,
      DeadLetterQueueUrl: `\${${queueId}}`,
      AlarmTopic: `\${${only(template, "AWS::SNS::Topic")}}`,
      ApiBaseUrl: "https://api.cdp.coinbase.com/platform",
      PutKeyCommand:
        `aws secretsmanager put-secret-value --region \${AWS::Region} ` +
        `--secret-id \${${secretId}} --secret-string file://cdp_api_key.json`,
      InvokeCommand:
        `aws lambda invoke --region \${AWS::Region} --function-name \${${fnId}} ` +
        "--payload '{}' --cli-binary-format raw-in-base64-out --cli-read-timeout 0 /dev/stdout | cat",
    });
    expect(outputsOf(template)).not.toHaveProperty("AnchorBucket");
    expect(outputsOf(template)).not.toHaveProperty("EgressAddress");
  });

  it("name the configured API, the resources of options, and the reason for having no alarms", () => {
    expect(outputsOf(full)).toMatchObject({
      AnchorBucket: `\${${only(full, "AWS::S3::Bucket")}}`,
      EgressAddress: `\${${only(full, "AWS::EC2::EIP")}}`,
    });
    expect(outputsOf(silent)).toMatchObject({ AlarmTopic: OTHER_OPTIONS.alarms, ApiBaseUrl: OTHER_OPTIONS.apiBaseUrl });
  });
});

describe("the links into the AWS console", () => {
  const region = `\${AWS::Region}`;

  it.each([
    ["DashboardLink", `cloudwatch/home?region=${region}#dashboards/dashboard/\${${dashboardId}}`],
    ["FunctionLink", `lambda/home?region=${region}#/functions/\${${fnId}}`],
    ["TableLink", `dynamodbv2/home?region=${region}#item-explorer?table=\${${tableId}}`],
    ["SecretLink", `secretsmanager/secret?name=\${${secretId}}&region=${region}`],
    ["LogsLink", `cloudwatch/home?region=${region}#logsV2:log-groups/log-group/\${${logGroupId}}`],
  ])("include %s, in every partition", (name, path) => {
    const { [name]: output } = template.findOutputs(name);
    const links = ["aws", "aws-cn", "aws-us-gov"].map((partition) => resolve(output?.["Value"], partition));

    expect(links).toEqual([
      `https://${region}.console.aws.amazon.com/${path}`,
      `https://${region}.console.amazonaws.cn/${path}`,
      `https://${region}.console.amazonaws-us-gov.com/${path}`,
    ]);
  });
});

const QUERIES = ["Events of one slot (edit the slot)", "Failed accounts", "Slowest accounts"];
const SLOT = "2026-11-23T10:00:00.000Z";
const queries = Object.values(template.findResources("AWS::Logs::QueryDefinition")).map(({ Properties }) => Properties);
const queryOf = (name: string): string => queries.find(({ Name }) => Name.endsWith(`/${name}`))?.QueryString ?? "";

/** Log lines of a failed account, of a complete one, and of an aborted run. */
const { logs } = emissionOf((telemetry) => {
  const error = { code: "api_timeout" as const, message: "It failed." };
  telemetry.accountEnded(SLOT, { accountId: "account_1", outcome: "failed", error }, 7);
  telemetry.accountEnded(SLOT, { accountId: "account_2", outcome: "complete", pages: 3 }, 7);
  telemetry.runAborted(SLOT, new KeyError("key_empty", "It is empty."), false, 0);
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
    expect(queries.map(({ Name }) => Name).sort()).toEqual(QUERIES.map((name) => `cdp-balance-snapshots/${name}`));
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
