import { Aws, NestedStack, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { BalanceSnapshots } from "../../infra/balance-snapshots.ts";
import { ConfigError } from "../../infra/config/config-error.ts";
import type { BalanceSnapshotsProps } from "../../infra/props.ts";
import { describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";
import { accountId, EVERY_OPTION } from "./configurations.ts";
import { createApp } from "./create-stack.ts";
import { fixedNames, propertiesOf, resourcesOf } from "./template.ts";

const { stage: _, tags: __, ...EVERY_PROPERTY } = EVERY_OPTION;

/** Returns a stack of another application, in the region of the key. */
const newStack = () => {
  const app = createApp({ "aws:cdk:bundling-stacks": [] }, newFolder());
  return new Stack(app, "Treasury", { env: { region: "eu-west-1" } });
};

describe("the construct BalanceSnapshots", () => {
  it("can be used twice in a stack of another application, with distinct names and outputs", () => {
    const stack = newStack();
    new BalanceSnapshots(stack, "Emea", EVERY_PROPERTY as BalanceSnapshotsProps);
    new BalanceSnapshots(stack, "Apac");

    const template = Template.fromStack(stack);

    const names = fixedNames(template);
    expect(names.length).toBeGreaterThan(20);
    expect(new Set(names).size).toBe(names.length);
    for (const name of ["Treasury-Emea-account-failed", "Treasury-Apac-account-failed"])
      expect(names).toContain(`AWS::CloudWatch::Alarm AlarmName ${name}`);
    const services = resourcesOf(template).flatMap(([, { Type, Properties }]) =>
      Type === "AWS::Lambda::Function" ? (JSON.stringify(Properties).match(/Treasury-\w+/) ?? []) : [],
    );
    expect([...new Set(services)].sort()).toEqual(["Treasury-Apac", "Treasury-Emea"]);
    const outputs = Object.keys(template.findOutputs("*"));
    for (const name of ["EmeaOutputsTableName", "ApacOutputsTableName", "EmeaOutputsEgressAddress"])
      expect(outputs).toContainEqual(expect.stringMatching(new RegExp(`^${name}[0-9A-F]{8}$`)));
  });

  it("uses the customer managed key of its own properties, not that of another one in the stack", () => {
    const stack = newStack();
    new BalanceSnapshots(stack, "Emea", { kmsKeyArn: EVERY_OPTION.kmsKeyArn });
    new BalanceSnapshots(stack, "Apac");

    const template = Template.fromStack(stack);

    const tables = Object.entries(template.findResources("AWS::DynamoDB::GlobalTable"));
    const withKey = tables.filter(([, table]) => JSON.stringify(table).includes(EVERY_OPTION.kmsKeyArn));
    expect(withKey.map(([id]) => id)).toEqual([expect.stringMatching(/^Emea/)]);
  });

  it("uses a customer managed key by its ARN in a stack without a fixed region", () => {
    const stack = new Stack(createApp({ "aws:cdk:bundling-stacks": [] }, newFolder()), "Treasury");
    new BalanceSnapshots(stack, "Snapshots", { kmsKeyArn: EVERY_OPTION.kmsKeyArn });

    const { Replicas } = propertiesOf(Template.fromStack(stack), "AWS::DynamoDB::GlobalTable");
    expect(Replicas).toEqual([
      expect.objectContaining({
        Region: { Ref: "AWS::Region" },
        SSESpecification: { KMSMasterKeyId: EVERY_OPTION.kmsKeyArn },
      }),
    ]);
  });

  it("rejects resources in another region than its stack", () => {
    const { kmsKeyArn } = EVERY_OPTION;
    const inOtherRegion = kmsKeyArn.replace("eu-west-1", "us-east-1");

    const create = (arn: string) => () => new BalanceSnapshots(newStack(), "Snapshots", { kmsKeyArn: arn });

    expect(create(inOtherRegion)).toThrow(
      "kmsKeyArn: given in us-east-1; expected in eu-west-1, the region of the stack",
    );
    expect(create(kmsKeyArn)).not.toThrow();
  });

  it("rejects an ID without a usable character, and a token", () => {
    const app = createApp({ "aws:cdk:bundling-stacks": [] }, newFolder());
    const create = (id: string, props: BalanceSnapshotsProps) => () =>
      new BalanceSnapshots(new Stack(app, `Stack${++stacks}`), id, props);
    let stacks = 0;

    expect(create("日本", {})).toThrow("日本 contains no ASCII letter or digit; expected at least one");
    expect(create("Snapshots", { alarmTopicArn: Aws.STACK_ID })).toThrow(
      "alarmTopicArn: given a token, whose value is not known before the deployment; expected the ARN of",
    );
  });

  it("has names within AWS's limits in a nested stack, whose name is not known", () => {
    const nested = new NestedStack(newStack(), "Balances");
    new BalanceSnapshots(nested, "Snapshots", { backup: "daily" });

    const template = Template.fromStack(nested);

    const { BackupVaultName: vaultName } = propertiesOf(template, "AWS::Backup::BackupVault");
    const longest = JSON.stringify(vaultName["Fn::Join"][1].filter((part: unknown) => typeof part === "string"));
    expect(longest.length).toBeLessThan(50);
    expect(propertiesOf(template, "AWS::SNS::Topic").DisplayName).toMatch(/^Treasury-Balances-\w+-Snapshots$/);
  });

  it("rejects invalid properties, all at once, as the configuration of the stack does", () => {
    const props = { pageSize: "20", accounts: [accountId(1), "x"], acounts: "all", alarms: "off" };

    const create = () => new BalanceSnapshots(newStack(), "Snapshots", props as unknown as BalanceSnapshotsProps);

    expect(create).toThrow(ConfigError);
    expect(create).toThrow(/^The properties of BalanceSnapshots are not valid:\n/);
    for (const problem of [
      'accounts: given "x"; expected "all", or 1 to 5000',
      'pageSize: given "20"; expected an integer from 1 to 1000',
      'alarms: given "off"; expected "on", or',
      "acounts: unknown key; did you mean accounts?",
    ])
      expect(create).toThrow(problem);
  });
});
