import { keyOf } from "../../core/domain/account-activity.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { afterEach, describe, expect, it } from "../support/jest.ts";
import { type KeysWorld, slotOfHour, startKeysWorld, type WorldKey } from "../support/world/keys-world.ts";

// Accounts that the API lists for two keys, for ever or for a time: they stay with their key, and move without a break.

const account = () => makeAccount(makeBalances(2));

let world: KeysWorld;
afterEach(() => world.close());

describe("the key of an account that the API lists for two keys", () => {
  it.each([
    ["one after the other", true],
    ["at the same time", false],
  ])(
    "stays, with a warning, as long as the API lists the account for it and for another one: runs %s",
    async (_, inTurn) => {
      const [emea, us, both] = [account(), account(), account()];
      world = await startKeysWorld({ emea: { accounts: [emea, both] }, us: { accounts: [us, both] } });
      const configured = { emea: {}, us: {} };
      await world.runHour(10, configured, { key: "emea" });

      for (const hour of [11, 200, 1000]) {
        for (const event of inTurn ? [{ key: "us" }, { key: "emea" }] : [{}])
          await world.runHour(hour, configured, event);
      }

      expect((await world.activityOf(both))?.descriptions?.map(({ key }) => key)).toEqual(["emea"]);
      const warning = `us: Accounts of two keys: The API lists ${both.accountId} for the key us, but another key serves it.`;
      expect(world.warnings).toEqual(Array(3).fill(warning));
    },
  );

  it.each([
    ["the run of the key before is first", ["emea", "us"]],
    ["the run of the other key is first", ["us", "emea"]],
  ])("changes without a break if its key loses the account for good: %s", async (_, order) => {
    const [emea, us, both] = [account(), account(), account()];
    world = await startKeysWorld({ emea: { accounts: [emea, both] }, us: { accounts: [us, both] } });
    const configured = { emea: {}, us: {} };
    await world.runHour(10, configured, { key: "emea" });
    (world.keys["emea"] as WorldKey).accounts = [emea];

    for (const hour of [11, 12, 13]) for (const key of order) await world.runHour(hour, configured, { key });

    const activity = await world.activityOf(both);
    expect(activity?.periods).toEqual([{ since: slotOfHour(10), from: expect.any(Number) }]);
    expect(activity && keyOf(activity)).toBe("us");
    expect(world.warnings.filter((warning) => !warning.startsWith("us: Accounts of two keys"))).toEqual([]);
    expect(world.warnings.length).toBeLessThan(2);
  });

  it("changes without a break if the run of the key before gives up the account during that of the other key", async () => {
    const [emea, us, both] = [account(), account(), account()];
    world = await startKeysWorld({ emea: { accounts: [emea, both] }, us: { accounts: [us, both] } });
    const configured = { emea: {}, us: {} };
    await world.runHour(10, configured, { key: "emea" });
    (world.keys["emea"] as WorldKey).accounts = [emea];
    let isFirst = true;
    world.aws.onCall(world.scope, async ({ action, input }, phase) => {
      const isSnapshot = action === "dynamodb:PutItem" && JSON.stringify(input).includes(`{"S":"${both.accountId}"}`);
      if (!isSnapshot || phase !== "received" || !isFirst) return undefined;
      isFirst = false;
      await world.runHour(11, configured, { key: "emea" });
      return undefined;
    });

    await world.runHour(11, configured, { key: "us" });

    expect(isFirst).toBe(false);
    const between = await world.activityOf(both);
    await world.runHour(12, configured);
    const activity = await world.activityOf(both);
    expect(activity?.periods).toEqual([{ since: slotOfHour(10), from: expect.any(Number) }]);
    expect([between, activity].map((one) => one && keyOf(one))).toEqual([undefined, "us"]);
  });

  it("ends an account after its last snapshot if a retry has given it up and no other key has taken it over", async () => {
    const [emea, us, gone] = [account(), account(), account()];
    world = await startKeysWorld({ emea: { accounts: [emea, gone] }, us: { accounts: [us] } });
    const configured = { emea: {}, us: {} };
    for (const hour of [10, 11]) await world.runHour(hour, configured);
    (world.keys["emea"] as WorldKey).accounts = [emea];

    for (const hour of [11, 12, 13]) await world.runHour(hour, configured);

    expect((await world.activityOf(gone))?.periods).toMatchObject([{ until: "2026-11-23T11:00:05.000Z" }]);
    expect(world.warnings).toEqual([]);
  });
});
