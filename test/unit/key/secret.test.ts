import { inspect } from "node:util";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { KeyError } from "../../../core/domain/errors.ts";
import { KeyCache } from "../../../core/key/key-cache.ts";
import { originOfSecret } from "../../../core/key/put-key-command.ts";
import { readSecret } from "../../../core/key/secrets-manager.ts";
import { frozenClock, testClock } from "../../support/clock.ts";
import { afterEach, describe, expect, it } from "../../support/jest.ts";
import { makeEd25519Key } from "../../support/keys.ts";
import { NO_SECRET, NO_SECRET_VALUE } from "../../support/world/aws.ts";
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

  it.each<[status: number, name: string, suggestedFix: string, message?: string]>([
    [400, "ResourceNotFoundException", `Check the name of the secret ${NAME}, AWS_REGION`, NO_SECRET.message],
    // If AWS changed the text for a secret without a value, the run must fail.
    [400, "ResourceNotFoundException", `Check the name of the secret ${NAME}, AWS_REGION`, "There is no such value."],
    [400, "AccessDeniedException", "Allow secretsmanager:GetSecretValue on"],
    [500, "InternalServiceError", "Try again."],
  ])("throws a KeyError with a suggested fix: %d %s, %s", async (status, name, suggestedFix, message = "no") => {
    const client = await clientWithResponse(status, JSON.stringify({ __type: name, message }));

    const error = (await errorOf(readSecret(client, NAME))) as KeyError;

    expect(error).toMatchObject({ name: "KeyError", code: "key_secret_unavailable", cause: { name } });
    expect(error.message).toContain(`The secret ${NAME} could not be read: ${name}: ${message.replace(/\.$/, "")}.`);
    expect(error.suggestedFix).toContain(suggestedFix);
  });

  it("throws a KeyError of its own if the secret exists and has no value yet", async () => {
    const { type, message } = NO_SECRET_VALUE;
    const client = await clientWithResponse(400, JSON.stringify({ __type: type, message }));

    const error = (await errorOf(readSecret(client, NAME))) as KeyError;

    expect(error).toMatchObject({
      name: "KeyError",
      code: "key_not_stored",
      message: `The secret ${NAME} has no value yet.`,
    });
    expect(error.suggestedFix).toBe(
      `Store the key file: aws secretsmanager put-secret-value --secret-id ${NAME} --secret-string file://cdp_api_key.json`,
    );
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

const MINUTE = 60_000;
const first = makeEd25519Key();
const second = makeEd25519Key();

/** Returns a cache of a secret whose text can be changed. If it is an Error, reading fails with it after 30 seconds. */
function cacheOf(text: string | Error, clock = testClock()) {
  const secret = { text, reads: 0 };
  const read = async () => {
    secret.reads++;
    await clock.sleep(secret.text instanceof Error ? 30_000 : 1);
    if (secret.text instanceof Error) throw secret.text;
    return secret.text;
  };
  return { cache: new KeyCache(read, clock), clock, secret };
}

describe("current", () => {
  it("reads the secret when the key is first needed, and once for concurrent callers", async () => {
    const { cache, secret } = cacheOf(first.file);
    const readsBefore = secret.reads;

    const keys = await Promise.all(Array.from({ length: 50 }, () => cache.current()));

    expect(new Set(keys).size).toBe(1);
    expect(keys[0]?.id).toBe(first.id);
    expect([readsBefore, secret.reads]).toEqual([0, 1]);
  });

  it("returns the cached key for five minutes, and then the same object for the same text", async () => {
    const { cache, clock, secret } = cacheOf(first.file);
    const before = await cache.current();
    clock.advance(5 * MINUTE - 1);
    await cache.current();
    const readsWithin = secret.reads;
    clock.advance(1);
    const same = await cache.current();
    secret.text = second.file;
    clock.advance(5 * MINUTE);

    const after = await cache.current();

    expect(same).toBe(before);
    expect([readsWithin, secret.reads]).toEqual([1, 3]);
    expect([before.id, after.id]).toEqual([first.id, second.id]);
  });

  it.each<[string, string | Error, string]>([
    ["a secret that could not be read", new KeyError("key_secret_unavailable", "denied"), "key_secret_unavailable"],
    ["a text that is not a key", `${first.file}}`, "key_not_json"],
  ])("throws the same error for ten seconds, and then reads again: %s", async (_, text, code) => {
    const { cache, clock, secret } = cacheOf(text);
    const errors = await Promise.all([errorOf(cache.current()), errorOf(cache.current())]);
    clock.advance(9_999);
    errors.push(await errorOf(cache.current()));
    const readsWithin = secret.reads;
    secret.text = first.file;
    clock.advance(1);

    const key = await cache.current();
    clock.advance(4 * MINUTE);
    await cache.current();

    expect(errors).toMatchObject(Array(3).fill({ name: "KeyError", code }));
    expect([readsWithin, secret.reads, key.id]).toEqual([1, 2, first.id]);
  });
});

describe("the age of a cached secret", () => {});

describe("a secret that contains no usable key", () => {
  const arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:ApiKey-AbCdEf";
  const { privateKey } = JSON.parse(first.file) as { privateKey: string };

  it.each([
    ["a key", first.file, 5 * MINUTE],
    ["a failure", "not a key", 10_000],
  ])("counts by the system clock if the monotonic one stands still: %s", async (_, text, maxAgeMs) => {
    const { cache, clock, secret } = cacheOf(text, frozenClock());
    await cache.current().catch(() => {});
    secret.text = second.file;
    clock.advance(maxAgeMs);

    const key = await cache.current();

    expect(key.id).toBe(second.id);
  });

  it.each([
    ["key_empty", ""],
    ["key_unreadable", JSON.stringify({ id: "x", privateKey: privateKey.slice(0, -8) })],
  ])("is named in the message and in the suggested fix: %s", async (code, text) => {
    const cache = new KeyCache(async () => text, testClock(), originOfSecret(arn));

    const error = (await errorOf(cache.current())) as KeyError;

    expect(error).toMatchObject({ name: "KeyError", code });
    expect(error.message).toMatch(new RegExp(`^The secret ${arn}: The `));
    expect(error.suggestedFix).toBe(
      "Store the JSON key file from the CDP portal, unchanged: " +
        `aws secretsmanager put-secret-value --secret-id ${arn} --secret-string file://cdp_api_key.json`,
    );
    expect(`${error.message} ${error.suggestedFix}`).not.toContain(privateKey.slice(0, 12));
  });
});

describe("afterRefusal", () => {
  it("returns a rotated key with one read, for concurrent and for late callers", async () => {
    const { cache, clock, secret } = cacheOf(first.file);
    const refused = await cache.current();
    secret.text = second.file;

    const keys = await Promise.all(Array.from({ length: 50 }, () => cache.afterRefusal(refused)));
    clock.advance(MINUTE);
    keys.push(await cache.afterRefusal(refused), await cache.current());
    clock.advance(4 * MINUTE - 1);
    keys.push(await cache.current());

    expect(new Set(keys).size).toBe(1);
    expect(keys[0]?.id).toBe(second.id);
    expect(secret.reads).toBe(2);
  });

  it("returns undefined for the same text, which is read once in ten seconds until the key is rotated", async () => {
    const { cache, clock, secret } = cacheOf(first.file);
    const refused = await cache.current();
    const results = await Promise.all(Array.from({ length: 50 }, () => cache.afterRefusal(refused)));
    clock.advance(9_999);
    results.push(await cache.afterRefusal(refused), await cache.afterRefusal(refused));
    const readsWithin = secret.reads;
    clock.advance(1);
    results.push(await cache.afterRefusal(refused));
    secret.text = second.file;
    clock.advance(10_000);

    const found = await cache.current();

    expect(new Set(results)).toEqual(new Set([undefined]));
    expect([readsWithin, secret.reads]).toEqual([2, 4]);
    expect(found.id).toBe(second.id);
    expect(await cache.afterRefusal(refused)).toBe(found);
  });
});
