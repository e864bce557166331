import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterEach, describe, expect, it } from "@jest/globals";
import { KeyError } from "../../../core/domain/errors.ts";
import { readSecret } from "../../../core/key/secrets-manager.ts";
import { DENIED, startSecretsManager } from "../../../local/stand-ins/secrets-manager.ts";
import { makeEd25519Key } from "../../support/keys.ts";
import { sawOutput } from "../../support/leak-watch.ts";

const NAME = "cdp/api-key";
const key = makeEd25519Key();

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
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

/** The stand-in, and a client of it. */
async function standIn(...options: Parameters<typeof startSecretsManager>) {
  const manager = await startSecretsManager(...options);
  closers.push(() => manager.close());
  return { manager, client: clientOf(manager.url) };
}

/** A client of a server that gives the same answer to everything. */
async function answering(status: number, body: string): Promise<SecretsManagerClient> {
  const server = createServer((_, response) => {
    response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  });
  return clientOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
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

describe("a secret's text", () => {
  it("is read as it is, from the secret that is named", async () => {
    const { manager, client } = await standIn((id) => (id === NAME ? ` ${key.file}\n` : undefined));

    const text = await readSecret(client, NAME);

    expect(text === ` ${key.file}\n`).toBe(true);
    expect(manager.reads).toBe(1);
  });

  it("is read anew at each call, so that a rotation is seen", async () => {
    let text = "old";
    const { client } = await standIn(() => text);
    const before = await readSecret(client, NAME);
    text = "new";

    const after = await readSecret(client, NAME);

    expect([before, after]).toEqual(["old", "new"]);
  });

  it("may have been put in as bytes", async () => {
    const client = await answering(
      200,
      JSON.stringify({ Name: NAME, SecretBinary: Buffer.from("{“id”: …}").toString("base64") }),
    );

    const text = await readSecret(client, NAME);

    expect(text).toBe("{“id”: …}");
  });

  it("is empty where the secret has neither", async () => {
    const client = await answering(200, JSON.stringify({ Name: NAME }));

    const text = await readSecret(client, NAME);

    expect(text).toBe("");
  });
});

describe("a secret that cannot be read", () => {
  it("because it has no value yet, is told with the command that puts one in", async () => {
    const { client } = await standIn(() => undefined);

    const error = await errorOf(readSecret(client, NAME));

    expect(error.code).toBe("key_secret_unavailable");
    expect(error.message).toContain(`The secret ${NAME} cannot be read: it does not exist, or has no value yet.`);
    expect(error.message).toContain("aws secretsmanager put-secret-value");
  });

  it("because access is denied, is told with the permission that is missing", async () => {
    const { client } = await standIn(() => DENIED);

    const error = await errorOf(readSecret(client, NAME));

    expect(error.code).toBe("key_secret_unavailable");
    expect(error.message).toContain(`The secret ${NAME} cannot be read: access denied.`);
    expect(error.message).toContain("secretsmanager:GetSecretValue");
  });

  it("because its KMS key refuses, is told with the permission that is missing", async () => {
    const client = await answering(400, JSON.stringify({ __type: "DecryptionFailure", message: "kms" }));

    const error = await errorOf(readSecret(client, NAME));

    expect(error.code).toBe("key_secret_unavailable");
    expect(error.message).toContain("kms:Decrypt");
  });

  it("because of anything else, is told with the service's own words", async () => {
    const client = await answering(
      500,
      JSON.stringify({ __type: "InternalServiceError", message: "An error occurred on the server side." }),
    );

    const error = await errorOf(readSecret(client, NAME));

    expect(error.code).toBe("key_secret_unavailable");
    expect(error.message).toBe(
      `The secret ${NAME} cannot be read: InternalServiceError: An error occurred on the server side.`,
    );
    expect(error.cause).toMatchObject({ name: "InternalServiceError" });
  });

  it("because the connection breaks, is told", async () => {
    const { client } = await standIn(
      () => key.file,
      () => {
        throw new Error("crash");
      },
    );

    const error = await errorOf(readSecret(client, NAME));

    expect(error.code).toBe("key_secret_unavailable");
    expect(error.message).toMatch(/ECONNRESET|socket hang up/);
  });

  it.each([
    ["is cut", (body: string) => body.slice(0, -4)],
    ["is cut right after the text's last character", (body: string) => body.slice(0, -2)],
    ["has something after its end", (body: string) => `${body}x`],
    ["has something after the text", (body: string) => body.replace(/}$/, "x}")],
  ])("because the answer %s, shows nothing of the text", async (_, mangle) => {
    const [text = ""] = Object.values(key.formats);
    const client = await answering(200, mangle(JSON.stringify({ Name: NAME, SecretString: text })));

    const error = await errorOf(readSecret(client, NAME));

    const runs = Array.from({ length: text.length - 7 }, (_, i) => text.slice(i, i + 8));
    expect(error.code).toBe("key_secret_unavailable");
    const shown = `${error.message}\n${error.stack}\n${inspect(error, { depth: 12, showHidden: true })}`;
    expect(runs.filter((run) => shown.includes(run))).toEqual([]);
  });
});
