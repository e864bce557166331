/** Returns the command that stores a key file in a secret. @param secretId name or ARN */
export function putKeyCommand(secretId: string): string {
  return `aws secretsmanager put-secret-value --secret-id ${secretId} --secret-string file://cdp_api_key.json`;
}
