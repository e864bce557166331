import { ArnFormat, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { CfnSecret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import { ENV } from "../../core/names/environment.ts";
import { CustomerKey } from "../options/customer-key.ts";

/** The Secrets Manager secret that holds the CDP API key. */
export class ApiKeySecret extends Construct {
  /** ARN, or the configured name. Accepted by the SDK and the AWS CLI. */
  readonly secretId: string;
  /** The ARN for policies. If only the name is known, wildcards replace the random suffix. */
  readonly arnPattern: string;

  /** @param secretName name or full ARN of an existing secret. Default: the stack creates a secret without a value. */
  constructor(scope: Construct, id: string, secretName: string | undefined) {
    super(scope, id);
    this.secretId = secretName ?? this.#createEmptySecret();
    this.arnPattern =
      secretName === undefined || secretName.startsWith("arn:")
        ? this.secretId
        : // Secrets Manager appends a hyphen and six random characters to the name.
          Stack.of(this).formatArn({
            service: "secretsmanager",
            resource: "secret",
            resourceName: `${secretName}-??????`,
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          });
  }

  /** Allows a function to read the key, but not to describe the secret, and sets its environment variable. */
  grantRead(fn: LambdaFunction): void {
    fn.addToRolePolicy(
      new PolicyStatement({ actions: ["secretsmanager:GetSecretValue"], resources: [this.arnPattern] }),
    );
    fn.addEnvironment(ENV.apiKeySecretId, this.secretId);
  }

  /**
   * Without `SecretString` and `GenerateSecretString`, CloudFormation creates a secret that has no value:
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html
   * CDK's `Secret` always generates a random value, which the function would try to parse as a key.
   */
  #createEmptySecret(): string {
    const encryptionKey = CustomerKey.of(this)?.key;
    const secret = new CfnSecret(this, "Secret", {
      description: "CDP API key: the unmodified JSON file from the CDP portal",
      ...(encryptionKey && { kmsKeyId: encryptionKey.keyArn }),
    });
    secret.applyRemovalPolicy(RemovalPolicy.RETAIN);
    Validations.of(secret).acknowledge({
      id: "AwsSolutions-SMG4",
      reason: "A person creates and rotates CDP API keys in the CDP portal. The function picks up a new key on its own",
    });
    return secret.ref;
  }
}
