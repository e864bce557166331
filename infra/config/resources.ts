/**
 * The resources among the properties of the construct. Only a program can pass them; the rest is the configuration, which can
 * also be in `cdk.json`.
 */
import { Token } from "aws-cdk-lib";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import { type ISecurityGroup, type IVpc, type SubnetSelection, SubnetType } from "aws-cdk-lib/aws-ec2";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { isObject } from "../../core/domain/json.ts";
import type { BalanceSnapshotsProps } from "../props.ts";
import { isSameSecret } from "./api-key-conflicts.ts";
import { pathOf } from "./api-keys.ts";
import type { ConfigurationProps } from "./props.ts";
import { describeValue } from "./validation-messages.ts";

/** The resources that a program passed. */
export interface Resources {
  readonly table?: ITable;
  readonly encryptionKey?: IKey;
  readonly vpc?: IVpc;
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups?: readonly ISecurityGroup[];
  readonly alarmTopic?: ITopic;
  /** By the names of the keys. That of `undefined` is the one at the top level. */
  readonly secrets: ReadonlyMap<string | undefined, ISecret>;
}

/** The environment of a stack. What is `undefined` is not known at synthesis. */
interface Environment {
  readonly region: string | undefined;
  readonly account: string | undefined;
}

/** What the messages call each resource. */
const KINDS = {
  table: "a DynamoDB table (ITable)",
  encryptionKey: "a KMS key (IKey)",
  vpc: "a VPC (IVpc)",
  alarmTopic: "an SNS topic (ITopic)",
} as const;

/** Subnets of a VPC from which the API can be reached. */
const WITH_EGRESS: SubnetSelection = { subnetType: SubnetType.PRIVATE_WITH_EGRESS };

/** Separates the properties of the construct into its configuration and the resources. */
export function separateResources(props: BalanceSnapshotsProps): {
  readonly configuration: ConfigurationProps;
  readonly resources: Resources;
} {
  const { table, encryptionKey, vpc, vpcSubnets, securityGroups, alarmTopic, secret, keys, ...rest } = props;
  const secrets = new Map<string | undefined, ISecret>();
  if (secret !== undefined) secrets.set(undefined, secret);
  const withoutSecrets = isObject(keys)
    ? Object.fromEntries(Object.entries(keys).map(([name, fields]) => [name, withoutSecret(name, fields, secrets)]))
    : keys;
  return {
    configuration: { ...rest, ...(withoutSecrets !== undefined && { keys: withoutSecrets }) },
    resources: {
      secrets,
      ...(table !== undefined && { table }),
      ...(encryptionKey !== undefined && { encryptionKey }),
      ...(vpc !== undefined && { vpc }),
      ...(vpcSubnets !== undefined && { vpcSubnets }),
      ...(securityGroups !== undefined && { securityGroups }),
      ...(alarmTopic !== undefined && { alarmTopic }),
    },
  };
}

function withoutSecret<T>(name: string, fields: T, secrets: Map<string | undefined, ISecret>): T {
  // Fields of another type are invalid, which is reported later.
  if (!isObject(fields)) return fields;
  const { secret, ...rest } = fields;
  if (secret !== undefined) secrets.set(name, secret as ISecret);
  return rest as T;
}

/** Returns the subnets in which the function runs: those that were selected, or those with a route to the internet. */
export const selectSubnets = (vpc: IVpc, selection = WITH_EGRESS) => vpc.selectSubnets(selection);

/**
 * Returns a problem for each resource that is none, is in another environment, or conflicts with the configuration.
 * @param given the configuration as it was given
 * @param stack the environment of the stack
 */
export function findResourceProblems(resources: Resources, given: ConfigurationProps, stack: Environment): string[] {
  const kinds = Object.entries(KINDS).map(([name, kind]) => ({
    name,
    kind,
    value: resources[name as keyof typeof KINDS],
  }));
  const secrets = [...resources.secrets].map(([key, value]) => ({
    name: `${pathOf(key)}secret`,
    kind: "a Secrets Manager secret (ISecret)",
    value,
  }));
  const all = [...kinds, ...secrets].filter(({ value }) => value !== undefined);
  const invalid = all.filter(({ value }) => !Construct.isConstruct(value));
  if (invalid.length > 0)
    return invalid.map(({ name, kind, value }) => `${name}: given ${describeValue(value)}; expected ${kind}`);
  return [
    ...all.flatMap(({ name, value }) => otherEnvironment(name, value?.env.region, stack.region)),
    ...otherEnvironment("table", resources.table?.env.account, stack.account),
    ...findTwice(resources, given),
    ...findUnusable(resources, given),
    ...findSecretProblems(resources.secrets, given),
  ];
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
  // A function has no public address: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html
  const isPublic = vpc.publicSubnets.some(({ subnetId }) => ids.includes(subnetId));
  return isPublic ? [`${name}: given public subnets, from which a function reaches no API; expected private ones`] : [];
}

function findSecretProblems(secrets: Resources["secrets"], given: ConfigurationProps): string[] {
  const keys = isObject(given.keys) ? given.keys : undefined;
  const topLevel = secrets.has(undefined) && keys !== undefined;
  const [first] = Object.keys(keys ?? {});
  const twice = [...secrets.keys()].filter(
    (key) => (key === undefined ? given : keys?.[key])?.secretName !== undefined,
  );
  return [
    ...(topLevel ? [`secret: given with keys; expected in a key, such as ${pathOf(first)}secret`] : []),
    ...twice.map((key) => `${pathOf(key)}secret: given with ${pathOf(key)}secretName; expected one of them`),
    ...(keys === undefined || given.sharedReadLimit === true ? [] : findRepeatedSecrets(secrets, keys)),
  ];
}

/** Keys of the API share its limit, whatever it counts, if they have one secret. `findApiKeyConflicts` compares only texts. */
function findRepeatedSecrets(secrets: Resources["secrets"], keys: NonNullable<ConfigurationProps["keys"]>): string[] {
  const all = Object.entries(keys).map(([name, fields]) => {
    const secret = secrets.get(name);
    if (secret === undefined) return { name, field: "secretName", id: fields?.secretName };
    return { name, field: "secret", id: secret.secretFullArn ?? secret.secretName };
  });
  return all.flatMap(({ name, field, id }, i) => {
    const same = all.slice(0, i).filter((other) => other.field === "secret" || field === "secret");
    const other = same.find((one) => isSameSecret(one.id, id));
    const expected = "another secret, or sharedReadLimit true";
    return other === undefined
      ? []
      : [`${pathOf(name)}${field}: given the secret of keys.${other.name}; expected ${expected}`];
  });
}
