import { setTimeout as sleep } from "node:timers/promises";
import { keyOf } from "../../core/domain/account-activity.ts";
import type { KeysResult } from "../../core/domain/keys-result.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { afterEach, describe, expect, it } from "../support/jest.ts";
import { HOURLY, type KeysWorld, slotOfHour, startKeysWorld } from "../support/world/keys-world.ts";

// Several API keys that share one table: each serves its own accounts, on its own schedule and within its own limit.

const HOUR_MS = 3_600_000;
const START = Date.parse(slotOfHour(10));
const account = () => makeAccount(makeBalances(2));

let world: KeysWorld;
afterEach(() => world.close());

const counts = (result: unknown) =>
  Object.entries((result as KeysResult).keys).map(([key, { accounts }]) => `${key} ${accounts.complete}`);

describe("several keys", () => {
  it("serve their own accounts in one table, each with its schedule", async () => {
    const [emea, us, prime] = [account(), account(), account()];
    world = await startKeysWorld({ emea: { accounts: [emea] }, us: { accounts: [us] }, prime: { accounts: [prime] } });
    const configured = { emea: {}, us: { schedule: "cron(0 10,11 * * ? *)" }, prime: { accounts: [prime.accountId] } };

    const result = await world.runHour(10, configured);

    expect(result.accounts).toEqual({ complete: 3, alreadyComplete: 0, failed: 0 });
    expect(counts(result)).toEqual(["emea 1", "prime 1", "us 1"]);
    const activities = await Promise.all([emea, us, prime].map(world.activityOf));
    expect(activities.map((activity) => activity && keyOf(activity))).toEqual(["emea", "us", "prime"]);
    expect(activities.map((activity) => activity?.periods.map(({ since }) => since))).toEqual(
      Array(3).fill([slotOfHour(10)]),
    );
    expect((await world.reader.schedules()).map(({ key, expression }) => [key, expression])).toEqual([
      ["emea", HOURLY],
      ["prime", HOURLY],
      ["us", configured.us.schedule],
    ]);
    expect(world.warnings).toEqual([]);
  });

  it("do not depend on each other: one that is revoked costs the others nothing", async () => {
    const [emea, us, prime] = [account(), account(), account()];
    world = await startKeysWorld({ emea: { accounts: [emea] }, us: { accounts: [us] }, prime: { accounts: [prime] } });
    const configured = { emea: {}, us: {}, prime: {} };
    await world.runHour(10, configured);
    (world.keys["us"] as KeysWorld["keys"][string]).revoked = true;

    const failed = world.runHour(11, configured);

    await expect(failed).rejects.toThrow(
      /^1 of 3 keys failed\.\nus: api_unauthorized: .*\nThe snapshots of all other keys /,
    );
    expect(world.aborted).toEqual(["us: api_unauthorized"]);
    expect(await Promise.all([emea, us, prime].map((one) => world.statusOf(one, 11)))).toEqual([
      "complete",
      undefined,
      "complete",
    ]);
    const runs = await world.reader.failedRuns({ from: START, to: START + HOUR_MS });
    expect(runs).toMatchObject([{ key: "us", slot: slotOfHour(11), scope: "all", code: "api_unauthorized" }]);
    await expect(world.runHour(11, configured, { key: "us" })).rejects.toMatchObject({
      code: "api_unauthorized",
      message: expect.stringMatching(/^Key us: /),
    });
    expect((await world.runHour(11, configured, { key: "emea" })).accounts).toMatchObject({
      alreadyComplete: 1,
      failed: 0,
    });
  });

  it("keep their own limits at the same time, and divide the accounts at once", async () => {
    const [ten, five] = [10, 5].map((count) => Array.from({ length: count }, account));
    world = await startKeysWorld({
      emea: { accounts: ten ?? [], readsPerTenSeconds: 6 },
      us: { accounts: five ?? [], readsPerTenSeconds: 3 },
    });

    const result = await world.runHour(10, { emea: { readsPerTenSeconds: 6 }, us: { readsPerTenSeconds: 3 } });

    expect(counts(result)).toEqual(["emea 10", "us 5"]);
    expect(world.cdp.requests.map(({ status }) => status)).toEqual(Array(17).fill(200));
    // Neither waits for the other one.
    expect(new Set(world.senders().slice(0, 9))).toEqual(new Set(["emea", "us"]));
    expect(world.clock.slept).not.toEqual([]);
  });

  it("read the catalog once, and describe an asset that both hold once", async () => {
    world = await startKeysWorld({
      emea: { accounts: [account()] },
      us: { accounts: [account()] },
      prime: { accounts: [account()] },
    });
    // Only runs that start while the catalog is being read share it.
    world.aws.onCall(world.scope, async ({ action }) => {
      if (action === "dynamodb:Query") await sleep(100);
      return undefined;
    });

    await world.runHour(10, { emea: {}, us: {}, prime: {} });

    const queries = world.aws.calls
      .filter(({ action }) => action === "dynamodb:Query")
      .map(({ input }) => JSON.stringify(input));

    expect(queries.filter((query) => query.includes('"catalog"'))).toHaveLength(1);
    const sortKeys = (await world.items()).map((item) => item["slot"]?.S ?? "");
    expect(sortKeys.filter((sort) => sort.startsWith("assets "))).toEqual(["assets 0000000001"]);
  });

  it("take an event's accounts by their lists", async () => {
    const [emea, us] = [account(), account()];
    world = await startKeysWorld({ emea: { accounts: [emea] }, us: { accounts: [us] } });
    const configured = { emea: { accounts: [emea.accountId] }, us: {} };

    const listed = await world.runHour(10, configured, { accounts: [emea.accountId] });
    const named = await world.runHour(10, configured, { accounts: [us.accountId], key: "us" });

    expect([listed, named]).toMatchObject([{ key: "emea" }, { key: "us" }]);
    await expect(world.runHour(10, configured, { accounts: [us.accountId] })).rejects.toMatchObject({
      code: "event_invalid",
      message: expect.stringContaining('which no key lists. Name its key in the event, too: {"key": "us", …}.'),
    });
  });

  it("record an invalid configuration for each of them", async () => {
    world = await startKeysWorld({ emea: {}, us: {} });
    const configured = { emea: { readsPerTenSeconds: 0 }, us: { schedule: 7 } };

    await expect(world.runHour(10, configured)).rejects.toThrow(
      /keys\.emea\.readsPerTenSeconds: .*\n.*keys\.us\.schedule: /,
    );
    await expect(world.runHour(10, configured, { key: "us" })).rejects.toMatchObject({ code: "config_invalid" });

    expect(world.aborted).toEqual(["emea", "us", "us"].map((key) => `${key}: config_invalid`));
    const runs = await world.reader.failedRuns({ from: START, to: START });
    expect(runs.map(({ key, keys }) => `${key} of ${keys}`).sort()).toEqual(
      ["emea", "us", "us"].map((key) => `${key} of emea,us`),
    );
  });
});
