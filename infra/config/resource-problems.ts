/**
 * Checks the resources that a program passes to the construct. TypeScript and CDK accept these mistakes, or report them without the
 * name of the property.
 */
import { type IResource, Token } from "aws-cdk-lib";
import type { IVpc, SubnetSelection } from "aws-cdk-lib/aws-ec2";
import type { IAlias, IKey } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { isObject } from "../../core/domain/json.ts";
import { pathOf } from "./api-keys.ts";
import type { ConfigurationProps } from "./props.ts";
import { type Resources, selectSubnets } from "./resources.ts";
import { findSecretProblems } from "./secret-problems.ts";
import { describeValue } from "./validation-messages.ts";

/** The environment of a stack. What is `undefined` is not known at synthesis. */
interface Environment {
  readonly region: string | undefined;
  readonly account: string | undefined;
}

/** What the messages call each kind of resource, and a member that no other kind has. */
const KINDS = {
  table: { kind: "a DynamoDB table (ITable)", member: "tableArn" },
  encryptionKey: { kind: "a KMS key (IKey)", member: "keyArn" },
  vpc: { kind: "a VPC (IVpc)", member: "vpcId" },
  alarmTopic: { kind: "an SNS topic (ITopic)", member: "topicArn" },
} as const;
const SECRET = { kind: "a Secrets Manager secret (ISecret)", member: "secretArn" };
const SECURITY_GROUP = { kind: "a security group (ISecurityGroup)", member: "securityGroupId" };

/** A resource under the name of its property. */
interface Given {
  readonly name: string;
  readonly value: unknown;
  readonly kind: string;
  readonly member: string;
}

/**
 * Returns a problem for each resource that is none, is in another environment, or conflicts with the configuration.
 * @param given the configuration as it was given
 * @param stack the environment of the stack
 */
export function findResourceProblems(resources: Resources, given: ConfigurationProps, stack: Environment): string[] {
  const all = listResources(resources);
  const others = all.filter((one) => !isOfKind(one));
  const invalid = [
    ...others.map(({ name, value, kind }) => describeInvalid(name, value, kind)),
    ...findInvalidLists(resources),
  ];
  // The other checks use the members of the resources.
  if (invalid.length > 0) return invalid;
  return [
    ...all.flatMap(({ name, value }) => otherEnvironment(name, (value as IResource).env.region, stack.region)),
    ...otherEnvironment("table", resources.table?.env.account, stack.account),
    ...findTwice(resources, given),
    ...findUnusable(resources, given),
    ...findAliases(resources),
    ...findSecretProblems(resources.secrets, given),
  ];
}

function listResources(resources: Resources): Given[] {
  const { secrets, securityGroups } = resources;
  const single = Object.entries(KINDS).map(([name, kind]) => ({
    name,
    value: resources[name as keyof typeof KINDS],
    ...kind,
  }));
  const ofKeys = [...secrets].map(([key, value]) => ({ name: `${pathOf(key)}secret`, value, ...SECRET }));
  const groups = Array.isArray(securityGroups) ? securityGroups : [];
  return [
    ...[...single, ...ofKeys].filter(({ value }) => value !== undefined),
    ...groups.map((value: unknown) => ({ name: "securityGroups", value, ...SECURITY_GROUP })),
  ];
}

const isOfKind = ({ value, member }: Given) => Construct.isConstruct(value) && member in value;

const describeInvalid = (name: string, value: unknown, kind: string) =>
  `${name}: given ${describeValue(value)}; expected ${kind}`;

/** Properties that are not resources, but lists or selections of them. */
function findInvalidLists({ securityGroups, vpcSubnets }: Resources): string[] {
  const problems: string[] = [];
  if (securityGroups !== undefined && !Array.isArray(securityGroups))
    problems.push(describeInvalid("securityGroups", securityGroups, `a list, each ${SECURITY_GROUP.kind}`));
  if (vpcSubnets !== undefined && (!isObject(vpcSubnets) || Construct.isConstruct(vpcSubnets)))
    problems.push(
      describeInvalid("vpcSubnets", vpcSubnets, "a selection (SubnetSelection) such as { subnets: [...] }"),
    );
  return problems;
}

/** A function uses what is in its region, and a table by its name, which is one of its AWS account. */
function otherEnvironment(name: string, given: string | undefined, expected: string | undefined): string[] {
  const isKnown = given !== undefined && expected !== undefined && !Token.isUnresolved(given);
  if (!isKnown || given === expected) return [];
  return [`${name}: given in ${given}; expected in ${expected}, as the stack`];
}

/** Resources, and the text properties that name the same. */
function findTwice(resources: Resources, given: ConfigurationProps): string[] {
  const pairs = [
    ["encryptionKey", "kmsKeyArn"],
    ["vpc", "vpcId"],
    ["vpc", "subnetIds"],
    ["alarmTopic", "alarmTopicArn"],
  ] as const;
  return pairs.flatMap(([name, text]) =>
    resources[name] === undefined || given[text] === undefined
      ? []
      : [`${name}: given with ${text}; expected one of them`],
  );
}

/** Resources that have no effect in combination with the others, or cannot do what they are for. */
function findUnusable(resources: Resources, given: ConfigurationProps): string[] {
  const { vpc, alarmTopic } = resources;
  const withoutVpc = (["vpcSubnets", "securityGroups"] as const).filter(
    (name) => vpc === undefined && resources[name] !== undefined,
  );
  const problems = withoutVpc.map((name) => `${name}: given without vpc; expected only with vpc`);
  if (vpc !== undefined && given.staticEgress === true)
    problems.push("vpc: given with staticEgress, which creates a VPC; expected only with staticEgress false");
  if (resources.securityGroups?.length === 0) problems.push("securityGroups: given none; expected at least one");
  if (vpc !== undefined) problems.push(...findSubnetProblems(vpc, resources.vpcSubnets));
  if (alarmTopic !== undefined) {
    if (given.alarmEmails !== undefined)
      problems.push("alarmEmails: given with alarmTopic; subscribe the addresses to that topic instead");
    if (given.alarms !== undefined && given.alarms !== "on")
      problems.push('alarmTopic: given without alarms; expected only with alarms "on"');
    if (alarmTopic.fifo) problems.push("alarmTopic: given a FIFO topic; expected a standard topic");
  }
  return problems;
}

function findSubnetProblems(vpc: IVpc, selection: SubnetSelection | undefined): string[] {
  const name = selection === undefined ? "vpc" : "vpcSubnets";
  let ids: string[];
  try {
    ids = selectSubnets(vpc, selection).subnetIds;
  } catch (error) {
    return [`${name}: expected private subnets with egress, or other ones in vpcSubnets: ${(error as Error).message}`];
  }
  // Without subnets, Lambda would run the function in no VPC.
  if (ids.length === 0) return [`${name}: given a selection of no subnet; expected at least one`];
  // A function has no public address: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html
  const isPublic = vpc.publicSubnets.some(({ subnetId }) => ids.includes(subnetId));
  return isPublic ? [`${name}: given public subnets, from which a function reaches no API; expected private ones`] : [];
}

/**
 * A policy allows the use of a key by the ARN of the key, not by that of an alias:
 * https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
 */
function findAliases({ encryptionKey, table, alarmTopic, secrets }: Resources): string[] {
  const keys = [
    { name: "encryptionKey", key: encryptionKey },
    { name: "table.encryptionKey", key: table?.encryptionKey },
    ...[...secrets].map(([name, secret]) => ({
      name: `${pathOf(name)}secret.encryptionKey`,
      key: secret.encryptionKey,
    })),
  ];
  const problems = keys.flatMap(({ name, key }) => {
    const alias = aliasOf(key);
    const expected = "the key itself, because policies that name an alias allow nothing";
    return alias === undefined ? [] : [`${name}: given ${alias}; expected ${expected}`];
  });
  const topicKey = aliasOf(alarmTopic?.masterKey);
  // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
  if (topicKey?.startsWith("alias/aws/"))
    problems.push(
      `alarmTopic: given one with the key ${topicKey}, which alarms may not use; expected one with a customer managed key, or none`,
    );
  return problems;
}

/** Returns the name of an alias, or `undefined` for a key. */
function aliasOf(key: IKey | undefined): string | undefined {
  if (key === undefined || !("aliasName" in key)) return undefined;
  const { aliasName } = key as IAlias;
  return Token.isUnresolved(aliasName) ? "an alias" : aliasName;
}
