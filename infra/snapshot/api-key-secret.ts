import { ArnFormat, RemovalPolicy, Stack, Token, Validations } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { CfnSecret, type ISecret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import { ENV } from "../../core/names/environment.ts";
import type { ApiKeyConfig } from "../config/api-keys.ts";
import { allowKeyUse, CustomerKey } from "../options/customer-key.ts";

/** Secrets Manager appends a hyphen and six random characters to the name. */
const ANY_SUFFIX = "-??????";

/** The Secrets Manager secret that holds a CDP API key. */
class ApiKeySecret extends Construct {
  readonly key: ApiKeyConfig;
  /** ARN, or the configured name. Accepted by the SDK and the AWS CLI. */
  readonly secretId: string;
  /** The ARN for policies. If only the name is known, wildcards replace the random suffix. */
  readonly arnPattern: string;
  /** ARN of the customer managed key that encrypts the secret, if there is one. */
  readonly kmsKeyArn: string | undefined;

  /** Without `secretName` and an existing secret, the stack creates a secret without a value. */
  constructor(scope: Construct, id: string, key: ApiKeyConfig, existing?: ISecret) {
    super(scope, id);
    const { name, secretName, secretKmsKeyArn } = key;
    this.key = key;
    this.kmsKeyArn = secretKmsKeyArn ?? existing?.encryptionKey?.keyArn ?? CustomerKey.of(this)?.key.keyArn;
    if (existing !== undefined) {
      // Of a secret that was imported by its name, or by a part of its ARN, the ARN lacks the suffix.
      this.secretId = existing.secretFullArn ?? nameOrPartialArn(existing);
      this.arnPattern = existing.secretFullArn ?? `${existing.secretArn}${ANY_SUFFIX}`;
      return;
    }
    this.secretId = secretName ?? this.#createEmptySecret(name);
    this.arnPattern =
      secretName === undefined || secretName.startsWith("arn:")
        ? this.secretId
        : Stack.of(this).formatArn({
            service: "secretsmanager",
            resource: "secret",
            resourceName: `${secretName}${ANY_SUFFIX}`,
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          });
  }

  /**
   * Without `SecretString` and `GenerateSecretString`, CloudFormation creates a secret that has no value:
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html
   * CDK's `Secret` always generates a random value, which the function would try to parse as a key.
   */
  #createEmptySecret(name: string | undefined): string {
    const secret = new CfnSecret(this, "Secret", {
      description: `CDP API key${name === undefined ? "" : ` ${name}`}: the unmodified JSON file from the CDP portal`,
      ...(this.kmsKeyArn !== undefined && { kmsKeyId: this.kmsKeyArn }),
    });
    secret.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    Validations.of(secret).acknowledge({
      id: "AwsSolutions-SMG4",
      reason: "A person creates and rotates CDP API keys in the CDP portal. The function picks up a new key on its own",
    });
    return secret.ref;
  }
}

/** Returns the part of the ARN by which a secret was imported, because a name would be one of the stack's account; else the name. */
const nameOrPartialArn = ({ secretArn, secretName }: ISecret) =>
  Token.isUnresolved(secretArn) ? secretName : secretArn;

/** The secrets of all API keys. */
export class ApiKeySecrets {
  readonly all: readonly ApiKeySecret[];

  /** @param existing secrets of the application, by the names of their keys */
  constructor(scope: Construct, keys: readonly ApiKeyConfig[], existing: ReadonlyMap<string | undefined, ISecret>) {
    this.all = keys.map((key) => {
      const id = key.name === undefined ? "ApiKey" : `ApiKey-${key.name}`;
      return new ApiKeySecret(scope, id, key, existing.get(key.name));
    });
  }

  /** The ARNs for policies. */
  get arnPatterns(): string[] {
    return this.all.map(({ arnPattern }) => arnPattern);
  }

  #idsByName(): Record<string, string> {
    return Object.fromEntries(this.all.map(({ key: { name = "" }, secretId }) => [name, secretId]));
  }

  /** Allows a function to read the keys, but not to describe the secrets, and sets its environment variable. */
  grantRead(fn: LambdaFunction): void {
    fn.addToRolePolicy(
      new PolicyStatement({ actions: ["secretsmanager:GetSecretValue"], resources: this.arnPatterns }),
    );
    const kmsKeys = new Set(this.all.flatMap(({ kmsKeyArn }) => kmsKeyArn ?? []));
    for (const arn of kmsKeys) if (fn.role !== undefined) allowKeyUse(fn.role, { secretsmanager: arn });
    const only = this.all.find(({ key }) => key.name === undefined);
    if (only !== undefined) fn.addEnvironment(ENV.apiKeySecretId, only.secretId);
    else fn.addEnvironment(ENV.apiKeySecretIds, Stack.of(fn).toJsonString(this.#idsByName()));
  }
}
