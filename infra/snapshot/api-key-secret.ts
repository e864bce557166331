import { ArnFormat, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { CfnSecret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import { ENV } from "../../core/names/environment.ts";
import type { Config } from "../config/validate.ts";
import { allowKeyUse, CustomerKey } from "../options/customer-key.ts";

/** The Secrets Manager secret that holds the CDP API key. */
export class ApiKeySecret extends Construct {
  /** ARN, or the configured name. Accepted by the SDK and the AWS CLI. */
  readonly secretId: string;
  /** The ARN for policies. If only the name is known, wildcards replace the random suffix. */
  readonly arnPattern: string;
  /** ARN of the customer managed key that encrypts the secret, if there is one. */
  readonly #keyArn: string | undefined;

  /** Without `secretName`, the stack creates a secret without a value. */
  constructor(scope: Construct, id: string, { secretName, secretKmsKeyArn }: Config) {
    super(scope, id);
    this.#keyArn = secretKmsKeyArn ?? CustomerKey.of(this)?.key.keyArn;
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
    if (this.#keyArn !== undefined && fn.role !== undefined) allowKeyUse(fn.role, this.#keyArn, "secretsmanager");
    fn.addEnvironment(ENV.apiKeySecretId, this.secretId);
  }

  /**
   * Without `SecretString` and `GenerateSecretString`, CloudFormation creates a secret that has no value:
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html
   * CDK's `Secret` always generates a random value, which the function would try to parse as a key.
   */
  #createEmptySecret(): string {
    const secret = new CfnSecret(this, "Secret", {
      description: "CDP API key: the unmodified JSON file from the CDP portal",
      ...(this.#keyArn !== undefined && { kmsKeyId: this.#keyArn }),
    });
    secret.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    Validations.of(secret).acknowledge({
      id: "AwsSolutions-SMG4",
      reason: "A person creates and rotates CDP API keys in the CDP portal. The function picks up a new key on its own",
    });
    return secret.ref;
  }
}
