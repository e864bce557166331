import { ArnFormat, Stack } from "aws-cdk-lib";
import { type IRole, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { type IKey, Key } from "aws-cdk-lib/aws-kms";
import { Construct, type IConstruct } from "constructs";

/**
 * The actions that DynamoDB requires from its callers. It also requires `CreateGrant` from the creator of a table:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html#dynamodb-kms-authz
 * Listed one by one, because the usual `ReEncrypt*` and `GenerateDataKey*` would include actions that AWS adds later.
 */
const DYNAMODB_ACTIONS = [
  "kms:Decrypt",
  "kms:DescribeKey",
  "kms:Encrypt",
  "kms:GenerateDataKey",
  "kms:GenerateDataKeyWithoutPlaintext",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
];

/** The services through which roles use a key, and the actions that each requires from its callers. */
const ACTIONS = {
  backup: ["kms:Decrypt", "kms:GenerateDataKey"],
  dynamodb: DYNAMODB_ACTIONS,
  // To read a secret: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSSecretsManagerClientReadOnlyAccess.html
  secretsmanager: ["kms:Decrypt"],
  sqs: ["kms:Decrypt", "kms:GenerateDataKey"],
} as const;

/** The ID of the construct in its scope. */
const ID = "Key";

/**
 * A customer managed KMS key, used instead of AWS managed keys. CDK does not change the policy of an imported key;
 * `docs/configuration.md` lists what that policy must allow.
 */
export class CustomerKey extends Construct {
  readonly key: IKey;

  /** @param key a key, or the ARN of one */
  constructor(scope: Construct, key: IKey | string) {
    super(scope, ID);
    this.key = typeof key === "string" ? Key.fromKeyArn(this, "Key", key) : key;
    // Has no effect on an imported key.
    this.key.addToResourcePolicy(allowLogs(Stack.of(this.key)));
  }

  /** Returns the key of the deployment that a construct is in, or `undefined` if it uses AWS managed keys. */
  static of(scope: Construct): CustomerKey | undefined {
    const siblings = scope.node.scopes.map(({ node }) => node.tryFindChild(ID));
    return siblings.find((construct) => construct instanceof CustomerKey);
  }
}

type Service = keyof typeof ACTIONS;

/**
 * Allows CloudWatch Logs to encrypt the log groups of a stack's account and region:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
function allowLogs(stack: Stack): PolicyStatement {
  const logGroups = stack.formatArn({
    service: "logs",
    resource: "log-group",
    resourceName: "*",
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return new PolicyStatement({
    principals: [new ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
    actions: ["kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
    resources: ["*"],
    conditions: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": logGroups } },
  });
}

/**
 * Allows a role to use keys through the services, but not directly. A service without a key needs no permission.
 * @returns the ARNs of the keys
 */
export function allowKeyUse(role: IRole, keyArns: Readonly<Partial<Record<Service, string | undefined>>>): Set<string> {
  const services = (Object.keys(keyArns) as Service[]).filter((service) => keyArns[service] !== undefined);
  const arns = new Set(services.flatMap((service) => keyArns[service] ?? []));
  for (const arn of arns) {
    const used = services.filter((service) => keyArns[service] === arn);
    const actions = [...new Set(used.flatMap((service) => ACTIONS[service]))];
    role.addToPrincipalPolicy(new PolicyStatement(keyPermissions(role, arn, actions, used)));
  }
  return arns;
}

/** Returns the permission for actions with a key through the given services, but not directly. */
export function keyPermissions(scope: IConstruct, keyArn: string, actions: string[], services: readonly Service[]) {
  const { region, urlSuffix } = Stack.of(scope);
  return {
    actions,
    resources: [keyArn],
    conditions: { StringEquals: { "kms:ViaService": services.map((service) => `${service}.${region}.${urlSuffix}`) } },
  };
}
