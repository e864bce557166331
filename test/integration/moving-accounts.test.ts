import { makeAccount, makeBalances } from "../support/accounts.ts";
import { afterEach, describe, expect, it } from "../support/jest.ts";
import { type KeysWorld, slotOfHour, startKeysWorld, type WorldKey } from "../support/world/keys-world.ts";

// Accounts that move from one API key to another at the API, or leave every key: what ends, what is a gap, and why.

const account = () => makeAccount(makeBalances(2));
type Account = ReturnType<typeof account>;
const HOURLY = { emea: {}, us: {} };

let world: KeysWorld;
afterEach(() => world.close());

const keyNamed = (name: string) => world.keys[name] as WorldKey;

/** Moves accounts at the API. @param to `undefined`: they are closed */
function move(accounts: readonly Account[], to: string | undefined): void {
  for (const key of Object.values(world.keys)) key.accounts = key.accounts.filter((one) => !accounts.includes(one));
  if (to !== undefined) keyNamed(to).accounts = [...keyNamed(to).accounts, ...accounts];
}

/** Runs the keys for some hours, one after the other, and returns the codes of the runs that failed as a whole. */
async function runHours(hours: readonly number[], configured: object, keys: readonly string[]): Promise<string[]> {
  const aborted = world.aborted.length;
  for (const hour of hours) {
    for (const key of keys) await world.runHour(hour, configured as typeof HOURLY, { key }).catch(() => {});
  }
  return world.aborted.slice(aborted);
}

const NO_KEY =
  "no_key: The API did not list the account for the key that had served it, and no other key had taken it over.";
const FOREVER = [{ since: slotOfHour(10), from: expect.any(Number) }];
const periodsOf = async (one: Account) => (await world.activityOf(one))?.periods;

describe("all accounts of a key that move to another key", () => {
  it.each([
    ["and the key before lists others", true, "all_accounts_ended"],
    ["and the key before lists nothing", false, "no_accounts"],
  ])("are taken over without a gap, an end or a retire: %s", async (_, listsOthers, code) => {
    const moving = [account(), account()];
    world = await startKeysWorld({ emea: { accounts: moving }, us: { accounts: [account()] } });
    await runHours([10], HOURLY, ["emea", "us"]);
    move(moving, "us");
    if (listsOthers) keyNamed("emea").accounts = [account()];

    const first = await runHours([11, 12], HOURLY, ["emea", "us"]);
    world.warnings.length = 0;
    const later = await runHours([13], HOURLY, ["emea", "us"]);

    expect(new Set(first)).toEqual(new Set([`emea: ${code}`]));
    expect(later).toEqual(listsOthers ? [] : ["emea: no_accounts"]);
    expect(world.warnings).toEqual([]);
    for (const one of moving) {
      expect(await periodsOf(one)).toEqual(FOREVER);
      expect([await world.keyOf(one), await world.gapsOf(one, 13)]).toEqual(["us", []]);
    }
  });

  it("do not end if the key before is that of another project, and stay with it if no other key lists them", async () => {
    const own = [account(), account()];
    world = await startKeysWorld({ emea: { accounts: own }, us: { accounts: [account()] } });
    await runHours([10], HOURLY, ["emea", "us"]);
    keyNamed("emea").accounts = [account()];

    const failed = await runHours([11, 12, 13], HOURLY, ["emea", "us"]);
    keyNamed("emea").accounts = own;
    await runHours([14], HOURLY, ["emea", "us"]);

    expect(failed).toEqual(Array(3).fill("emea: all_accounts_ended"));
    for (const one of own) {
      expect([await periodsOf(one), await world.keyOf(one)]).toEqual([FOREVER, "emea"]);
      expect((await world.activityOf(one))?.descriptions).toHaveLength(1);
    }
    expect(world.warnings).toEqual([]);
  });
});

describe("an account that moves at the API", () => {
  it("has a gap, and no end, while the runs of its new key fail", async () => {
    const order = ["emea", "us"];
    const [kept, moving] = [account(), account()];
    world = await startKeysWorld({ emea: { accounts: [kept, moving] }, us: { accounts: [account()] } });
    await runHours([10], HOURLY, order);
    move([moving], "us");
    keyNamed("us").revoked = true;

    const failed = await runHours([11, 12, 13], HOURLY, order);
    keyNamed("us").revoked = false;
    await runHours([14], HOURLY, order);

    expect(failed).toEqual(Array(3).fill("us: api_unauthorized"));
    expect([await periodsOf(moving), await world.keyOf(moving)]).toEqual([FOREVER, "us"]);
    const reason = expect.stringMatching(/ api_unauthorized: The key us, which may have to serve the account: .*401/);
    expect(await world.gapsOf(moving, 14)).toEqual(Array(3).fill(reason));
    expect(await world.statusOf(moving, 14)).toBe("complete");
  });
});

describe("an account that leaves every key", () => {
  it("ends with the first slot without it, after the other keys have listed their accounts", async () => {
    const [kept, gone] = [account(), account()];
    world = await startKeysWorld({ emea: { accounts: [kept, gone] }, us: { accounts: [account()] } });
    await runHours([10], HOURLY, ["emea", "us"]);
    move([gone], undefined);

    await runHours([11, 12], HOURLY, ["emea", "us"]);
    const [waiting, gaps] = [await periodsOf(gone), await world.gapsOf(gone, 12)];
    await runHours([13], HOURLY, ["emea", "us"]);

    expect([waiting, gaps]).toEqual([FOREVER, [`11 ${NO_KEY}`, `12 ${NO_KEY}`]]);
    expect(await periodsOf(gone)).toMatchObject([
      { until: slotOfHour(11), reason: "The API no longer lists the account, and does not find it." },
    ]);
    expect([await world.gapsOf(gone, 13), world.warnings, world.aborted]).toEqual([[], [], []]);
  });

  it("ends also if it never had a snapshot, and a retry of the slot with its first failure no longer lists it", async () => {
    const [kept, gone] = [account(), account()];
    world = await startKeysWorld({ emea: { accounts: [kept] }, us: { accounts: [account()] } });
    await runHours([10], HOURLY, ["emea", "us"]);
    keyNamed("emea").accounts = [kept, gone];
    world.cdp.addFault({ kind: "error", status: 404, on: { account: gone.accountId } });
    await runHours([11], HOURLY, ["emea"]);
    move([gone], undefined);

    await runHours([11, 12], HOURLY, ["emea", "us"]);
    const waiting = (await world.activityOf(gone))?.pendingSince;
    await runHours([13], HOURLY, ["emea", "us"]);

    expect(waiting).toBe(slotOfHour(11));
    expect(await world.activityOf(gone)).toMatchObject({ periods: [] });
    expect((await world.activityOf(gone))?.pendingSince).toBeUndefined();
  });

  it("ends with the same slot if the key that delayed its end is removed, and no other is left", async () => {
    const [kept, gone] = [account(), account()];
    world = await startKeysWorld({ emea: { accounts: [kept, gone] }, us: { accounts: [account()], revoked: true } });
    await runHours([10], HOURLY, ["emea"]);
    move([gone], undefined);
    await runHours([11, 12], HOURLY, ["emea", "us"]);

    await runHours([13], { emea: {} }, ["emea"]);

    expect(await periodsOf(gone)).toMatchObject([{ until: slotOfHour(11) }]);
    expect(await world.gapsOf(gone, 13)).toEqual([]);
  });

  it("does not end while it has snapshots", async () => {
    const [kept, gone] = [account(), account()];
    world = await startKeysWorld({ emea: { accounts: [kept, gone] }, us: { accounts: [account()] }, old: {} });
    await runHours([10], HOURLY, ["emea", "us"]);
    move([gone], "old");

    await runHours([11, 12], HOURLY, ["emea", "us"]);
    world.clock.advance(60_000);
    await world.invoke({ accounts: [gone.accountId] }, "old");
    await runHours([13, 14], HOURLY, ["emea", "us"]);
    const read = await periodsOf(gone);
    await runHours([15], HOURLY, ["emea", "us"]);

    expect(read).toEqual(FOREVER);
    expect(await periodsOf(gone)).toMatchObject([{ until: slotOfHour(13) }]);
  });
});

describe("an account of a key beside one with a configured list", () => {
  it("ends at once, because the other key can take over none", async () => {
    const [kept, gone, listed] = [account(), account(), account()];
    world = await startKeysWorld({ emea: { accounts: [kept, gone] }, us: { accounts: [listed], revoked: true } });
    const configured = { emea: {}, us: { accounts: [listed.accountId] } };
    await runHours([10], configured, ["emea", "us"]);
    move([gone], undefined);

    await runHours([11], configured, ["emea", "us"]);

    expect(await periodsOf(gone)).toMatchObject([{ until: slotOfHour(11) }]);
  });

  it("is taken over if the list no longer has it", async () => {
    const [kept, moving] = [account(), account()];
    world = await startKeysWorld({ emea: { accounts: [kept, moving] }, us: { accounts: [account(), moving] } });
    const listing = (...accounts: Account[]) => ({ emea: { accounts: accounts.map((one) => one.accountId) }, us: {} });
    await runHours([10], listing(kept, moving), ["emea", "us"]);

    await runHours([11, 12], listing(kept), ["emea", "us"]);

    expect([await periodsOf(moving), await world.keyOf(moving)]).toEqual([FOREVER, "us"]);
    expect(await world.gapsOf(moving, 12)).toEqual([]);
  });
});
