import { inspect } from "node:util";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterEach, describe, expect, it } from "@jest/globals";
import type { KeyError } from "../../../core/domain/errors.ts";
import { readSecret } from "../../../core/key/secrets-manager.ts";
import { closeServers, errorOf, key, startPlainServer } from "../coinbase/harness.ts";

const NAME = "cdp/api-key";

const clients: SecretsManagerClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await closeServers();
});

/** Returns a client of a server that always sends the same response. */
async function clientWithResponse(status: number, body: string): Promise<SecretsManagerClient> {
  const { url } = await startPlainServer((_, response) => {
    response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(body);
  });
  const client = new SecretsManagerClient({
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
  clients.push(client);
  return client;
}

describe("readSecret", () => {
  it.each([
    ["the text unchanged", { SecretString: ` ${key.file}\n` }, ` ${key.file}\n`],
    ["the text of a binary secret", { SecretBinary: Buffer.from("{“id”: …}").toString("base64") }, "{“id”: …}"],
    ["an empty string for a secret without a value", {}, ""],
  ])("returns %s", async (_, fields, expected) => {
    const client = await clientWithResponse(200, JSON.stringify({ Name: NAME, ...fields }));

    expect((await readSecret(client, NAME)) === expected).toBe(true);
  });

  it.each([
    [
      400,
      "ResourceNotFoundException",
      "no value",
      "it does not exist or has no value",
      "aws secretsmanager put-secret-value",
    ],
    [
      400,
      "AccessDeniedException",
      "User: me",
      "AccessDeniedException: User: me",
      "Allow secretsmanager:GetSecretValue on",
    ],
    [400, "DecryptionFailure", "kms", "DecryptionFailure: kms", "Allow kms:Decrypt on the KMS key of the secret cdp/"],
    [500, "InternalServiceError", "no", "InternalServiceError: no", "Try again."],
  ])("throws a KeyError with a suggested fix: %d %s", async (status, name, message, shown, suggestedFix) => {
    const client = await clientWithResponse(status, JSON.stringify({ __type: name, message }));

    const error = (await errorOf(readSecret(client, NAME))) as KeyError;

    expect(error).toMatchObject({ name: "KeyError", code: "key_secret_unavailable", cause: { name } });
    expect(error.message).toContain(`The secret ${NAME} could not be read: ${shown}`);
    expect(error.suggestedFix).toContain(suggestedFix);
  });

  it.each([
    ["is cut right after the text's last character", (body: string) => body.slice(0, -2)],
    ["has something after the text", (body: string) => body.replace(/}$/, "x}")],
  ])("shows nothing of the text if the response %s", async (_, change) => {
    const [text = ""] = Object.values(key.formats);
    const client = await clientWithResponse(200, change(JSON.stringify({ Name: NAME, SecretString: text })));

    const error = (await errorOf(readSecret(client, NAME))) as KeyError;

    const parts = Array.from({ length: text.length - 7 }, (_, i) => text.slice(i, i + 8));
    const shown = `${error.message}\n${error.stack}\n${inspect(error, { depth: 12, showHidden: true })}`;
    expect(error.code).toBe("key_secret_unavailable");
    expect(parts.filter((part) => shown.includes(part))).toEqual([]);
  });
});
