import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import type { ISecurityGroup, IVpc, SubnetSelection } from "aws-cdk-lib/aws-ec2";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { ApiKeyConfigurationProps, ConfigurationProps } from "./config/props.ts";

/** An API key, with a secret that may be a resource of the application. */
export interface ApiKeyProps extends ApiKeyConfigurationProps {
  /**
   * An existing secret with the API key, instead of `secretName`. If the application knows its KMS key, the function may use that
   * key to read it. @default a new secret without a value
   */
  readonly secret?: ISecret;
}

/**
 * The properties of `BalanceSnapshots`: its configuration, and resources of the application or imported ones, which may be tokens.
 * A resource excludes the property that names it as text. All are optional.
 */
export interface BalanceSnapshotsProps extends ConfigurationProps, ApiKeyProps {
  /** Several API keys by name: 1 to 20. @default one key without a name */
  readonly keys?: Readonly<Record<string, ApiKeyProps>>;
  /**
   * An existing table, in the region and AWS account of the stack. docs/deploy.md lists what it must have: keys, point-in-time
   * recovery and, with `retentionDays`, a time-to-live attribute. @default a new table
   */
  readonly table?: ITable;
  /** A KMS key, instead of `kmsKeyArn`. A key of the application allows CloudWatch Logs to use it. @default AWS managed keys */
  readonly encryptionKey?: IKey;
  /** A VPC in which the function runs, instead of `vpcId` and `subnetIds`. @default the function is in no VPC */
  readonly vpc?: IVpc;
  /** Subnets of that VPC. Each needs a route to the API and to AWS. @default its private subnets with egress */
  readonly vpcSubnets?: SubnetSelection;
  /** Security groups of the function, which must allow outbound HTTPS. @default a new one that allows only outbound HTTPS */
  readonly securityGroups?: readonly ISecurityGroup[];
  /**
   * A topic that the alarms notify, instead of `alarmTopicArn`. The policies of a topic and of a key of the application allow the
   * alarms. @default a new topic
   */
  readonly alarmTopic?: ITopic;
}
