import { History } from "../../core/history/history.ts";
import type { SimulatedAccount } from "../../local/simulated-cdp/server.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { testClock } from "../support/clock.ts";
import { afterEach, describe, expect, it } from "../support/jest.ts";
import { AwsRefusal } from "../support/world/aws.ts";
import { composeTestJob, type TestJob } from "../support/world/job.ts";
import { startWorld, type World } from "../support/world/world.ts";

// The names of accounts: a run refreshes them once in a UTC day, after its snapshots.

const NOT_REFRESHED = "Names of accounts not refreshed";
const FORBIDDEN = { kind: "error", status: 403 } as const;
/** A time of November 2026. */
const at = (day: number, hour: number) => `2026-11-${day}T${String(hour).padStart(2, "0")}:00:00.000Z`;
const runAt = (day: number, hour: number) => ({ day, hour });

let world: World;
afterEach(() => world.close());

/** Starts a world with three accounts: Treasury, Operations and Payouts. */
async function startThree() {
  const clock = testClock(at(23, 0));
  const named = (name: string, type: string) => ({ ...makeAccount(makeBalances(1), type), name });
  const accounts = [named("Treasury", "prime"), named("Operations", "business"), named("Payouts", "cdp")];
  const [treasury = "", operations = "", payouts = ""] = accounts.map(({ accountId }) => accountId);
  world = await startWorld({ inMemory: true, accounts: () => accounts, clock });
  /** Runs scheduled slots, and returns what each reported: the failed accounts, the new warnings, and the paths of requests. */
  const run = async (job: TestJob, ...slots: { day: number; hour: number; event?: object }[]) => {
    const runs = [];
    for (const { day, hour, event } of slots) {
      clock.advance(Date.parse(at(day, hour)) + 1000 - clock.now());
      world.cdp.requests.length = job.reported.warnings.length = 0;
      const { accounts, ended } = await job.run({ scheduledTime: at(day, hour), ...event });
      const asked = world.cdp.requests.map(({ path }) => path.replace(/^\/platform\/v2\//, ""));
      const described = asked.filter((path) => !path.endsWith("/balances"));
      runs.push({ failed: accounts.failed, warnings: [...job.reported.warnings], asked: described, ended });
    }
    return runs;
  };
  return { clock, accounts, treasury, operations, payouts, ids: [treasury, operations, payouts], run };
}

/** Renames an account at the API. */
function rename(accounts: readonly SimulatedAccount[], accountId: string, name: string): void {
  const updatedAt = new Date(world.clock.now()).toISOString();
  for (const account of accounts) if (account.accountId === accountId) Object.assign(account, { name, updatedAt });
}

const historyOf = () => History.load(world.reader, world.clock.now());
const nameOf = async (accountId: string, day: number, hour: number) =>
  (await historyOf()).description(accountId, Date.parse(at(day, hour))).name;
const done = (...asked: string[]) => ({ failed: 0, warnings: [], asked, ended: undefined });

describe("the name of an account", () => {
  it("is that of its time: the next day's first run sees that it was renamed, without a further request", async () => {
    const { accounts, treasury, run } = await startThree();
    const job = composeTestJob(world);
    await run(job, runAt(23, 10));
    rename(accounts, treasury, "Treasury Zurich");

    const sameDay = await run(job, runAt(23, 11), runAt(23, 23));
    const before = await nameOf(treasury, 23, 23);
    const nextDay = await run(job, runAt(24, 0), runAt(24, 1));

    expect([...sameDay, ...nextDay]).toEqual(Array(4).fill(done("accounts")));
    expect(before).toBe("Treasury");
    expect([await nameOf(treasury, 23, 23), await nameOf(treasury, 24, 1)]).toEqual(["Treasury", "Treasury Zurich"]);
    expect((await historyOf()).description(treasury)).toMatchObject({ name: "Treasury Zurich", type: "prime" });
  });

  it("adds one event a day at most, however often the API changes it, and none if it is the same", async () => {
    const { accounts, treasury, run } = await startThree();
    const job = composeTestJob(world);
    for (const hour of [0, 10, 20]) {
      rename(accounts, treasury, `Name ${hour}`);
      await run(job, runAt(24, hour));
    }
    await run(job, runAt(25, 0), runAt(26, 0));

    const described = (await world.items()).filter(({ slot }) => slot?.S?.endsWith(" described"));

    expect(described.map(({ slot }) => slot?.S)).toEqual([expect.stringContaining(`${treasury} 2026-11-25T00:00:01`)]);
  });

  it("is kept if the API sends a malformed one, and is none if the API sends a blank one", async () => {
    const { treasury, operations, run, accounts } = await startThree();
    const job = composeTestJob(world);
    await run(job, runAt(23, 10));
    const [one, other] = accounts.map(({ balances: _, ...account }) => account);
    const listed = [
      { ...one, name: 7, type: "business" },
      { ...other, name: " " },
    ];
    world.cdp.addFault({ kind: "body", body: JSON.stringify({ accounts: listed }), on: { path: /accounts$/ } });

    await run(job, runAt(24, 10));

    const history = await historyOf();
    expect(history.description(treasury)).toMatchObject({ name: "Treasury", type: "business" });
    expect(history.description(operations)).toMatchObject({ name: undefined, type: "business" });
  });

  it("is known of an account that never had a snapshot", async () => {
    const { payouts, run } = await startThree();
    world.cdp.addFault({ ...FORBIDDEN, on: { account: payouts } });

    await run(composeTestJob(world), runAt(23, 10));

    expect((await historyOf()).activity(payouts)).toMatchObject({ periods: [], pendingSince: at(23, 10) });
    expect((await historyOf()).description(payouts).name).toBe("Payouts");
  });
});

describe("the names of configured accounts", () => {
  it("are asked for once a day, after the snapshots, with one page", async () => {
    const { ids, accounts, operations, run } = await startThree();
    const job = composeTestJob(world, {}, ids);

    const first = await run(job, runAt(23, 10), runAt(23, 11));
    const last = world.cdp.requests.length;
    rename(accounts, operations, "Ops");
    const next = await run(job, runAt(24, 10));

    expect([...first, ...next]).toEqual([done("accounts"), done(), done("accounts")]);
    expect(world.cdp.requests.at(-1)?.path).toBe("/platform/v2/accounts");
    expect(last).toBe(3);
    expect([await nameOf(operations, 23, 12), await nameOf(operations, 24, 12)]).toEqual(["Operations", "Ops"]);
  });

  it("are asked for again for a new account only, which is named at once", async () => {
    const { ids, treasury, operations, payouts, run } = await startThree();
    await run(composeTestJob(world, {}, [treasury, operations]), runAt(23, 10));

    const added = await run(composeTestJob(world, {}, ids), runAt(23, 11), runAt(23, 12));

    expect(added).toEqual([done(`accounts/${payouts}`), done()]);
    expect((await historyOf()).description(payouts).name).toBe("Payouts");
  });

  it("are not asked for in a dry run, nor if the event names accounts, and the next run asks", async () => {
    const { ids, treasury, run } = await startThree();
    const job = composeTestJob(world, {}, ids);

    const runs = await run(
      job,
      { ...runAt(23, 10), event: { dryRun: true } },
      { ...runAt(23, 11), event: { accounts: [treasury] } },
      runAt(23, 12),
    );

    expect(runs).toEqual([done(), done(), done("accounts")]);
  });

  it("without permission to list accounts are a warning once a day, and every snapshot is taken", async () => {
    const { ids, treasury, run } = await startThree();
    const job = composeTestJob(world, {}, ids);
    world.cdp.addFault({ ...FORBIDDEN, on: { path: /accounts$/ } });

    const warned = await run(job, runAt(23, 10), runAt(23, 11), runAt(23, 23), runAt(24, 10));
    const unknown = (await historyOf()).description(treasury);
    world.cdp.clearFaults();
    const named = await run(job, runAt(24, 11), runAt(25, 10));

    expect(warned.map(({ failed, warnings }) => [failed, ...warnings])).toEqual([
      [0, NOT_REFRESHED],
      [0],
      [0],
      [0, NOT_REFRESHED],
    ]);
    expect(unknown).toEqual({ accountId: treasury });
    expect(named).toEqual([done(), done("accounts")]);
    expect((await historyOf()).description(treasury).name).toBe("Treasury");
  });

  it.each([
    ["registers that names are refreshed", "names", "received"],
    ["has registered that names are refreshed", "names", "worked"],
    ["registers the first name", "described", "received"],
    ["has registered the first name", "described", "worked"],
  ] as const)("are those of the next day's run if a run is killed when it %s", async (_, put, when) => {
    const { ids, accounts, run } = await startThree();
    const job = composeTestJob(world, {}, ids);
    let killed = false;
    world.aws.onCall(world.scope, async ({ input }, phase) => {
      killed ||= phase === when && input.Item?.slot.S.endsWith(put);
      return killed ? new AwsRefusal("AccessDeniedException") : undefined;
    });

    const [first] = await run(job, runAt(23, 10));
    world.aws.onCall(world.scope, undefined);
    const [next] = await run(job, runAt(24, 10));

    const history = await historyOf();
    // Nothing is asked for before it is registered.
    expect(first).toEqual({ ...done(...(put === "names" ? [] : ["accounts"])), warnings: [NOT_REFRESHED] });
    expect([killed, next]).toEqual([true, done("accounts")]);
    for (const { accountId, name, type, owner } of accounts) {
      expect(history.description(accountId)).toEqual({ accountId, name, type, owner });
    }
  });

  it("are those of the accounts that the API finds, and an account without a name has none", async () => {
    const { accounts, treasury, run } = await startThree();
    accounts.splice(0, accounts.length, Object.assign(makeAccount(makeBalances(1)), { name: " " }));
    const [{ accountId, type, owner } = makeAccount()] = accounts;

    await run(composeTestJob(world, {}, [accountId, treasury]), runAt(23, 10));

    expect((await historyOf()).description(accountId)).toMatchObject({ name: undefined, type, owner });
    expect((await historyOf()).description(treasury)).toEqual({ accountId: treasury });
  });
});
