import { type App, Aspects, CfnResource, RemovalPolicies, Stack, TagManager, Tags } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { AttributeType, Table } from "aws-cdk-lib/aws-dynamodb";
import { ManagedPolicy, PermissionsBoundary, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from "aws-cdk-lib/custom-resources";
import { AwsSolutionsChecks } from "cdk-nag";
import { BalanceSnapshots } from "../../infra/balance-snapshots.ts";
import type { BalanceSnapshotsProps } from "../../infra/props.ts";
import { describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";
import { accountId, EVERY_OPTION, SEVERAL_KEYS } from "./configurations.ts";
import { createApp } from "./create-stack.ts";
import { fixedNames, resourcesOf } from "./template.ts";

const { stage: _, tags: __, ...EVERY_PROPERTY } = EVERY_OPTION;

/** Every option, in a stack without a fixed region: without the properties that fix it. */
const AGNOSTIC = {
  ...EVERY_PROPERTY,
  kmsKeyArn: undefined,
  availabilityZone: undefined,
  engine: "stepFunctions",
} as unknown as BalanceSnapshotsProps;

const newApp = () => createApp({ "aws:cdk:bundling-stacks": [] }, newFolder());

describe("several deployments in one application", () => {
  it("fit in one stack: no name and no logical ID occurs twice", () => {
    const stack = new Stack(newApp(), "Treasury");
    new BalanceSnapshots(stack, "Emea", AGNOSTIC);
    new BalanceSnapshots(stack, "Apac", { ...AGNOSTIC, accounts: [accountId(3), accountId(4)] });
    const alone = new Stack(newApp(), "Treasury");
    new BalanceSnapshots(alone, "Emea", AGNOSTIC);

    const template = Template.fromStack(stack);
    const names = namesIn(template);

    expect(names.length).toBeGreaterThan(50);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    // Both have each resource, except for the role and the log of the handler of custom resources, which a stack has once.
    const typesOf = (template: Template, prefix: string) =>
      resourcesOf(template).flatMap(([id, { Type }]) =>
        id.startsWith(prefix) && !/TestEvents(Role|Logs)/.test(id) ? [Type] : [],
      );
    const types = typesOf(Template.fromStack(alone), "Emea");
    expect(types.length).toBeGreaterThan(60);
    expect([typesOf(template, "Emea"), typesOf(template, "Apac")]).toEqual([types, types]);
  });

  it("fit in two stacks, with the same ID and with named keys", () => {
    const app = newApp();
    const stacks = ["Emea", "Apac"].map((name) => new Stack(app, name));
    for (const stack of stacks) new BalanceSnapshots(stack, "Snapshots", SEVERAL_KEYS as BalanceSnapshotsProps);

    const names = stacks.flatMap((stack) => namesIn(Template.fromStack(stack)));

    expect(names.length).toBeGreaterThan(50);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it("cannot have names that begin alike, because an alarm of one would replace that of the other", () => {
    const stack = new Stack(newApp(), "Treasury");
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
    const app = newApp();
    const create = (id: string) => new BalanceSnapshots(new Stack(app, id, { stackName: "treasury" }), "Snapshots");

    expect(() => ["Production", "Test"].map(create)).not.toThrow();
  });
});

describe("the application around the construct", () => {
  const app = newApp();
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

  it("reaches every function with an Aspect of its own", () => {
    const functions = Object.values(template.findResources("AWS::Lambda::Function"));

    expect(functions.length).toBeGreaterThan(2);
    for (const { Properties } of functions) expect(Properties.ReservedConcurrentExecutions).toBe(5);
  });
});

describe("cdk-nag in another application", () => {
  it("finds no violation of the construct, beside other resources and with a table of another stack", () => {
    const without = violationsIn(createNagged().app);
    const { app, stack, table } = createNagged();
    new BalanceSnapshots(stack, "Snapshots", { ...AGNOSTIC, table } as BalanceSnapshotsProps);

    expect(without.length).toBeGreaterThan(0);
    expect(violationsIn(app)).toEqual(without);
  });
});

/** Creates an application with a table, and a handler of custom resources, which the construct then shares. */
function createNagged() {
  const app = newApp();
  const stack = new Stack(app, "Treasury");
  const onUpdate = { service: "sts", action: "GetCallerIdentity", physicalResourceId: PhysicalResourceId.of("id") };
  const statement = new PolicyStatement({ actions: ["sts:GetCallerIdentity"], resources: ["*"] });
  new AwsCustomResource(stack, "Other", { onUpdate, policy: AwsCustomResourcePolicy.fromStatements([statement]) });
  const table = new Table(new Stack(app, "Data"), "Table", {
    partitionKey: { name: "account", type: AttributeType.STRING },
    sortKey: { name: "slot", type: AttributeType.STRING },
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    timeToLiveAttribute: "expiresAt",
  });
  return { app, stack, table };
}

/** Run directly: as a plugin of the app it would set this process's exit code and print a report. */
function violationsIn(app: App): string[] {
  app.synth();
  const { violations } = new AwsSolutionsChecks().validateScope(app);
  return violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath}`),
  );
}

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
