import { makeAccount, makeBalances } from "../support/accounts.ts";
import { afterEach, describe, expect, it } from "../support/jest.ts";
import { type KeysWorld, slotOfHour, startKeysWorld, type WorldKey } from "../support/world/keys-world.ts";

// Which of several API keys serves an account: from when, until when, and what a run of another key leaves alone.

const account = () => makeAccount(makeBalances(1));
const HOURLY = { emea: {}, us: {} };

let world: KeysWorld;
afterEach(() => world.close());

const SINCE_TEN = [{ since: slotOfHour(10), from: expect.any(Number) }];
const keyNamed = (name: string) => world.keys[name] as WorldKey;

describe("an account that the API lists for two keys", () => {
  it("stays with its key, with a warning", async () => {
    const [emea, us, both] = [account(), account(), account()];
    world = await startKeysWorld({ emea: { accounts: [emea, both] }, us: { accounts: [us, both] } });
    await world.runHour(10, HOURLY, { key: "emea" });

    for (const hour of [11, 1000]) await world.runHour(hour, HOURLY);

    expect((await world.activityOf(both))?.descriptions?.map(({ key }) => key)).toEqual(["emea"]);
    const warning = `us: Accounts of two keys: The API lists ${both.accountId} for the key us, but another key serves it.`;
    expect(world.warnings).toEqual(Array(2).fill(warning));
  });

  it("moves to the other key without an end if the run of its own key gives it up meanwhile", async () => {
    const [emea, us, both] = [account(), account(), account()];
    world = await startKeysWorld({ emea: { accounts: [emea, both] }, us: { accounts: [us, both] } });
    await world.runHour(10, HOURLY, { key: "emea" });
    keyNamed("emea").accounts = [emea];
    let isFirst = true;
    world.aws.onCall(world.scope, async ({ action, input }, phase) => {
      const isSnapshot = action === "dynamodb:PutItem" && JSON.stringify(input).includes(`{"S":"${both.accountId}"}`);
      if (!isSnapshot || phase !== "received" || !isFirst) return undefined;
      isFirst = false;
      await world.runHour(11, HOURLY, { key: "emea" });
      return undefined;
    });

    await world.runHour(11, HOURLY, { key: "us" });
    const between = await world.keyOf(both);
    await world.runHour(12, HOURLY);

    expect([isFirst, between, await world.keyOf(both)]).toEqual([false, undefined, "us"]);
    expect((await world.activityOf(both))?.periods).toEqual(SINCE_TEN);
  });
});

describe("the key of an account", () => {
  it("is registered by the first run after the configuration moved the account", async () => {
    const [kept, moving] = [account(), account()];
    world = await startKeysWorld({ emea: { accounts: [kept, moving] }, us: { accounts: [moving] } });
    await world.runHour(10, { emea: { accounts: [kept.accountId, moving.accountId] } });

    const after = { emea: { accounts: [kept.accountId] }, us: { accounts: [moving.accountId] } };
    for (const hour of [11, 12]) await world.runHour(hour, after);

    expect((await world.activityOf(moving))?.periods).toEqual(SINCE_TEN);
    expect(await world.keyOf(moving)).toBe("us");
    expect([await world.statusOf(moving, 11), await world.statusOf(moving, 12)]).toEqual(["complete", "complete"]);
    expect(world.warnings).toEqual([]);
  });

  it("follows a change from one key to several and back, without a warning or an end", async () => {
    const [emea, us] = [account(), account()];
    world = await startKeysWorld({ emea: { accounts: [emea, us] }, us: { accounts: [us] } });
    const several = { emea: { accounts: [emea.accountId] }, us: {} };
    const keys: unknown[] = [];
    const note = async () => keys.push(await Promise.all([emea, us].map(world.keyOf)));

    await world.runHour(10, "emea");
    await world.runHour(11, several, { key: "emea" });
    await note();
    await world.runHour(11, several, { key: "us" });
    await world.runHour(12, several);
    await note();
    await world.runHour(13, "emea");
    await note();

    expect(keys).toEqual([
      ["emea", undefined],
      ["emea", "us"],
      [undefined, undefined],
    ]);
    for (const one of [emea, us]) expect((await world.activityOf(one))?.periods).toEqual(SINCE_TEN);
    expect(world.warnings).toEqual([]);
  });

  it("does not make a manual run without a name fail for the accounts that this key does not list", async () => {
    const [emea, us] = [account(), account()];
    world = await startKeysWorld({ emea: { accounts: [emea] }, us: { accounts: [us] } });
    await world.runHour(10, HOURLY);
    world.clock.advance(60_000);

    const result = await world.invoke({}, "us");

    expect(result.accounts).toEqual({ complete: 1, alreadyComplete: 0, failed: 0 });
    expect(await world.reader.failedRuns({ from: 0, to: world.clock.now() })).toEqual([]);
    expect((await world.activityOf(emea))?.periods).toEqual(SINCE_TEN);
  });

  it("does not change with a manual run that fails, also if the account has ended", async () => {
    const [kept, gone] = [account(), account()];
    world = await startKeysWorld({ emea: { accounts: [kept, gone] }, us: { accounts: [gone] } });
    await world.runHour(10, { emea: { accounts: [kept.accountId, gone.accountId] } });
    await world.runHour(11, { emea: { accounts: [kept.accountId] } });
    world.cdp.addFault({ kind: "error", status: 404, on: { account: gone.accountId } });

    await world.invoke({}, { us: {} }).catch(() => {});

    const activity = await world.activityOf(gone);
    expect(activity?.pendingSince).toBeDefined();
    expect(new Set(activity?.descriptions?.map(({ key }) => key))).toEqual(new Set(["emea"]));
  });

  it.each([
    ["is revoked and serves others", "api_unauthorized", true],
    ["has no value yet", "key_not_stored", false],
  ])("explains the gaps of an account that the configuration gives to a key that %s", async (_, code, servesOthers) => {
    const [kept, moving, other] = [account(), account(), account()];
    world = await startKeysWorld({ emea: { accounts: [kept, moving] }, us: { accounts: [moving, other] } });
    const others = servesOthers ? [other.accountId] : [];
    const usBefore = servesOthers ? { us: { accounts: others } } : {};
    await world.runHour(10, { emea: { accounts: [kept.accountId, moving.accountId] }, ...usBefore });
    const after = { emea: { accounts: [kept.accountId] }, us: { accounts: [moving.accountId, ...others] } };
    if (servesOthers) keyNamed("us").revoked = true;
    else world.aws.secrets.set("us", undefined);

    await expect(world.runHour(11, after)).rejects.toThrow(/^1 of 2 keys failed/);
    await world.runHour(12, after, { key: "emea" });

    expect((await world.gapsOf(moving, 12)).map((gap) => gap.split(":")[0])).toEqual([`11 ${code}`, "12 not_run"]);
  });
});

describe("a key that is no longer configured", () => {
  it("ends no account: the run of the first key warns once each key has had a run", async () => {
    world = await startKeysWorld({ emea: { accounts: [account()] }, us: { accounts: [account()] } });
    await world.runHour(10, HOURLY);
    const [{ accountId = "" } = {}] = keyNamed("us").accounts;

    await world.runHour(11, { emea: {} });
    const early = [...world.warnings];
    await world.runHour(13, { emea: {} });

    expect(early).toEqual([]);
    expect(world.warnings).toEqual([`emea: Accounts without a key: No configured key serves ${accountId}.`]);
    expect((await world.activityOf({ accountId }))?.periods).toEqual(SINCE_TEN);
    expect(world.suggestedFixes).toEqual([expect.stringMatching(": balances accounts retire --key us$")]);
  });

  it.each([
    ["another one is gone, too", { us: {}, prime: {} }, {}],
    ["one of its accounts has moved to a list", { us: {} }, { prime: {} }],
  ])("has its accounts ended one by one if %s", async (_, gone, left) => {
    const moved = account();
    world = await startKeysWorld({
      emea: { accounts: [account()] },
      us: { accounts: [account(), moved] },
      prime: { accounts: "prime" in gone ? [account()] : [moved] },
    });
    await world.runHour(10, { emea: {}, ...gone });

    const listed = "prime" in left ? { prime: { accounts: [moved.accountId] } } : {};
    await world.runHour(13, { emea: {}, ...listed }, { key: "emea" });

    expect(world.suggestedFixes).toEqual([expect.stringMatching(": balances accounts retire ID$")]);
  });
});
