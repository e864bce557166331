import { type AccountActivity, keyOf } from "../../core/domain/account-activity.ts";
import type { KeysResult } from "../../core/domain/keys-result.ts";
import { ENV } from "../../core/names/environment.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { afterEach, describe, expect, it } from "../support/jest.ts";
import { type KeysWorld, startKeysWorld } from "../support/world/keys-world.ts";

// Several API keys that share one table: each serves its own accounts, on its own schedule and within its own limit.

const HOUR_MS = 3_600_000;
const START = Date.parse("2026-11-23T10:00:00.000Z");
const slot = (hour: number) => new Date(START + (hour - 10) * HOUR_MS).toISOString();
const HOURLY = { schedule: "cron(0 * * * ? *)" };
const account = () => makeAccount(makeBalances(2));

let world: KeysWorld;
afterEach(() => world.close());

/** Invokes the function five seconds after an hour's slot, for that slot. */
function runHour(hour: number, configured: Parameters<KeysWorld["invoke"]>[1], event: object = {}) {
  world.clock.advance(Date.parse(slot(hour)) + 5_000 - world.clock.now());
  return world.invoke({ scheduledTime: slot(hour), ...event }, configured, { [ENV.schedule]: HOURLY.schedule });
}

async function activityOf({ accountId }: { readonly accountId: string }): Promise<AccountActivity | undefined> {
  return (await world.reader.accounts()).get(accountId);
}

async function statusOf({ accountId }: { readonly accountId: string }, hour: number): Promise<string | undefined> {
  return (await world.findRecord(accountId, slot(hour)))?.status;
}

const counts = (result: unknown) =>
  Object.entries((result as KeysResult).keys).map(([key, { accounts }]) => `${key} ${accounts.complete}`);

describe("several keys", () => {
  it("serve their own accounts in one table, each with its schedule", async () => {
    const [emea, us, prime] = [account(), account(), account()];
    world = await startKeysWorld({ emea: { accounts: [emea] }, us: { accounts: [us] }, prime: { accounts: [prime] } });
    const configured = { emea: {}, us: { schedule: "cron(0 10,11 * * ? *)" }, prime: { accounts: [prime.accountId] } };

    const result = await runHour(10, configured);

    expect(result.accounts).toEqual({ complete: 3, alreadyComplete: 0, failed: 0 });
    expect(counts(result)).toEqual(["emea 1", "prime 1", "us 1"]);
    const activities = await Promise.all([emea, us, prime].map(activityOf));
    expect(activities.map((activity) => activity && keyOf(activity))).toEqual(["emea", "us", "prime"]);
    expect(activities.map((activity) => activity?.periods.map(({ since }) => since))).toEqual(
      Array(3).fill([slot(10)]),
    );
    expect((await world.reader.schedules()).map(({ key, expression }) => [key, expression])).toEqual([
      ["emea", HOURLY.schedule],
      ["prime", HOURLY.schedule],
      ["us", configured.us.schedule],
    ]);
    expect(world.warnings).toEqual([]);
  });

  it("do not depend on each other: one that is revoked costs the others nothing", async () => {
    const [emea, us, prime] = [account(), account(), account()];
    world = await startKeysWorld({ emea: { accounts: [emea] }, us: { accounts: [us] }, prime: { accounts: [prime] } });
    const configured = { emea: {}, us: {}, prime: {} };
    await runHour(10, configured);
    (world.keys["us"] as KeysWorld["keys"][string]).revoked = true;

    const failed = runHour(11, configured);

    await expect(failed).rejects.toThrow(
      /^1 of 3 keys failed\.\nus: api_unauthorized: .*\nThe snapshots of all other keys /,
    );
    expect(world.aborted).toEqual(["us: api_unauthorized"]);
    expect(await Promise.all([emea, us, prime].map((one) => statusOf(one, 11)))).toEqual([
      "complete",
      undefined,
      "complete",
    ]);
    const runs = await world.reader.failedRuns({ from: START, to: START + HOUR_MS });
    expect(runs).toMatchObject([{ key: "us", slot: slot(11), scope: "all", code: "api_unauthorized" }]);
    await expect(runHour(11, configured, { key: "us" })).rejects.toMatchObject({
      code: "api_unauthorized",
      message: expect.stringMatching(/^Key us: /),
    });
    expect((await runHour(11, configured, { key: "emea" })).accounts).toMatchObject({ alreadyComplete: 1, failed: 0 });
  });

  it("keep their own limits at the same time, and divide the accounts at once", async () => {
    const [ten, five] = [10, 5].map((count) => Array.from({ length: count }, account));
    world = await startKeysWorld({
      emea: { accounts: ten ?? [], readsPerTenSeconds: 6 },
      us: { accounts: five ?? [], readsPerTenSeconds: 3 },
    });

    const result = await runHour(10, { emea: { readsPerTenSeconds: 6 }, us: { readsPerTenSeconds: 3 } });

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
    await runHour(10, { emea: {}, us: {}, prime: {} });

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

    const listed = await runHour(10, configured, { accounts: [emea.accountId] });
    const named = await runHour(10, configured, { accounts: [us.accountId], key: "us" });

    expect([listed, named]).toMatchObject([{ key: "emea" }, { key: "us" }]);
    await expect(runHour(10, configured, { accounts: [us.accountId] })).rejects.toMatchObject({
      code: "event_invalid",
      message: expect.stringContaining('which no key lists. Name its key in the event, too: {"key": "us", …}.'),
    });
  });

  it("record an invalid configuration for each of them", async () => {
    world = await startKeysWorld({ emea: {}, us: {} });
    const configured = { emea: { readsPerTenSeconds: 0 }, us: { schedule: 7 } };

    await expect(runHour(10, configured)).rejects.toThrow(/keys\.emea\.readsPerTenSeconds: .*\n.*keys\.us\.schedule: /);
    await expect(runHour(10, configured, { key: "us" })).rejects.toMatchObject({ code: "config_invalid" });

    expect(world.aborted).toEqual(["emea", "us", "us"].map((key) => `${key}: config_invalid`));
    const runs = await world.reader.failedRuns({ from: START, to: START });
    expect(runs.map(({ key }) => key).sort()).toEqual(["emea", "us", "us"]);
  });
});

describe("the key of an account", () => {
  it("can change without an end, even if the run of the key before ends first", async () => {
    const moving = account();
    world = await startKeysWorld({ emea: { accounts: [account(), moving] }, us: { accounts: [account()] } });
    const configured = { emea: {}, us: {} };
    await runHour(10, configured);
    for (const [name, key] of Object.entries(world.keys)) {
      key.accounts = name === "us" ? [...key.accounts, moving] : key.accounts.filter((one) => one !== moving);
    }

    await runHour(11, configured, { key: "emea" });
    const between = await activityOf(moving);
    await runHour(11, configured, { key: "us" });

    expect(between?.periods).toMatchObject([{ since: slot(10), until: slot(11) }]);
    const after = await activityOf(moving);
    expect(after?.periods).toEqual([{ since: slot(10), from: expect.any(Number) }]);
    expect(after && keyOf(after)).toBe("us");
    expect(await statusOf(moving, 11)).toBe("complete");
    expect(world.warnings).toEqual([]);
  });

  it.each([
    ["the account that the configuration moves", true],
    ["the accounts of a new key", false],
  ])("is registered with the first run for %s", async (_, lists) => {
    const [kept, moving] = [account(), account()];
    world = await startKeysWorld({ emea: { accounts: [kept, moving] }, us: { accounts: [moving] } });
    const before = lists ? { emea: { accounts: [kept.accountId, moving.accountId] } } : { emea: {} };
    const after = lists
      ? { emea: { accounts: [kept.accountId] }, us: { accounts: [moving.accountId] } }
      : { emea: { accountsType: "prime" }, us: { accounts: [moving.accountId] } };
    await runHour(10, before);

    await runHour(11, after);
    await runHour(12, after);

    const activity = await activityOf(moving);
    expect(activity?.periods).toMatchObject([{ since: slot(10) }]);
    expect(activity?.periods[0]).not.toHaveProperty("until");
    expect(activity && keyOf(activity)).toBe("us");
    expect([await statusOf(moving, 11), await statusOf(moving, 12)]).toEqual(["complete", "complete"]);
    expect(world.warnings).toEqual([]);
  });

  it("follows a change from one key to several and back, without a warning or an end", async () => {
    const [emea, us] = [account(), account()];
    world = await startKeysWorld({ emea: { accounts: [emea, us] }, us: { accounts: [us] } });
    const several = { emea: { accounts: [emea.accountId] }, us: {} };

    await runHour(10, "emea");
    await runHour(11, several, { key: "emea" });
    const between = await Promise.all([emea, us].map(activityOf));
    await runHour(11, several, { key: "us" });
    await runHour(12, several);
    const during = await Promise.all([emea, us].map(activityOf));
    await runHour(13, "emea");
    const after = await Promise.all([emea, us].map(activityOf));

    const keysOf = (activities: readonly (AccountActivity | undefined)[]) => activities.map((one) => one && keyOf(one));
    expect([between, during, after].map(keysOf)).toEqual([
      ["emea", undefined],
      ["emea", "us"],
      [undefined, undefined],
    ]);
    expect(after.map((one) => one?.periods)).toEqual(Array(2).fill([{ since: slot(10), from: expect.any(Number) }]));
    expect(world.warnings).toEqual([]);
  });

  it("does not change with a manual run, whichever key it uses", async () => {
    const account = makeAccount(makeBalances(2));
    world = await startKeysWorld({ emea: { accounts: [account] }, us: { accounts: [account] } });
    await runHour(10, { emea: {}, us: { accounts: [makeAccount([]).accountId] } }, { key: "emea" });

    await world.invoke({}, "us");
    await world.invoke({}, { us: {} });
    await world.invoke({ accounts: [account.accountId] }, { us: { accounts: [account.accountId] } });

    const activity = await activityOf(account);
    expect(activity?.descriptions?.map(({ key }) => key)).toEqual(["emea"]);
  });

  it("does not change with a manual run that fails, also if the account has ended", async () => {
    const [kept, gone] = [account(), account()];
    world = await startKeysWorld({ emea: { accounts: [kept, gone] }, us: { accounts: [gone] } });
    await runHour(10, { emea: { accounts: [kept.accountId, gone.accountId] } });
    await runHour(11, { emea: { accounts: [kept.accountId] } });
    world.cdp.addFault({ kind: "error", status: 404, on: { account: gone.accountId } });

    await world.invoke({}, { us: {} }).catch(() => {});

    const activity = await activityOf(gone);
    expect(activity?.pendingSince).toBeDefined();
    expect(new Set(activity?.descriptions?.map(({ key }) => key))).toEqual(new Set(["emea"]));
  });

  it.each([
    ["all accounts of a key that is gone at once", [], "--key us"],
    ["accounts of several keys one by one", ["prime"], "ID"],
  ])("that is no longer configured is ended by retire: %s", async (_, others, argument) => {
    const names = ["emea", "us", ...others];
    world = await startKeysWorld(Object.fromEntries(names.map((name) => [name, { accounts: [account(), account()] }])));
    await runHour(10, Object.fromEntries(names.map((name) => [name, {}])));

    await runHour(13, { emea: {} });

    expect(world.suggestedFixes).toEqual([expect.stringMatching(`: balances accounts retire ${argument}$`)]);
  });

  it("is not ended with all accounts of its former key if another one has moved to a list", async () => {
    const [left, moved] = [account(), account()];
    world = await startKeysWorld({ emea: { accounts: [account()] }, old: { accounts: [left, moved] }, us: {} });
    await runHour(10, { emea: {}, old: {} });

    await runHour(13, { emea: {}, us: { accounts: [moved.accountId] } }, { key: "emea" });

    expect(world.suggestedFixes).toEqual([expect.stringMatching(": balances accounts retire ID$")]);
  });

  it("that is no longer configured ends nothing: the run of the first key warns", async () => {
    const [emea, us] = [account(), account()];
    world = await startKeysWorld({ emea: { accounts: [emea] }, us: { accounts: [us] } });
    await runHour(10, { emea: {}, us: {} });

    await runHour(11, { emea: {} });
    const early = [...world.warnings];
    await runHour(13, { emea: {} });

    expect(early).toEqual([]);
    expect(world.warnings).toEqual([
      `emea: Accounts without a key: 1 account is served by no configured key, such as ${us.accountId}.`,
    ]);
    expect((await activityOf(us))?.periods).toEqual([{ since: slot(10), from: expect.any(Number) }]);
  });

  it("stays, with a warning, if the API lists the account for two keys", async () => {
    const [emea, us, both] = [account(), account(), account()];
    world = await startKeysWorld({ emea: { accounts: [emea, both] }, us: { accounts: [us, both] } });
    const configured = { emea: {}, us: {} };

    for (const hour of [10, 11, 12]) {
      await runHour(hour, configured, { key: "emea" });
      await runHour(hour, configured, { key: "us" });
    }

    expect((await activityOf(both))?.descriptions?.map(({ key }) => key)).toEqual(["emea", "us"]);
    const warning = `emea: Accounts of two keys: The API lists an account for the key emea that another key serves, such as ${both.accountId}.`;
    expect(world.warnings).toEqual([warning, warning]);
  });
});
