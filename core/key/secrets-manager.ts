import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { awsErrorText, awsSuggestedFix, isNotFound } from "../aws/suggested-fixes.ts";
import { KeyError } from "../domain/errors.ts";
import type { KeyOrigin } from "./api-key.ts";
import { decodeKeyText } from "./key-text.ts";
import { putKeyCommand } from "./put-key-command.ts";

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
      suggestedFix: missing ? `Store the key file: ${putKeyCommand(secretId)}` : awsSuggestedFix(thrown, call),
      cause: thrown,
    });
  }
}

/** Returns how errors name a key that a secret contains. @param secretId name or ARN */
export function originOfSecret(secretId: string): KeyOrigin {
  const suggestedFix = `Store the JSON key file from the CDP portal, unchanged: ${putKeyCommand(secretId)}`;
  return { name: `The secret ${secretId}`, suggestedFix };
}
