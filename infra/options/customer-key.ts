import { Stack } from "aws-cdk-lib";
import { type IRole, PolicyStatement } from "aws-cdk-lib/aws-iam";
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
 * An existing customer managed KMS key, used instead of AWS managed keys. The stack does not change the key's policy;
 * `docs/configuration.md` lists what that policy must allow.
 */
export class CustomerKey extends Construct {
  readonly key: IKey;

  constructor(scope: Construct, arn: string) {
    super(scope, ID);
    this.key = Key.fromKeyArn(this, "Key", arn);
  }

  /** Returns the key of the deployment that a construct is in, or `undefined` if it uses AWS managed keys. */
  static of(scope: Construct): CustomerKey | undefined {
    const siblings = scope.node.scopes.map(({ node }) => node.tryFindChild(ID));
    return siblings.find((construct) => construct instanceof CustomerKey);
  }

  /** Allows a role to use the key through the given services, but not directly. */
  grantUse(role: IRole, ...services: (keyof typeof ACTIONS)[]): void {
    allowKeyUse(role, this.key.keyArn, ...services);
  }
}

/** Allows a role to use a key through the given services, but not directly. */
export function allowKeyUse(role: IRole, keyArn: string, ...services: (keyof typeof ACTIONS)[]): void {
  const actions = [...new Set(services.flatMap((service) => ACTIONS[service]))];
  role.addToPrincipalPolicy(keyUse(role, keyArn, actions, services));
}

/** Returns a statement that allows actions with a key through the given services, but not directly. */
export function keyUse(
  scope: IConstruct,
  keyArn: string,
  actions: string[],
  services: readonly (keyof typeof ACTIONS)[],
): PolicyStatement {
  const { region, urlSuffix } = Stack.of(scope);
  return new PolicyStatement({
    actions,
    resources: [keyArn],
    conditions: { StringEquals: { "kms:ViaService": services.map((service) => `${service}.${region}.${urlSuffix}`) } },
  });
}
