import { Stack } from "aws-cdk-lib";
import { type ITable, Table } from "aws-cdk-lib/aws-dynamodb";
import {
  type ISecurityGroup,
  type IVpc,
  SecurityGroup,
  type SubnetSelection,
  SubnetType,
  Vpc,
} from "aws-cdk-lib/aws-ec2";
import { Alias, Key } from "aws-cdk-lib/aws-kms";
import { type ISecret, Secret } from "aws-cdk-lib/aws-secretsmanager";
import { type ITopic, Topic } from "aws-cdk-lib/aws-sns";
import { BalanceSnapshots, type BalanceSnapshotsProps, ConfigError } from "../../infra/index.ts";
import { describe, expect, it } from "../support/jest.ts";
import { EVERY_OPTION, EXISTING_RESOURCES } from "./configurations.ts";
import { createTestApp } from "./create-stack.ts";

const EUROPE = { account: "123456789012", region: "eu-west-1" };

/** Returns the problems of properties, which may be resources of another stack. */
function problemsOf(toProps: (shared: Stack) => BalanceSnapshotsProps, env = EUROPE): string[] {
  const app = createTestApp();
  const shared = new Stack(app, "Shared", { env });
  const props = toProps(shared);
  try {
    new BalanceSnapshots(new Stack(app, "Treasury", { env: EUROPE }), "Snapshots", props);
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    const [subject, ...problems] = thrown.message.split("\n  ");
    expect(subject).toBe("The properties of BalanceSnapshots are not valid:");
    return problems;
  }
  return [];
}

const topicIn = (stack: Stack) => new Topic(stack, "Topic") as ITopic;
const vpcIn = (stack: Stack) => new Vpc(stack, "Vpc") as IVpc;
const secretIn = (stack: Stack) => new Secret(stack, "Secret") as ISecret;

describe("resources of the application", () => {
  it("exclude the properties that name them as text: one problem for each, with both names", () => {
    const problems = problemsOf((shared) => ({
      ...{ secretName: EXISTING_RESOURCES.secretName, kmsKeyArn: EVERY_OPTION.kmsKeyArn },
      ...{ vpcId: EXISTING_RESOURCES.vpcId, subnetIds: EXISTING_RESOURCES.subnetIds },
      alarmTopicArn: "arn:aws:sns:eu-west-1:123456789012:alarms",
      secret: secretIn(shared),
      encryptionKey: new Key(shared, "Key"),
      vpc: vpcIn(shared),
      alarmTopic: topicIn(shared),
    }));

    expect(problems).toEqual([
      "encryptionKey: given with kmsKeyArn; expected one of them",
      "vpc: given with vpcId; expected one of them",
      "vpc: given with subnetIds; expected one of them",
      "alarmTopic: given with alarmTopicArn; expected one of them",
      "secret: given with secretName; expected one of them",
    ]);
  });

  it.each<[string, (shared: Stack) => BalanceSnapshotsProps, string]>([
    [
      "secret of a key",
      (shared) => ({ keys: { us: { secret: secretIn(shared), secretName: "prod/us" } } }),
      "keys.us.secret: given with keys.us.secretName; expected one of them",
    ],
    [
      "secret beside keys",
      (shared) => ({ keys: { us: {} }, secret: secretIn(shared) }),
      "secret: given with keys; expected in a key, such as keys.us.secret",
    ],
    [
      "secret of two keys",
      (shared) => {
        const secret = secretIn(shared);
        return { keys: { emea: { secret }, us: { secret } } };
      },
      "keys.us.secret: given the secret of keys.emea; expected another secret, or sharedReadLimit true",
    ],
    [
      "secret that another key names",
      (shared) => ({
        keys: { emea: { secretName: "prod/x" }, us: { secret: Secret.fromSecretNameV2(shared, "Secret", "prod/x") } },
      }),
      "keys.us.secret: given the secret of keys.emea; expected another secret, or sharedReadLimit true",
    ],
    [
      "name of a secret that another key has",
      (shared) => ({
        keys: { emea: { secret: Secret.fromSecretNameV2(shared, "Secret", "prod/x") }, us: { secretName: "prod/x" } },
      }),
      "keys.us.secretName: given the secret of keys.emea; expected another secret, or sharedReadLimit true",
    ],
    [
      "VPC with staticEgress",
      (shared) => ({ vpc: vpcIn(shared), staticEgress: true }),
      "vpc: given with staticEgress, which creates a VPC; expected only with staticEgress false",
    ],
    [
      "subnets without a VPC",
      () => ({ vpcSubnets: { subnetType: SubnetType.PUBLIC } }),
      "vpcSubnets: given without vpc; expected only with vpc",
    ],
    ["no security group", (shared) => ({ vpc: vpcIn(shared), securityGroups: [] }), "securityGroups: given none"],
    [
      "public subnet",
      (shared) => ({ vpc: vpcIn(shared), vpcSubnets: { subnetType: SubnetType.PUBLIC } }),
      "vpcSubnets: given public subnets, from which a function reaches no API; expected private ones",
    ],
    [
      "VPC without private subnets",
      (shared) => ({ vpc: new Vpc(shared, "Vpc", { natGateways: 0 }) as IVpc }),
      "vpc: expected private subnets with egress, or other ones in vpcSubnets: There are no 'Private' subnet groups",
    ],
    [
      "topic with e-mail addresses",
      (shared) => ({ alarmTopic: topicIn(shared), alarmEmails: ["oncall@example.com"] }),
      "alarmEmails: given with alarmTopic; subscribe the addresses to that topic instead",
    ],
    [
      "topic without alarms",
      (shared) => ({ alarmTopic: topicIn(shared), alarms: "none, because it is a test" }),
      'alarmTopic: given without alarms; expected only with alarms "on"',
    ],
    [
      "FIFO topic",
      (shared) => ({ alarmTopic: new Topic(shared, "Topic", { fifo: true, topicName: "alarms.fifo" }) as ITopic }),
      "alarmTopic: given a FIFO topic; expected a standard topic",
    ],
    [
      "text instead of a table",
      () => ({ table: "snapshots" as unknown as ITable }),
      'table: given "snapshots"; expected a DynamoDB table (ITable)',
    ],
    [
      "resource of another kind",
      (shared) => ({ alarmTopic: vpcIn(shared) as unknown as ITopic }),
      "alarmTopic: given the construct Shared/Vpc; expected an SNS topic (ITopic)",
    ],
    [
      "ID instead of a security group",
      (shared) => ({ vpc: vpcIn(shared), securityGroups: ["sg-1"] as unknown as ISecurityGroup[] }),
      'securityGroups: given "sg-1"; expected a security group (ISecurityGroup)',
    ],
    [
      "security group without a list",
      () => ({ securityGroups: "sg-1" as unknown as ISecurityGroup[] }),
      'securityGroups: given "sg-1"; expected a list, each a security group (ISecurityGroup)',
    ],
    [
      "list instead of a selection of subnets",
      (shared) => ({ vpc: vpcIn(shared), vpcSubnets: ["subnet-1"] as SubnetSelection }),
      'vpcSubnets: given ["subnet-1"]; expected a selection (SubnetSelection) such as { subnets: [...] }',
    ],
    [
      "selection of no subnet, with which the function would be in no VPC",
      (shared) => ({ vpc: vpcIn(shared), vpcSubnets: { subnets: [] } }),
      "vpcSubnets: given a selection of no subnet; expected at least one",
    ],
    [
      "alias of a key",
      (shared) => ({ encryptionKey: Alias.fromAliasName(shared, "Alias", "alias/table") }),
      "encryptionKey: given alias/table; expected the key itself, because policies that name an alias allow nothing",
    ],
    [
      "secret with an alias of its key",
      (shared) => ({
        secret: new Secret(shared, "S", { encryptionKey: new Key(shared, "Key").addAlias("x") }) as ISecret,
      }),
      "secret.encryptionKey: given an alias; expected the key itself",
    ],
    [
      "topic with the AWS managed key, which would lose the alarms",
      (shared) => {
        const masterKey = Alias.fromAliasName(shared, "Alias", "alias/aws/sns");
        return { alarmTopic: new Topic(shared, "Topic", { masterKey }) as ITopic };
      },
      "alarmTopic: given one with the key alias/aws/sns, which alarms may not use; expected one with a customer managed",
    ],
    [
      "secret instead of the fields of a key",
      (shared) => ({ keys: { us: secretIn(shared) } }),
      "keys.us: given the construct Shared/Secret; expected an object such as { secret }",
    ],
    [
      "token instead of a resource",
      (shared) => ({ keys: { us: { secretName: secretIn(shared).secretName } } }),
      "at the end, or the resource itself as secret",
    ],
    [
      "misspelled one",
      () => ({ encryptionkey: "key" }) as BalanceSnapshotsProps,
      "encryptionkey: unknown key; did you mean encryptionKey?",
    ],
  ])("are rejected as a %s", (_, toProps, problem) => {
    expect(problemsOf(toProps)).toEqual([expect.stringContaining(problem)]);
  });

  it("are rejected in another region than the stack, and a table in another AWS account", () => {
    const props = (shared: Stack) => ({
      table: Table.fromTableName(shared, "Table", "t"),
      alarmTopic: topicIn(shared),
      vpc: Vpc.fromVpcAttributes(shared, "Vpc", { vpcId: "vpc-1", availabilityZones: ["a"], privateSubnetIds: ["s"] }),
      securityGroups: [SecurityGroup.fromSecurityGroupId(shared, "Group", "sg-1")],
    });

    expect(problemsOf(props, { account: "210987654321", region: "us-east-1" })).toEqual([
      "table: given in us-east-1; expected in eu-west-1, as the stack",
      "vpc: given in us-east-1; expected in eu-west-1, as the stack",
      "alarmTopic: given in us-east-1; expected in eu-west-1, as the stack",
      "securityGroups: given in us-east-1; expected in eu-west-1, as the stack",
      "table: given in 210987654321; expected in 123456789012, as the stack",
    ]);
    expect(problemsOf(props)).toEqual([]);
  });

  it("are reported together with the other problems", () => {
    const problems = problemsOf((shared) => ({
      pageSize: 0,
      alarmTopic: topicIn(shared),
      alarmEmails: ["a@example.com"],
    }));

    expect(problems).toEqual([expect.stringMatching(/^pageSize: /), expect.stringMatching(/^alarmEmails: /)]);
  });
});
