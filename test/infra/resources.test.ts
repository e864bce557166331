import { type CfnResource, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { AttributeType, type ITable, Table, type TableProps, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { AccountPrincipal, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { type ISecret, Secret } from "aws-cdk-lib/aws-secretsmanager";
import { type ITopic, Topic, TopicPolicy } from "aws-cdk-lib/aws-sns";
import { BalanceSnapshots } from "../../infra/balance-snapshots.ts";
import type { BalanceSnapshotsProps } from "../../infra/props.ts";
import { describe, expect, it } from "../support/jest.ts";
import { createTestApp } from "./create-stack.ts";
import { environmentOf, functionRoleId, only, propertiesOf, type Statement, statementsOf } from "./template.ts";

const KEYS = {
  partitionKey: { name: "account", type: AttributeType.STRING },
  sortKey: { name: "slot", type: AttributeType.STRING },
};
const RECOVERY = { pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true } };

/** Returns a table with the expected keys, unless they are among the properties. */
const createTable = (stack: Stack, props: Partial<TableProps> = RECOVERY) =>
  new Table(stack, "Table", { ...KEYS, ...props }) as ITable;

/** Returns the actions of each statement with its resource as text. */
const shown = (statements: readonly Statement[]) =>
  statements.map(({ Action, Resource }) => [[Action].flat().join(), JSON.stringify(Resource)]);

/** Creates a deployment with resources of another stack, or of its own. */
function createWith(props: (shared: Stack) => BalanceSnapshotsProps, isSameStack = false) {
  const app = createTestApp();
  const shared = new Stack(app, "Shared");
  const stack = isSameStack ? shared : new Stack(app, "Treasury");
  const snapshots = new BalanceSnapshots(stack, "Snapshots", props(shared));
  return { app, shared, stack, snapshots };
}

const synthesized = (stack: Stack) => Template.fromStack(stack);

describe("resources of the application", () => {
  it.each([
    ["another stack", false],
    ["the same stack", true],
  ])("of %s are used with the least privileges, in stacks without a fixed region", (_, isSameStack) => {
    const { stack } = createWith((shared) => {
      const table = new Table(shared, "Table", { ...KEYS, ...RECOVERY, encryptionKey: new Key(shared, "TableKey") });
      // The table's own grants would include the index.
      table.addGlobalSecondaryIndex({ indexName: "bySlot", partitionKey: KEYS.sortKey });
      const secret = new Secret(shared, "Secret", { encryptionKey: new Key(shared, "SecretKey") }) as ISecret;
      return { table: table as ITable, secret, encryptionKey: new Key(shared, "Key"), testEvents: false };
    }, isSameStack);

    const template = synthesized(stack);
    const statements = shown(statementsOf(template, functionRoleId(template)));

    const matching = (actions: string) => statements.filter(([action]) => action === actions).map(([, id]) => id);
    expect(matching("dynamodb:PutItem,dynamodb:Query")).toEqual([
      expect.stringMatching(/Table\w+Arn|"Table\w+","Arn"/),
    ]);
    expect(matching("secretsmanager:GetSecretValue")).toEqual([expect.stringMatching(/Secret/)]);
    expect(matching("kms:Decrypt")).toEqual([expect.stringMatching(/SecretKey/)]);
    expect(matching("kms:Decrypt,kms:GenerateDataKey")).toEqual([expect.stringMatching(/Key[0-9A-F]{8}/)]);
    expect(statements.filter(([actions]) => actions?.includes("ReEncryptTo"))).toEqual([
      [expect.anything(), expect.stringMatching(/TableKey/)],
    ]);
    expect(JSON.stringify(statements)).not.toContain("index");
    expect(template.findResources("AWS::SecretsManager::Secret")).toEqual(isSameStack ? expect.anything() : {});
    expect(template.findResources("AWS::DynamoDB::GlobalTable")).toEqual({});
    for (const type of ["AWS::Logs::LogGroup", "AWS::SQS::Queue"])
      expect(JSON.stringify(template.findResources(type))).toMatch(/(KmsKeyId|KmsMasterKeyId).*Key/);
  });

  it("may be a secret that is known by its name, and one for each key", () => {
    const byName = (name: string) => (shared: Stack) => Secret.fromSecretNameV2(shared, name, `prod/${name}`);
    const { stack } = createWith((shared) => ({
      keys: { emea: { secret: byName("emea")(shared) }, us: { secretName: "prod/us" }, apac: {} },
    }));

    const template = synthesized(stack);
    const [read] = statementsOf(template, functionRoleId(template)).filter(
      ({ Action }) => Action === "secretsmanager:GetSecretValue",
    );

    expect(JSON.stringify(environmentOf(template))).toContain('\\"emea\\":\\"prod/emea\\"');
    expect(JSON.stringify(read?.Resource).match(/prod\/\w+-\?{6}/g)).toEqual(["prod/emea-??????", "prod/us-??????"]);
    template.resourceCountIs("AWS::SecretsManager::Secret", 1);
  });

  it("may be a secret of another account by a part of its ARN, which a name would not reach", () => {
    const arn = "arn:aws:secretsmanager:eu-west-1:210987654321:secret:prod/us";
    const { stack } = createWith((shared) => ({ secret: Secret.fromSecretPartialArn(shared, "Secret", arn) }));

    const template = synthesized(stack);

    expect(Object.values(environmentOf(template))).toContain(arn);
    expect(JSON.stringify(statementsOf(template, functionRoleId(template)))).toContain(`"${arn}-??????"`);
  });

  it("may be twenty secrets, which leaves room in the environment", () => {
    const { stack } = createWith((shared) => {
      const names = Array.from({ length: 20 }, (_, i) => `k${i}`);
      return { keys: Object.fromEntries(names.map((id) => [id, { secret: new Secret(shared, id) as ISecret }])) };
    });

    expect(() => synthesized(stack)).not.toThrow();
  });

  it("allow CloudWatch Logs to use a key of the application, for which a stack needs no fixed region", () => {
    const { shared, stack } = createWith((shared) => ({ encryptionKey: new Key(shared, "Key") }));

    const table = propertiesOf(synthesized(stack), "AWS::DynamoDB::GlobalTable");
    const policy = JSON.stringify(propertiesOf(synthesized(shared), "AWS::KMS::Key").KeyPolicy);

    expect(JSON.stringify(table.Replicas[0].SSESpecification)).toMatch(/KMSMasterKeyId.+Key\w+Arn/);
    expect(policy).toMatch(/"logs\.",\{"Ref":"AWS::Region"\},"\.amazonaws\.com"/);
    expect(policy).toContain("kms:EncryptionContext:aws:logs:arn");
  });
});

const ALLOW_S3 = new PolicyStatement({
  principals: [new ServicePrincipal("s3.amazonaws.com")],
  actions: ["sns:Publish"],
  resources: ["*"],
});

describe("an alarm topic of the application", () => {
  const publish = (template: Template) => JSON.stringify(template.findResources("AWS::SNS::TopicPolicy"));

  it("allows the alarms to publish, and to use its key, even if its policy is created later", () => {
    let topic: Topic | undefined;
    const { shared, stack } = createWith((shared) => {
      topic = new Topic(shared, "Topic", { masterKey: new Key(shared, "Key") });
      return { alarmTopic: topic as ITopic };
    });
    topic?.addToResourcePolicy(ALLOW_S3);

    const template = synthesized(shared);
    const alarms = Object.values(synthesized(stack).findResources("AWS::CloudWatch::Alarm"));

    expect(publish(template)).toMatch(/"cloudwatch\.amazonaws\.com"/);
    expect(publish(template)).toContain(":alarm:Treasury-Snapshots-*");
    expect(JSON.stringify(propertiesOf(template, "AWS::KMS::Key"))).toContain('"cloudwatch.amazonaws.com"');
    expect(alarms.length).toBeGreaterThan(8);
    for (const { Properties } of alarms) expect(JSON.stringify(Properties.AlarmActions)).toMatch(/Topic/);
    expect(synthesized(stack).findResources("AWS::SNS::Topic")).toEqual({});
  });

  it("allows the alarms to publish in a policy that the application created beside it, not in those of other topics", () => {
    const { shared } = createWith((shared) => {
      const [alarmTopic, other] = [new Topic(shared, "Topic") as ITopic, new Topic(shared, "Other") as ITopic];
      for (const topic of [alarmTopic, other])
        new TopicPolicy(shared, `${topic.node.id}Policy`, { topics: [topic] }).document.addStatements(ALLOW_S3);
      return { alarmTopic };
    });

    const policies = Object.values(synthesized(shared).findResources("AWS::SNS::TopicPolicy"));
    const statements = policies.map(({ Properties }) => Properties.PolicyDocument.Statement.length);

    expect(statements).toEqual([2, 1]);
    expect(JSON.stringify(policies[0])).toContain('"cloudwatch.amazonaws.com"');
  });
});

describe("an existing table", () => {
  const problemsWith = (props: (shared: Stack) => BalanceSnapshotsProps) =>
    createWith(props)
      .app.node.findAll()
      .flatMap(({ node }) => node.validate());

  it("is rejected at synthesis if it has other keys, no point-in-time recovery, or keeps what should expire", () => {
    const key = { name: "id", type: AttributeType.STRING };
    const { app } = createWith((shared) => ({
      table: new Table(shared, "Table", { partitionKey: key }) as ITable,
      retentionDays: 30,
    }));

    for (const problem of [
      "table: given one with the partition key id (S) and no sort key; expected the partition key account (S) and the",
      "table: given one without point-in-time recovery; expected it",
      "table: given one that does not expire items by expiresAt; expected this time-to-live attribute for retentionDays",
    ])
      expect(() => app.synth()).toThrow(problem);
  });

  it("is rejected at synthesis if another deployment writes to it, whose accounts a run would end", () => {
    const { app, stack, snapshots } = createWith(() => ({}));
    new BalanceSnapshots(stack, "Others", { table: snapshots.table });

    expect(() => app.synth()).toThrow(
      "table: given that of Treasury/Snapshots; expected another one for each deployment",
    );
  });

  it.each<[string, (stack: Stack) => ITable]>([
    ["a table", (stack) => createTable(stack)],
    ["a table with replicas", (stack) => new TableV2(stack, "Table", { ...KEYS, ...RECOVERY }) as ITable],
    ["an imported table, of which nothing is known", (stack) => Table.fromTableName(stack, "Table", "snapshots")],
    [
      "a table with overrides",
      (stack) => {
        const table = createTable(stack, {});
        const path = "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled";
        (table.node.defaultChild as CfnResource).addPropertyOverride(path, true);
        return table;
      },
    ],
  ])("is accepted as %s", (_, toTable) => {
    expect(problemsWith((shared) => ({ table: toTable(shared) }))).toEqual([]);
  });
});

describe("grantRead", () => {
  it("allows exactly what the policy for readers allows, with the key of the table", () => {
    const { stack, snapshots } = createWith((shared) => ({ encryptionKey: new Key(shared, "Key") }));
    const role = new Role(stack, "Reader", { assumedBy: new ServicePrincipal("ec2.amazonaws.com") });

    const grant = snapshots.grantRead(role);

    const template = synthesized(stack);
    const readers = propertiesOf(template, "AWS::IAM::ManagedPolicy").PolicyDocument.Statement;
    const granted = statementsOf(template, only(template, "AWS::IAM::Role", "ec2.amazonaws.com"));
    expect(readers.map(({ Action }: Statement) => Action)).toEqual(["dynamodb:Query", "kms:Decrypt"]);
    expect(granted).toEqual(readers);
    expect(grant.success).toBe(true);
    expect(grant.principalStatements).toHaveLength(2);
  });
});

describe("grantRead to a principal to which nothing can be attached", () => {
  it.each([
    ["a service", () => new ServicePrincipal("quicksight.amazonaws.com"), "ServicePrincipal(quicksight.amazonaws.com)"],
    ["an account", () => new AccountPrincipal("210987654321"), "AccountPrincipal(210987654321)"],
    [
      "a role of another account",
      (stack: Stack) => Role.fromRoleArn(stack, "Auditor", "arn:aws:iam::210987654321:role/auditor"),
      "Treasury/Auditor",
    ],
  ])("fails for %s, because it would be lost silently", (_, toGrantee, name) => {
    const stack = new Stack(createTestApp(), "Treasury", { env: { account: "123456789012", region: "eu-west-1" } });
    const snapshots = new BalanceSnapshots(stack, "Snapshots");

    expect(() => snapshots.grantRead(toGrantee(stack))).toThrow(
      `Treasury/Snapshots: grantRead cannot attach a policy to ${name}; expected a role, a user or a group of the`,
    );
  });
});

describe("the members of the construct", () => {
  it("are its table, its function, its alarms and its only schedule", () => {
    const { stack, snapshots } = createWith(() => ({}));
    const template = synthesized(stack);
    const idOf = (value: string) => stack.resolve(value).Ref;

    expect(idOf(snapshots.table.tableName)).toBe(only(template, "AWS::DynamoDB::GlobalTable"));
    expect(idOf(snapshots.fn.functionName)).toBe(only(template, "AWS::Lambda::Function", "TABLE_NAME"));
    expect(idOf(snapshots.schedule.scheduleName)).toBe(only(template, "AWS::Scheduler::Schedule"));
    template.resourceCountIs("AWS::CloudWatch::Alarm", snapshots.alarms.length);
  });

  it("are a schedule for each key, by its name, and no alarms if they are off", () => {
    const { snapshots } = createWith(() => ({ keys: { us: {}, emea: {} }, alarms: "none, because it is a test" }));

    expect([...snapshots.schedules.keys()]).toEqual(["emea", "us"]);
    expect(snapshots.schedules.get("us")?.node.id).toBe("Schedule-us");
    expect(() => snapshots.schedule).toThrow("has a schedule for each of its keys; use schedules.get(name)");
    expect(snapshots.alarms).toEqual([]);
  });
});
