import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { awsErrorText, awsSuggestedFix, isNotFound } from "../aws/suggested-fixes.ts";
import { KeyError } from "../domain/errors.ts";
import { decodeKeyText } from "./key-text.ts";

/**
 * Returns the text of a secret's current version.
 * @param secretId name or ARN
 * @throws KeyError `key_secret_unavailable`
 */
export async function readSecret(client: SecretsManagerClient, secretId: string): Promise<string> {
  try {
    const { SecretString, SecretBinary } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    return SecretString ?? decodeKeyText(SecretBinary ?? new Uint8Array());
  } catch (thrown) {
    // Secrets Manager gives the same error for a secret that does not exist and for one without a value.
    const missing = isNotFound(thrown);
    const reason = missing ? "it does not exist or has no value yet" : awsErrorText(thrown);
    const call = { action: "secretsmanager:GetSecretValue", resource: `the secret ${secretId}` };
    throw new KeyError("key_secret_unavailable", `The secret ${secretId} could not be read: ${reason}.`, {
      suggestedFix: missing
        ? `Store the key file: aws secretsmanager put-secret-value --secret-id ${secretId} --secret-string file://cdp_api_key.json`
        : awsSuggestedFix(thrown, call),
      cause: thrown,
    });
  }
}
