import { Stack } from "aws-cdk-lib";
import { type IRole, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { type IKey, Key } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";

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

/** Secrets Manager requires `Decrypt`, SQS requires both. */
const OTHER_ACTIONS = ["kms:Decrypt", "kms:GenerateDataKey"];

/** The ID of the construct in its scope. */
const ID = "Key";

/** The services through which the stack uses the key. */
type Service = "backup" | "dynamodb" | "secretsmanager" | "sqs";

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
  grantUse(role: IRole, ...services: Service[]): void {
    const { region, urlSuffix } = Stack.of(this);
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: services.includes("dynamodb") ? DYNAMODB_ACTIONS : OTHER_ACTIONS,
        resources: [this.key.keyArn],
        conditions: {
          StringEquals: { "kms:ViaService": services.map((service) => `${service}.${region}.${urlSuffix}`) },
        },
      }),
    );
  }
}
