import { describe, expect, it } from "@jest/globals";
import { synth } from "../synth.ts";
import { functionId, only } from "../template.ts";

const { template } = synth();

type Value = string | { Ref?: string; "Fn::If"?: [string, Value, Value]; "Fn::Join"?: [string, Value[]] };

/** An output's text where it is deployed to `region`. Of resources the logical id stands for the name. */
function resolve(value: Value, region: string, partition: string): string {
  if (typeof value === "string") return value;
  const of = (inner: Value) => resolve(inner, region, partition);
  if (value["Fn::Join"] !== undefined) return value["Fn::Join"][1].map(of).join("");
  if (value["Fn::If"] !== undefined) {
    const [condition, then, otherwise] = value["Fn::If"];
    const { [condition]: test } = template.findConditions("*");
    return of(test?.["Fn::Equals"][1] === partition ? then : otherwise);
  }
  return value.Ref === "AWS::Region" ? region : (value.Ref ?? "");
}

const link = (name: string, region = "eu-west-1", partition = "aws") =>
  resolve(template.findOutputs(name)[name]?.["Value"], region, partition);

describe("the links into the AWS console", () => {
  it.each([
    [
      "DashboardLink",
      `cloudwatch/home?region=eu-west-1#dashboards/dashboard/${only(template, "AWS::CloudWatch::Dashboard")}`,
    ],
    ["FunctionLink", `lambda/home?region=eu-west-1#/functions/${functionId(template)}`],
    [
      "TableLink",
      `dynamodbv2/home?region=eu-west-1#item-explorer?table=${only(template, "AWS::DynamoDB::GlobalTable")}`,
    ],
    ["SecretLink", `secretsmanager/secret?name=${only(template, "AWS::SecretsManager::Secret")}&region=eu-west-1`],
    [
      "LogsLink",
      `cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/${only(template, "AWS::Logs::LogGroup", "SnapshotLogs")}`,
    ],
  ])("has %s", (name, path) => {
    expect(link(name)).toBe(`https://eu-west-1.console.aws.amazon.com/${path}`);
  });

  it.each([
    ["aws", "us-east-1", "https://us-east-1.console.aws.amazon.com/"],
    ["aws-cn", "cn-north-1", "https://cn-north-1.console.amazonaws.cn/"],
    ["aws-us-gov", "us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/"],
  ])("lead to the console of the partition %s", (partition, region, start) => {
    expect(link("FunctionLink", region, partition)).toMatch(new RegExp(`^${start}lambda/`));
  });
});
