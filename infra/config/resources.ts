/**
 * The resources among the properties of the construct. Only a program can pass them; the rest is the configuration, which can
 * also be in `cdk.json`.
 */
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import { type ISecurityGroup, type IVpc, type SubnetSelection, SubnetType } from "aws-cdk-lib/aws-ec2";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { isObject } from "../../core/domain/json.ts";
import type { BalanceSnapshotsProps } from "../props.ts";
import type { ConfigurationProps } from "./props.ts";

/** The resources that a program passed. */
export interface Resources {
  readonly table: ITable | undefined;
  readonly encryptionKey: IKey | undefined;
  readonly vpc: IVpc | undefined;
  readonly vpcSubnets: SubnetSelection | undefined;
  readonly securityGroups: readonly ISecurityGroup[] | undefined;
  readonly alarmTopic: ITopic | undefined;
  /** By the names of the keys. That of `undefined` is the one at the top level. */
  readonly secrets: ReadonlyMap<string | undefined, ISecret>;
}

/** The properties that only a program can pass. */
export const RESOURCE_NAMES = ["table", "secret", "encryptionKey", "vpc", "vpcSubnets", "securityGroups", "alarmTopic"];

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
    resources: { secrets, table, encryptionKey, vpc, vpcSubnets, securityGroups, alarmTopic },
  };
}

function withoutSecret<T>(name: string, fields: T, secrets: Map<string | undefined, ISecret>): T {
  // Fields of another type are invalid, which is reported later.
  if (!isObject(fields) || Construct.isConstruct(fields)) return fields;
  const { secret, ...rest } = fields;
  if (secret !== undefined) secrets.set(name, secret as ISecret);
  return rest as T;
}

/** Returns the subnets in which the function runs: those that were selected, or those with a route to the internet. */
export const selectSubnets = (vpc: IVpc, selection = WITH_EGRESS) => vpc.selectSubnets(selection);
