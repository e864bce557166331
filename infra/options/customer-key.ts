import { Stack } from "aws-cdk-lib";
import { type IRole, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { type IKey, Key } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";

/**
 * What the services ask of a key in the name of whoever calls them. DynamoDB names all seven as the least that it
 * needs, beside `CreateGrant`, which only the maker of a table needs:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html#dynamodb-kms-authz
 * Secrets Manager wants `Decrypt` of them, SQS `GenerateDataKey` and `Decrypt`. Spelled out, for the usual
 * `ReEncrypt*` and `GenerateDataKey*` would take in whatever AWS adds.
 */
const USE = [
  "kms:Decrypt",
  "kms:DescribeKey",
  "kms:Encrypt",
  "kms:GenerateDataKey",
  "kms:GenerateDataKeyWithoutPlaintext",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
];

/** The services through which a key is used here. */
type Service = "backup" | "dynamodb" | "secretsmanager" | "sqs";

/**
 * An own KMS key, in place of those that AWS manages. It exists already, and its policy is its owner's:
 * `docs/configuration.md` says what the policy has to allow.
 */
export class CustomerKey extends Construct {
  readonly key: IKey;

  constructor(scope: Construct, id: string, arn: string) {
    super(scope, id);
    this.key = Key.fromKeyArn(this, "Key", arn);
  }

  /** Lets a role use the key through these services, never by itself. */
  grantUse(role: IRole, ...services: Service[]): void {
    const { region, urlSuffix } = Stack.of(this);
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: services.some((service) => service === "dynamodb") ? USE : ["kms:Decrypt", "kms:GenerateDataKey"],
        resources: [this.key.keyArn],
        conditions: {
          StringEquals: { "kms:ViaService": services.map((service) => `${service}.${region}.${urlSuffix}`) },
        },
      }),
    );
  }
}
