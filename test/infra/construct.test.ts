import { Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { BalanceSnapshots } from "../../infra/balance-snapshots.ts";
import type { BalanceSnapshotsProps } from "../../infra/config/props.ts";
import { ConfigError } from "../../infra/config/validate.ts";
import { describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";
import { accountId, EVERY_OPTION } from "./configurations.ts";
import { createApp } from "./create-stack.ts";
import { fixedNames, resourcesOf } from "./template.ts";

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
    expect(outputs).toEqual(expect.arrayContaining(["EmeaTableName", "ApacTableName", "EmeaEgressAddress"]));
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

  it("rejects resources in another region than its stack", () => {
    const { kmsKeyArn } = EVERY_OPTION;
    const inOtherRegion = kmsKeyArn.replace("eu-west-1", "us-east-1");

    const create = (arn: string) => () => new BalanceSnapshots(newStack(), "Snapshots", { kmsKeyArn: arn });

    expect(create(inOtherRegion)).toThrow(
      "kmsKeyArn: given in us-east-1; expected in eu-west-1, the region of the stack",
    );
    expect(create(kmsKeyArn)).not.toThrow();
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
