import { ArnFormat, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { CfnSecret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import { ENV } from "../../core/names/environment.ts";

/** How the secret of the CDP API key is had. */
export interface ApiKeySecretProps {
  /** Name or full ARN of a secret that exists already. Default: a secret is made, without a value. */
  readonly secretName?: string | undefined;
  /** Encrypts a secret that is made. Default: the key that AWS manages for Secrets Manager. */
  readonly encryptionKey?: IKey | undefined;
}

/** The Secrets Manager secret that holds the CDP API key. */
export class ApiKeySecret extends Construct {
  /** What the function and the AWS CLI call it by: the ARN, or the name that was configured. */
  readonly secretId: string;
  /** Its ARN, as a policy takes it: of a secret that is known by its name alone, with wildcards for its end. */
  readonly arnPattern: string;

  constructor(scope: Construct, id: string, props: ApiKeySecretProps) {
    super(scope, id);
    this.secretId = props.secretName ?? this.#makeEmpty(props.encryptionKey);
    this.arnPattern =
      props.secretName === undefined || props.secretName.startsWith("arn:")
        ? this.secretId
        : // Secrets Manager adds a dash and six random characters to the name, as `Secret.fromSecretNameV2` has it too.
          Stack.of(this).formatArn({
            service: "secretsmanager",
            resource: "secret",
            resourceName: `${props.secretName}-??????`,
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          });
  }

  /**
   * Lets a function read the key, and tells it where. A statement of its own, for the `grantRead` of CDK's `Secret`
   * also gives `DescribeSecret`.
   */
  grantRead(fn: LambdaFunction): void {
    fn.addToRolePolicy(
      new PolicyStatement({
        actions: ["secretsmanager:GetSecretValue"],
        resources: [this.arnPattern],
      }),
    );
    fn.addEnvironment(ENV.apiKeySecretId, this.secretId);
  }

  /**
   * With neither `SecretString` nor `GenerateSecretString` CloudFormation makes a secret that has no value:
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html
   * CDK's `Secret` always generates a random one, which would be taken for a key and fail far from the cause.
   */
  #makeEmpty(encryptionKey: IKey | undefined): string {
    const secret = new CfnSecret(this, "Secret", {
      description: "CDP API key: the JSON file from the CDP portal, as it is",
      ...(encryptionKey && { kmsKeyId: encryptionKey.keyArn }),
    });
    secret.applyRemovalPolicy(RemovalPolicy.RETAIN);
    Validations.of(secret).acknowledge({
      id: "AwsSolutions-SMG4",
      reason:
        "A CDP API key is made and rotated in the CDP portal, by a person; the function reads a new one by itself",
    });
    return secret.ref;
  }
}
