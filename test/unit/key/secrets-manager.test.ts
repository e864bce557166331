import { inspect } from "node:util";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterEach, describe, expect, it } from "@jest/globals";
import { KeyError } from "../../../core/domain/errors.ts";
import { readSecret } from "../../../core/key/secrets-manager.ts";
import { DENIED, startSecretsManager } from "../../../local/stand-ins/secrets-manager.ts";
import { sawOutput } from "../../support/leak-watch.ts";
import { closeServers, key, startPlainServer } from "../coinbase/harness.ts";

const NAME = "cdp/api-key";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all([closeServers(), ...closers.splice(0).map((close) => close())]);
});

function clientOf(endpoint: string): SecretsManagerClient {
  const client = new SecretsManagerClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
  closers.push(async () => client.destroy());
  return client;
}

/** Starts a simulated Secrets Manager, and a client of it. */
async function simulated(...options: Parameters<typeof startSecretsManager>) {
  const manager = await startSecretsManager(...options);
  closers.push(() => manager.close());
  return { manager, client: clientOf(manager.url) };
}

/** Returns a client of a server that always sends the same response. */
async function clientWithResponse(status: number, body: string): Promise<SecretsManagerClient> {
  const { url } = await startPlainServer((_, response) => {
    response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(body);
  });
  return clientOf(url);
}

async function errorOf(work: Promise<unknown>): Promise<KeyError> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  sawOutput(thrown);
  expect(thrown).toBeInstanceOf(KeyError);
  return thrown as KeyError;
}

describe("readSecret", () => {
  it("returns the secret's text unchanged", async () => {
    const { manager, client } = await simulated((id) => (id === NAME ? ` ${key.file}\n` : undefined));

    const text = await readSecret(client, NAME);

    expect(text === ` ${key.file}\n`).toBe(true);
    expect(manager.reads).toBe(1);
  });

  it.each([
    ["the text of a binary secret", { SecretBinary: Buffer.from("{“id”: …}").toString("base64") }, "{“id”: …}"],
    ["an empty string for a secret without a value", {}, ""],
  ])("returns %s", async (_, fields, expected) => {
    const client = await clientWithResponse(200, JSON.stringify({ Name: NAME, ...fields }));

    expect(await readSecret(client, NAME)).toBe(expected);
  });

  it.each<[string, typeof DENIED | undefined, string, RegExp]>([
    ["has no value yet", undefined, "it does not exist or has no value yet", /aws secretsmanager put-secret-value/],
    ["may not be read", DENIED, "AccessDeniedException: ", /^Allow secretsmanager:GetSecretValue on the secret cdp/],
  ])("throws a KeyError with a suggested fix if the secret %s", async (_, text, message, suggestedFix) => {
    const { client } = await simulated(() => text);

    const error = await errorOf(readSecret(client, NAME));

    expect(error.code).toBe("key_secret_unavailable");
    expect(error.message).toContain(`The secret ${NAME} could not be read: ${message}`);
    expect(error.suggestedFix).toMatch(suggestedFix);
  });

  it.each([
    [400, "DecryptionFailure", "kms.", "Allow kms:Decrypt on the KMS key of the secret cdp/api-key."],
    [500, "InternalServiceError", "An error occurred on the server side.", "Try again."],
  ])("throws a KeyError with the service's message: %d %s", async (status, name, message, suggestedFix) => {
    const client = await clientWithResponse(status, JSON.stringify({ __type: name, message }));

    const error = await errorOf(readSecret(client, NAME));

    expect(error.code).toBe("key_secret_unavailable");
    expect(error.message).toBe(`The secret ${NAME} could not be read: ${name}: ${message}`);
    expect(error.suggestedFix).toContain(suggestedFix);
    expect(error.cause).toMatchObject({ name });
  });

  it.each([
    ["is cut right after the text's last character", (body: string) => body.slice(0, -2)],
    ["has something after the text", (body: string) => body.replace(/}$/, "x}")],
  ])("shows nothing of the text if the response %s", async (_, change) => {
    const [text = ""] = Object.values(key.formats);
    const client = await clientWithResponse(200, change(JSON.stringify({ Name: NAME, SecretString: text })));

    const error = await errorOf(readSecret(client, NAME));

    const parts = Array.from({ length: text.length - 7 }, (_, i) => text.slice(i, i + 8));
    const shown = `${error.message}\n${error.stack}\n${inspect(error, { depth: 12, showHidden: true })}`;
    expect(error.code).toBe("key_secret_unavailable");
    expect(parts.filter((part) => shown.includes(part))).toEqual([]);
  });
});
