import type { KeyOrigin } from "./api-key.ts";

/** Returns the command that stores a key file in a secret. @param secretId name or ARN */
export function putKeyCommand(secretId: string): string {
  return `aws secretsmanager put-secret-value --secret-id ${secretId} --secret-string file://cdp_api_key.json`;
}

/** Returns how errors name a key that a secret contains. @param secretId name or ARN */
export function originOfSecret(secretId: string): KeyOrigin {
  const suggestedFix = `Store the JSON key file from the CDP portal, unchanged: ${putKeyCommand(secretId)}`;
  return { name: `The secret ${secretId}`, suggestedFix };
}
