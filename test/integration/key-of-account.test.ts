import { type AccountActivity, keyOf } from "../../core/domain/account-activity.ts";
import { History } from "../../core/history/history.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { afterEach, describe, expect, it } from "../support/jest.ts";
import { type KeysWorld, slotOfHour, startKeysWorld, type WorldKey } from "../support/world/keys-world.ts";

// Which of several API keys serves an account: from when, until when, and what a run of another key leaves alone.

const account = () => makeAccount(makeBalances(2));

let world: KeysWorld;
afterEach(() => world.close());

describe("the key of an account", () => {
  it("can change without an end, also if the run of the key before is first", async () => {
    const moving = account();
    world = await startKeysWorld({ emea: { accounts: [account(), moving] }, us: { accounts: [account()] } });
    const configured = { emea: {}, us: {} };
    await world.runHour(10, configured);
    for (const [name, key] of Object.entries(world.keys)) {
      key.accounts = name === "us" ? [...key.accounts, moving] : key.accounts.filter((one) => one !== moving);
    }

    await world.runHour(11, configured, { key: "emea" });
    const between = await world.activityOf(moving);
    await world.runHour(11, configured, { key: "us" });

    expect(between?.periods).toEqual([{ since: slotOfHour(10), from: expect.any(Number) }]);
    expect(between?.descriptions?.at(-1)).toMatchObject({ key: undefined, noKeySince: slotOfHour(11) });
    const after = await world.activityOf(moving);
    expect(after?.periods).toEqual([{ since: slotOfHour(10), from: expect.any(Number) }]);
    expect(after && keyOf(after)).toBe("us");
    expect(await world.statusOf(moving, 11)).toBe("complete");
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
    await world.runHour(10, before);

    await world.runHour(11, after);
    await world.runHour(12, after);

    const activity = await world.activityOf(moving);
    expect(activity?.periods).toMatchObject([{ since: slotOfHour(10) }]);
    expect(activity?.periods[0]).not.toHaveProperty("until");
    expect(activity && keyOf(activity)).toBe("us");
    expect([await world.statusOf(moving, 11), await world.statusOf(moving, 12)]).toEqual(["complete", "complete"]);
    expect(world.warnings).toEqual([]);
  });

  it("follows a change from one key to several and back, without a warning or an end", async () => {
    const [emea, us] = [account(), account()];
    world = await startKeysWorld({ emea: { accounts: [emea, us] }, us: { accounts: [us] } });
    const several = { emea: { accounts: [emea.accountId] }, us: {} };

    await world.runHour(10, "emea");
    await world.runHour(11, several, { key: "emea" });
    const between = await Promise.all([emea, us].map(world.activityOf));
    await world.runHour(11, several, { key: "us" });
    await world.runHour(12, several);
    const during = await Promise.all([emea, us].map(world.activityOf));
    await world.runHour(13, "emea");
    const after = await Promise.all([emea, us].map(world.activityOf));

    const keysOf = (activities: readonly (AccountActivity | undefined)[]) => activities.map((one) => one && keyOf(one));
    expect([between, during, after].map(keysOf)).toEqual([
      ["emea", undefined],
      ["emea", "us"],
      [undefined, undefined],
    ]);
    expect(after.map((one) => one?.periods)).toEqual(
      Array(2).fill([{ since: slotOfHour(10), from: expect.any(Number) }]),
    );
    expect(world.warnings).toEqual([]);
  });

  it("does not change with a manual run, whichever key it uses", async () => {
    const account = makeAccount(makeBalances(2));
    world = await startKeysWorld({ emea: { accounts: [account] }, us: { accounts: [account] } });
    await world.runHour(10, { emea: {}, us: { accounts: [makeAccount([]).accountId] } }, { key: "emea" });

    for (const [event, configured] of [
      [{}, "us"],
      [{}, { us: {} }],
      [{ accounts: [account.accountId] }, { us: { accounts: [account.accountId] } }],
    ] as const) {
      world.clock.advance(60_000);
      await world.invoke(event, configured);
    }

    const activity = await world.activityOf(account);
    expect(activity?.descriptions?.map(({ key }) => key)).toEqual(["emea"]);
  });

  it("does not make a manual run without a name fail for the accounts that this key does not list", async () => {
    const [emea, us] = [account(), account()];
    world = await startKeysWorld({ emea: { accounts: [emea] }, us: { accounts: [us] } });
    await world.runHour(10, { emea: {}, us: {} });
    world.clock.advance(60_000);

    const result = await world.invoke({}, "us");

    expect(result.accounts).toEqual({ complete: 1, alreadyComplete: 0, failed: 0 });
    expect(await world.reader.failedRuns({ from: 0, to: world.clock.now() })).toEqual([]);
    expect((await world.activityOf(emea))?.periods).toEqual([{ since: slotOfHour(10), from: expect.any(Number) }]);
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

  it.each<[string, string | undefined, boolean]>([
    ["is revoked and has served no account yet", "api_unauthorized", false],
    ["is revoked and serves others", "api_unauthorized", true],
    ["has no value yet", "key_not_stored", false],
  ])("explains the gaps of an account that the configuration gives to a key that %s", async (_, code, servesOthers) => {
    const [kept, moving, other] = [account(), account(), account()];
    world = await startKeysWorld({ emea: { accounts: [kept, moving] }, us: { accounts: [moving, other] } });
    const others = servesOthers ? [other.accountId] : [];
    const usBefore = servesOthers ? { us: { accounts: others } } : {};
    await world.runHour(10, { emea: { accounts: [kept.accountId, moving.accountId] }, ...usBefore });
    const after = { emea: { accounts: [kept.accountId] }, us: { accounts: [moving.accountId, ...others] } };
    if (code === "key_not_stored") world.aws.secrets.set("us", undefined);
    else (world.keys["us"] as WorldKey).revoked = true;

    await expect(world.runHour(11, after)).rejects.toThrow(/^1 of 2 keys failed/);
    await world.runHour(12, after, { key: "emea" });

    const history = await History.load(world.reader, Date.parse(slotOfHour(13)));
    const gaps: string[] = [];
    const range = { from: Date.parse(slotOfHour(10)), to: Date.parse(slotOfHour(12)) };
    for await (const { slot, reason } of history.gaps(moving.accountId, range)) gaps.push(`${slot} ${reason.code}`);
    expect(gaps).toEqual([`${slotOfHour(11)} ${code}`, `${slotOfHour(12)} not_run`]);
  });

  it.each([
    ["all accounts of a key that is gone at once", [], "--key us"],
    ["accounts of several keys one by one", ["prime"], "ID"],
  ])("that is no longer configured is ended by retire: %s", async (_, others, argument) => {
    const names = ["emea", "us", ...others];
    world = await startKeysWorld(Object.fromEntries(names.map((name) => [name, { accounts: [account(), account()] }])));
    await world.runHour(10, Object.fromEntries(names.map((name) => [name, {}])));

    await world.runHour(13, { emea: {} });

    expect(world.suggestedFixes).toEqual([expect.stringMatching(`: balances accounts retire ${argument}$`)]);
  });

  it("is not ended with all accounts of its former key if another one has moved to a list", async () => {
    const [left, moved] = [account(), account()];
    world = await startKeysWorld({ emea: { accounts: [account()] }, old: { accounts: [left, moved] }, us: {} });
    await world.runHour(10, { emea: {}, old: {} });

    await world.runHour(13, { emea: {}, us: { accounts: [moved.accountId] } }, { key: "emea" });

    expect(world.suggestedFixes).toEqual([expect.stringMatching(": balances accounts retire ID$")]);
  });

  it("that is no longer configured ends nothing: the run of the first key warns", async () => {
    const [emea, us] = [account(), account()];
    world = await startKeysWorld({ emea: { accounts: [emea] }, us: { accounts: [us] } });
    await world.runHour(10, { emea: {}, us: {} });

    await world.runHour(11, { emea: {} });
    const early = [...world.warnings];
    await world.runHour(13, { emea: {} });

    expect(early).toEqual([]);
    expect(world.warnings).toEqual([`emea: Accounts without a key: No configured key serves ${us.accountId}.`]);
    expect((await world.activityOf(us))?.periods).toEqual([{ since: slotOfHour(10), from: expect.any(Number) }]);
  });
});
