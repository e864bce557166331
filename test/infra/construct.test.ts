import { Aspects, Aws, CfnResource, NestedStack, RemovalPolicies, Stack, TagManager, Tags } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { ManagedPolicy, PermissionsBoundary } from "aws-cdk-lib/aws-iam";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { BalanceSnapshots } from "../../infra/balance-snapshots.ts";
import { ConfigError } from "../../infra/config/config-error.ts";
import type { BalanceSnapshotsProps } from "../../infra/props.ts";
import { describe, expect, it } from "../support/jest.ts";
import { AGNOSTIC, accountId, EVERY_OPTION, SEVERAL_KEYS } from "./configurations.ts";
import { createTestApp } from "./create-stack.ts";
import { fixedNames, propertiesOf, resourcesOf } from "./template.ts";

/** Returns a stack of another application, in the region of the key. */
const newStack = () => {
  const app = createTestApp();
  return new Stack(app, "Treasury", { env: { region: "eu-west-1" } });
};

describe("the construct BalanceSnapshots", () => {
  it("uses the customer managed key of its own properties, not that of another one, in a stack without a fixed region", () => {
    const stack = new Stack(createTestApp(), "Treasury");
    new BalanceSnapshots(stack, "Emea", { kmsKeyArn: EVERY_OPTION.kmsKeyArn });
    new BalanceSnapshots(stack, "Apac");

    const template = Template.fromStack(stack);

    const tables = Object.entries(template.findResources("AWS::DynamoDB::GlobalTable"));
    const withKey = tables.filter(([, table]) => JSON.stringify(table).includes(EVERY_OPTION.kmsKeyArn));
    expect(withKey).toEqual([[expect.stringMatching(/^Emea/), expect.anything()]]);
    expect(withKey[0]?.[1]["Properties"].Replicas).toEqual([
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
    const app = createTestApp();
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

describe("several deployments in one application", () => {
  it("fit in one stack: no name and no logical ID occurs twice", () => {
    const stack = new Stack(createTestApp(), "Treasury");
    new BalanceSnapshots(stack, "Emea", AGNOSTIC);
    new BalanceSnapshots(stack, "Apac", { ...AGNOSTIC, accounts: [accountId(3), accountId(4)] });

    const template = Template.fromStack(stack);
    const names = namesIn(template);

    expect(names.length).toBeGreaterThan(50);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    // Both have each resource, except for the role and the log of the handler of custom resources, which a stack has once.
    const typesOf = (prefix: string) =>
      resourcesOf(template).flatMap(([id, { Type }]) =>
        id.startsWith(prefix) && !/TestEvents(Role|Logs)/.test(id) ? [Type] : [],
      );
    expect(typesOf("Emea").length).toBeGreaterThan(60);
    expect(typesOf("Apac")).toEqual(typesOf("Emea"));
    const services = Object.values(template.findResources("AWS::Lambda::Function")).flatMap(
      ({ Properties: { Environment } }) => Environment?.Variables.POWERTOOLS_SERVICE_NAME ?? [],
    );
    expect([...new Set(services)].sort()).toEqual(["Treasury-Apac", "Treasury-Emea"]);
  });

  it("fit in two stacks, with the same ID and with named keys", () => {
    const app = createTestApp();
    const stacks = ["Emea", "Apac"].map((name) => new Stack(app, name));
    for (const stack of stacks) new BalanceSnapshots(stack, "Snapshots", SEVERAL_KEYS as BalanceSnapshotsProps);

    const names = stacks.flatMap((stack) => namesIn(Template.fromStack(stack)));

    expect(names.length).toBeGreaterThan(50);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it("cannot have names that begin alike, because an alarm of one would replace that of the other", () => {
    const stack = new Stack(createTestApp(), "Treasury");
    new BalanceSnapshots(stack, "Emea", { keys: { us: {} } });
    const create =
      (id: string, scope = stack) =>
      () =>
        new BalanceSnapshots(scope, id);

    expect(create("Emea us")).toThrow("Treasury-Emea-us would begin the names of Treasury/Emea, too; expected another");
    expect(create("Default", new Stack(stack.node.root, "Treasury-Emea"))).toThrow("names of Treasury/Emea");
    expect(create("Apac")).not.toThrow();
  });

  it("may have the same name in stacks of the same name, which are for different accounts or regions", () => {
    const app = createTestApp();
    const create = (id: string) => new BalanceSnapshots(new Stack(app, id, { stackName: "treasury" }), "Snapshots");

    expect(() => ["Production", "Test"].map(create)).not.toThrow();
  });
});

describe("the application around the construct", () => {
  const app = createTestApp();
  const stack = new Stack(app, "Treasury");
  new Bucket(stack, "Bucket");
  new BalanceSnapshots(stack, "Snapshots", AGNOSTIC);
  PermissionsBoundary.of(app).apply(ManagedPolicy.fromAwsManagedPolicyName("PowerUserAccess"));
  Tags.of(app).add("cost-center", "7");
  RemovalPolicies.of(app).destroy();
  Aspects.of(app).add({
    visit: (node) => {
      if (CfnResource.isCfnResource(node) && node.cfnResourceType === "AWS::Lambda::Function")
        node.addPropertyOverride("ReservedConcurrentExecutions", 5);
    },
  });
  const template = Template.fromStack(stack);

  it("sets a permissions boundary on every role", () => {
    const roles = Object.values(template.findResources("AWS::IAM::Role"));

    expect(roles.length).toBeGreaterThan(7);
    for (const { Properties } of roles) expect(Properties.PermissionsBoundary).toBeDefined();
  });

  it("sets tags on every resource that CDK can tag", () => {
    const taggable = stack.node
      .findAll()
      .filter((construct) => CfnResource.isCfnResource(construct))
      .filter((resource) => TagManager.of(resource) !== undefined)
      .map((resource) => stack.resolve(resource.logicalId));

    expect(taggable.length).toBeGreaterThan(50);
    const resources = Object.fromEntries(resourcesOf(template));
    const untagged = taggable.filter((id) => !JSON.stringify(resources[id]).includes("cost-center"));
    expect(untagged).toEqual([]);
  });

  it("changes the removal policy of every resource with an Aspect", () => {
    const kept = resourcesOf(template).filter(([, resource]) => resource.DeletionPolicy !== "Delete");

    expect(kept.map(([id]) => id)).toEqual([]);
  });

  it("reaches every function with an Aspect of the application", () => {
    const functions = Object.values(template.findResources("AWS::Lambda::Function"));

    expect(functions.length).toBeGreaterThan(2);
    for (const { Properties } of functions) expect(Properties.ReservedConcurrentExecutions).toBe(5);
  });
});

/** Returns every name that must be unique: those of resources, outputs, exports and saved queries. */
function namesIn(template: Template): string[] {
  const { Outputs } = template.toJSON();
  const exported = Object.values<{ Export?: { Name: string } }>(Outputs).flatMap(({ Export }) => Export?.Name ?? []);
  const joined = resourcesOf(template).flatMap(([, { Type, Properties = {} }]) =>
    Object.entries(Properties)
      // A schedule has that of its group, and a VPC endpoint that of an AWS service.
      .filter(
        ([key, value]) =>
          /^(\w+Name|Name)$/.test(key) && !["GroupName", "ServiceName"].includes(key) && typeof value === "object",
      )
      .filter(([, value]) => JSON.stringify(value).includes("Fn::Join"))
      .map(([key, value]) => `${Type} ${key} ${JSON.stringify(value)}`),
  );
  const queries = Object.values(template.findResources("AWS::Logs::QueryDefinition")).map(
    ({ Properties }) => `query ${Properties.Name}`,
  );
  const groups = resourcesOf(template).flatMap(([, { Type, Properties }]) =>
    Type === "AWS::Scheduler::ScheduleGroup" ? [`group ${JSON.stringify(Properties?.["Name"])}`] : [],
  );
  const named = fixedNames(template).filter((name) => !name.startsWith("AWS::Scheduler::Schedule GroupName"));
  return [...named, ...joined, ...exported, ...queries, ...groups];
}
