import { History } from "../../core/history/history.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { type TestClock, testClock } from "../support/clock.ts";
import { afterEach, beforeEach, describe, expect, it } from "../support/jest.ts";
import { composeTestJob } from "../support/world/job.ts";
import { startWorld, type World } from "../support/world/world.ts";

const SLOT = "2026-11-23T10:00:00.000Z";
const NEXT_SLOT = "2026-11-23T11:00:00.000Z";
const HOUR_MS = 3_600_000;
const SCHEDULE = { SNAPSHOT_SCHEDULE: "cron(0 * * * ? *)" };

let world: World;
let clock: TestClock;
let ids: string[];
beforeEach(async () => {
  const accounts = [makeAccount(makeBalances(2)), makeAccount(makeBalances(1)), makeAccount(makeBalances(1))];
  ids = accounts.map(({ accountId }) => accountId);
  clock = testClock("2026-11-23T10:00:01.000Z");
  world = await startWorld({ inMemory: true, accounts: () => accounts, clock });
});
afterEach(() => world.close());

/** Returns the code, the slot and the number of attempts of each gap, as `gaps` shows them. */
async function gapsOf(accountId: string): Promise<string[]> {
  const history = await History.load(world.reader, clock.now());
  const gaps: string[] = [];
  for await (const { slot, reason } of history.gaps(accountId, { from: Date.parse(SLOT), to: clock.now() })) {
    gaps.push(`${slot} ${reason.code} ${reason.attempts}`);
  }
  return gaps;
}

describe("a run whose time is over before its first account", () => {
  it("explains the gap of every account with one item, until a retry completes the slot", async () => {
    const job = composeTestJob(world, SCHEDULE, ids);
    await job.run({ scheduledTime: SLOT });
    clock.advance(HOUR_MS);
    const before = (await world.items()).length;

    const result = await job.run({ scheduledTime: NEXT_SLOT }, 0);

    expect(result).toMatchObject({ accounts: { failed: 3 }, snapshots: [], notReached: { count: 3 } });
    expect(await world.items()).toHaveLength(before + 1);
    for (const id of ids) expect(await gapsOf(id)).toEqual([`${NEXT_SLOT} not_reached 1`]);

    expect((await job.run({ scheduledTime: NEXT_SLOT })).accounts).toMatchObject({ complete: 3, failed: 0 });
    for (const id of ids) expect(await gapsOf(id)).toEqual([]);
  });
});

describe("a run whose table stops answering", () => {
  it("ends within its reserve, with the failed accounts, instead of waiting for the table", async () => {
    const job = composeTestJob(world, { ...SCHEDULE, RUN_RESERVE_SECONDS: "1" }, ids);
    world.aws.onCall(world.scope, async ({ action, input }) =>
      action === "dynamodb:PutItem" && input.Item.status?.S !== undefined ? "hang" : undefined,
    );

    const result = await job.run({ scheduledTime: SLOT }, 2_000);

    expect(result.accounts).toEqual({ complete: 0, alreadyComplete: 0, failed: 3 });
    for (const { error } of result.snapshots) expect(error?.message).toContain("The run had to end before it knew");
    expect(job.reported.coveredAll).toEqual([true]);
  });
});
