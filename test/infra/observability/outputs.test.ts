import { describe, expect, it } from "@jest/globals";
import { EVERY_OPTION, NO_ALARMS } from "../configurations.ts";
import { synth } from "../synth.ts";
import { functionId, join, only } from "../template.ts";

const { template } = synth();
const dashboardId = only(template, "AWS::CloudWatch::Dashboard");
const tableId = only(template, "AWS::DynamoDB::GlobalTable");
const secretId = only(template, "AWS::SecretsManager::Secret");
const logGroupId = only(template, "AWS::Logs::LogGroup", "SnapshotLogs");
const fnId = functionId(template);

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
      DeadLetterQueueUrl: { Ref: only(template, "AWS::SQS::Queue") },
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
