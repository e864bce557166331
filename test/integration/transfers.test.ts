import { readJobConfig } from "../../core/config.ts";
import { ENV } from "../../core/names/environment.ts";
import { keyTextOfSecret, openLimiter, openTransfers, originOfSecret } from "../../core/transfers.ts";
import { testClock } from "../support/clock.ts";
import { afterEach, beforeEach, describe, expect, it } from "../support/jest.ts";
import { makeEcKey, makeEd25519Key } from "../support/keys.ts";
import { sawOutput } from "../support/leak-watch.ts";
import { startWorld, type World } from "../support/world/world.ts";

// The source of transfers as commands compose it.

const us = makeEcKey();
const clock = testClock();
const NO_DEADLINE = new AbortController().signal;
const QUERY = { updatedAfter: clock.now() - 1000 };
let world: World;

beforeEach(async () => {
  const key = makeEd25519Key();
  world = await startWorld({ accounts: () => [], clock, key, keys: () => [key, us], readsPerTenSeconds: 3 });
});
afterEach(() => world.close());

const configOf = ({ env }: World) => readJobConfig({ ...env, [ENV.readsPerTenSeconds]: "3" });

describe("openTransfers", () => {
  it("reads with the keys of several secrets within one limit", async () => {
    world.aws.secrets.set("us", us.file);
    const shared = { clock, limiter: openLimiter(configOf(world), clock) };
    const sources = [world.scope, "us"].map((secretId) =>
      openTransfers(configOf(world), { readKey: () => keyTextOfSecret(secretId), ...shared }),
    );

    const found = await Promise.all(sources.map((source) => source.read(QUERY, NO_DEADLINE)));

    expect(found.map(({ transfers }) => transfers)).toEqual([[], []]);
    const { requests } = world.cdp;
    expect(requests.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(requests.map(({ keyId }) => keyId))).toEqual(new Set([world.key.id, us.id]));
  });

  it.each([
    ["has no value", undefined, "key_not_stored", /^The secret us has no value yet\.$/],
    ["holds no key", "{}", "key_field_missing", /^The secret us: The key's JSON has no field for /],
  ])("names a secret that %s, and how to store it", async (_, text, code, message) => {
    world.aws.secrets.set("us", text);
    const key = { readKey: () => keyTextOfSecret("us"), origin: originOfSecret("us") };
    const source = openTransfers(configOf(world), { ...key, clock });

    const error = await source.read(QUERY, NO_DEADLINE).catch((thrown: unknown) => thrown);

    sawOutput(error);
    const suggestedFix = expect.stringContaining("aws secretsmanager put-secret-value --secret-id us ");
    expect(error).toMatchObject({ code, message: expect.stringMatching(message), suggestedFix });
    expect(world.cdp.requests).toEqual([]);
  });

  it("names the caller's settings in suggested fixes", async () => {
    const config = { ...configOf(world), maxAttempts: 1 };
    const settingNames = { baseUrl: "--api", replaceKey: "give the new one with --key-file" };
    const readKey = async () => makeEd25519Key().file;

    const error = await openTransfers(config, { readKey, settingNames, clock })
      .read(QUERY, NO_DEADLINE)
      .catch((thrown: unknown) => thrown);

    sawOutput(error);
    expect(error).toMatchObject({ code: "api_unauthorized", suggestedFix: expect.stringContaining("--key-file") });
  });
});
