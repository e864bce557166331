import { readFileSync } from "node:fs";
import { join } from "node:path";
import validateDefinition from "asl-validator";
import { CfnResource } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { RootConstruct } from "constructs";
import { ConfigError } from "../../infra/config/config-error.ts";
import { readConfig } from "../../infra/config/context.ts";
import { validateProps } from "../../infra/config/validate.ts";
import { configurationsOf, KEY_CHANGES } from "../../tools/docs/key-changes.ts";
import { accountId, CONFIGURATIONS, EVERY_OPTION, LONGEST, MOST_KEYS, NO_ALARMS } from "../infra/configurations.ts";
import { createStack } from "../infra/create-stack.ts";
import { deployedDefinition } from "../infra/deployed-definition.ts";
import { describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";

type Flags = Readonly<Record<string, unknown>>;

const { kmsKeyArn } = EVERY_OPTION;

/**
 * The values of the keys that add resources or connect them: a key, a network or a secret of the user's own changes
 * permissions, endpoints and log groups of the others. Every combination is validated.
 */
const STRUCTURE: readonly (readonly Flags[])[] = [
  [{}, { kmsKeyArn }],
  [{}, { staticEgress: true }, { vpcId: "vpc-0a1b2c3d", subnetIds: ["subnet-0a1b2c3d", "subnet-1a1b2c3d"] }],
  [{}, { backup: "daily" }],
  [{}, { anchor: "governance" }],
  [{}, { alarmTopicArn: "arn:aws:sns:eu-west-1:123456789012:alarms" }, { alarms: NO_ALARMS }],
  [{}, { testEvents: false }],
  [
    {},
    { secretName: "prod/cdp-key" },
    { secretName: "prod/cdp-key", secretKmsKeyArn: kmsKeyArn.replace("1234", "5678") },
  ],
];

/**
 * Keys that change one resource each: an attribute of the table, the function's layer, one alarm, one subscription. They
 * alternate with periods that no other key has, so that each meets every pair of the values above.
 */
const LOCAL: readonly (readonly [period: number, flags: Flags])[] = [
  [5, { retentionDays: 400 }],
  [7, { accounts: [accountId(1)], explainedMoves: { usdc: "pays suppliers every day" } }],
  [11, { noticeAlarm: true, logRetentionDays: 90 }],
];

const COMBINATIONS = STRUCTURE.reduce<readonly Flags[]>(
  (combinations, values) => combinations.flatMap((flags) => values.map((value) => ({ ...flags, ...value }))),
  [{}],
).map((flags, i) =>
  Object.assign({}, flags, ...LOCAL.map(([period, local]) => (i % period < period / 2 ? local : {})), {
    // An alarm needs alarms.
    ...(flags["alarms"] === NO_ALARMS && { noticeAlarm: false }),
  }),
);

const KEYS = (Object.keys(KEY_CHANGES) as (keyof typeof KEY_CHANGES)[]).flatMap((key) => {
  const { set, changed = set } = configurationsOf(key, {});
  return [[key, set] as const, [`${key} with another value`, changed] as const];
});

/** Synthesizes a configuration with CDK's validation. Returns the violations that it reports. */
function validate(flags: Flags): unknown[] {
  const { app } = createStack(flags, newFolder(), true);
  app.synth();
  const { pluginReports } = JSON.parse(readFileSync(join(app.outdir, "validation-report.json"), "utf8"));
  // CDK itself suppresses the warning about a configured availability zone.
  return pluginReports.flatMap(({ violations }: { violations: unknown[] }) => violations);
}

// All other tests disable it, because its rules take seconds to load. It also checks the lengths of names and texts.
describe("CDK's validation against the CloudFormation resource specification", () => {
  it.each([...CONFIGURATIONS, ["the longest values", LONGEST], ["the most keys", MOST_KEYS], ...KEYS] as const)(
    "reports nothing with %s",
    (_, flags) => {
      expect(validate(flags)).toEqual([]);
    },
  );

  it.each(COMBINATIONS.map((flags) => [flags]))("reports nothing with %j", (flags) => {
    expect(validate(flags)).toEqual([]);
  });

  it("fails the synthesis with an unknown type or property, a missing property, and a name that is too long", () => {
    const { app, stack } = createStack({}, newFolder(), true);
    new CfnResource(stack, "Type", { type: "AWS::SQS::Que" });
    new CfnResource(stack, "Property", { type: "AWS::SQS::Queue", properties: { Colour: "red" } });
    new CfnResource(stack, "Missing", { type: "AWS::IAM::Role" });
    new CfnResource(stack, "Long", { type: "AWS::Scheduler::ScheduleGroup", properties: { Name: "n".repeat(65) } });

    expect(() => app.synth()).toThrow(
      /Colour.* was unexpected[\s\S]+AssumeRolePolicyDocument.* is a required[\s\S]+Unknown resource type/,
    );
    expect(() => app.synth()).toThrow("Name: length 65 exceeds maximum 64");
  });
});

describe("the configuration", () => {
  it("accepts every pair of keys, with the keys that each requires, unless one excludes the other", () => {
    const keys = Object.keys(KEY_CHANGES) as (keyof typeof KEY_CHANGES)[];
    const given = (key: keyof typeof KEY_CHANGES) =>
      Object.entries(configurationsOf(key, {}).set).filter(([, value]) => value !== undefined);
    const pairs = keys.flatMap((one, i) => keys.slice(i + 1).map((other) => [one, other] as const));

    const refused = pairs.filter(([one, other]) => isRefused(Object.fromEntries([...given(one), ...given(other)])));

    expect(refused.map((pair) => pair.join(" and "))).toEqual([
      "accounts and accountsOwner",
      "accounts and accountsType",
      ...["accounts and keys", "accounts and sharedReadLimit"],
      ...["accountsOwner and keys", "accountsOwner and sharedReadLimit"],
      ...["accountsType and keys", "accountsType and sharedReadLimit"],
      ...["secretName and keys", "secretName and sharedReadLimit"],
      ...["secretKmsKeyArn and keys", "secretKmsKeyArn and sharedReadLimit"],
      "staticEgress and vpcId",
      "staticEgress and subnetIds",
      "availabilityZone and vpcId",
      "availabilityZone and subnetIds",
      "alarms and alarmEmails",
      "alarms and alarmTopicArn",
      "alarms and noticeAlarm",
      "alarmEmails and alarmTopicArn",
    ]);
  });
});

/** Whether a configuration is not valid. Uses a bare construct, because an app creates a folder. */
function isRefused(balanceSnapshots: object): boolean {
  const { node } = new RootConstruct();
  node.setContext("balanceSnapshots", balanceSnapshots);
  try {
    validateProps(readConfig(node).snapshots);
    return false;
  } catch (thrown) {
    if (thrown instanceof ConfigError) return true;
    throw thrown;
  }
}

it("the definition of the state machine is valid, according to asl-validator", () => {
  // With several keys, only expressions differ, which test/infra/state-machine.test.ts evaluates.
  const { stack } = createStack({ engine: "stepFunctions" }, newFolder());

  const { isValid, errorsText } = validateDefinition(deployedDefinition(Template.fromStack(stack)));

  expect(isValid ? "" : errorsText("\n")).toBe("");
});
