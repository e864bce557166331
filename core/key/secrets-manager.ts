import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { KeyError } from "../domain/errors.ts";

/**
 * The text of a secret's current version.
 * @param secretId name or ARN
 * @throws KeyError that names the secret and the remedy
 */
export async function readSecret(client: SecretsManagerClient, secretId: string): Promise<string> {
  try {
    const { SecretString, SecretBinary } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    return SecretString ?? Buffer.from(SecretBinary ?? []).toString("utf8");
  } catch (thrown) {
    const { name, message } = thrown instanceof Error ? thrown : { name: "unknown", message: "" };
    throw new KeyError("key_secret_unavailable", `The secret ${secretId} cannot be read: ${reason(name, message)}`, {
      cause: thrown,
    });
  }
}

/** Error names: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html#API_GetSecretValue_Errors */
function reason(name: string, message: string): string {
  if (name === "ResourceNotFoundException") {
    return (
      "it does not exist, or has no value yet. Put the key file in: " +
      "aws secretsmanager put-secret-value --secret-id … --secret-string file://cdp_api_key.json"
    );
  }
  if (name === "AccessDeniedException")
    return "access denied. Give the function's role secretsmanager:GetSecretValue on it.";
  if (name === "DecryptionFailure")
    return "its KMS key does not let it be decrypted. Give the function's role kms:Decrypt.";
  return `${name}: ${message}`;
}
