import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { awsErrorText, awsSuggestedFix } from "../aws/suggested-fixes.ts";
import { KEY_NOT_STORED, KeyError } from "../domain/errors.ts";
import { decodeText } from "../domain/text-encoding.ts";
import { putKeyCommand } from "./put-key-command.ts";

/**
 * How Secrets Manager says that a secret has no current version. A secret that does not exist has the same error type, with
 * another text: "can't find the specified secret." Neither text is documented. If this one changes, the code is
 * `key_secret_unavailable`, which always fails the run.
 * Seen in https://github.com/ansible/ansible/issues/69710 and, with another label, https://github.com/aws/aws-sdk-js-v3/issues/7701
 */
const NO_VALUE = /^ResourceNotFoundException: .*secret value for staging label/;

/**
 * Returns the text of a secret's current version.
 * @param secretId name or ARN
 * @throws KeyError `key_not_stored` if the secret exists and has no value; else `key_secret_unavailable`
 */
export async function readSecret(client: SecretsManagerClient, secretId: string): Promise<string> {
  try {
    const { SecretString, SecretBinary } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    return SecretString ?? decodeText(SecretBinary ?? new Uint8Array());
  } catch (thrown) {
    const reason = awsErrorText(thrown);
    if (NO_VALUE.test(reason)) {
      const suggestedFix = `Store the key file: ${putKeyCommand(secretId)}`;
      throw new KeyError(KEY_NOT_STORED, `The secret ${secretId} has no value yet.`, { suggestedFix, cause: thrown });
    }
    const call = { action: "secretsmanager:GetSecretValue", resource: `the secret ${secretId}` };
    throw new KeyError("key_secret_unavailable", `The secret ${secretId} could not be read: ${reason}.`, {
      suggestedFix: awsSuggestedFix(thrown, call),
      cause: thrown,
    });
  }
}
