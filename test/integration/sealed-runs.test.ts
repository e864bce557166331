import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import type { RunResult } from "../../core/domain/run-result.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { verifyAccount } from "../../core/integrity/verify.ts";
import { ENV } from "../../core/names/environment.ts";
import { ChainReader } from "../../core/table/chain-reader.ts";
import { Table } from "../../core/table/table.ts";
import { makeAccount, makeBalance } from "../support/accounts.ts";
import { type TestClock, testClock } from "../support/clock.ts";
import { afterEach, describe, expect, it } from "../support/jest.ts";
import { entriesOf, nth, type RawItem, resealed, snapshotsOf } from "../support/tampering.ts";
import { composeTestJob, type TestJob } from "../support/world/job.ts";
import { startWorld, type World } from "../support/world/world.ts";

// Whether the job notices, and does not cover up, what was done to its snapshots and chain between two runs.

const MINUTE = 60_000;
const START = Date.parse("2026-11-23T10:00:00.000Z");
const account = makeAccount([makeBalance("btc", "1.5", "90000.25"), makeBalance("eth", "7", "21000")]);
const { accountId } = account;

let world: World;
afterEach(() => world.close());

interface Runs {
  readonly job: TestJob;
  readonly clock: TestClock;
  /** Takes the next snapshots. Returns the result of the last one. */
  run(count?: number): Promise<RunResult>;
}

/** Takes eight snapshots. */
async function takeEight(minutes: number, schedule: string): Promise<Runs> {
  const clock = testClock(slotAt(START + 1000));
  world = await startWorld({ inMemory: true, accounts: () => [account], clock });
  const env = { [ENV.schedule]: schedule, [ENV.latenessLimitSeconds]: String(minutes * 60) };
  const job = composeTestJob(world, env);
  let taken = 0;
  const run = async (count = 1): Promise<RunResult> => {
    const slot = START + taken++ * minutes * MINUTE;
    clock.advance(slot + 1000 - clock.now());
    const result = await job.run({ scheduledTime: slotAt(slot) });
    return count > 1 ? run(count - 1) : result;
  };
  await run(8);
  return { job, clock, run };
}

/** Deletes the last entries, and replaces the second-to-last snapshot. */
async function forge(entries: number, change: (snapshot: RawItem) => RawItem): Promise<void> {
  const items = await world.items();
  for (const { account = { S: "" }, slot = { S: "" } } of entriesOf(items, accountId).slice(8 - entries)) {
    await world.table.send(new DeleteItemCommand({ TableName: world.scope, Key: { account, slot } }));
  }
  await world.put([change(nth(snapshotsOf(items, accountId), 7))]);
}

const richer = (snapshot: RawItem): RawItem => ({
  ...snapshot,
  balances: { M: { ...snapshot["balances"]?.M, btc: { S: "1000 90000.25" } } },
});
const unsealed = ({ digest: _, ...snapshot }: RawItem): RawItem => richer(snapshot as RawItem);

async function findings(clock: TestClock): Promise<string[]> {
  const reader = new ChainReader(new Table(world.table, world.scope));
  const { accounts: activities, schedules } = await reader.catalog();
  const facts = { activity: activities.get(accountId), schedules, anchors: [], now: clock.now() };
  return (await verifyAccount(reader, accountId, facts)).findings.map(({ code }) => code);
}

const HOURLY = [60, "cron(0 * * * ? *)"] as const;
const FREQUENT = [5, "cron(0/5 * * * ? *)"] as const;

describe("a snapshot without a digest", () => {
  it.each([
    ["the last three", 3],
    ["all", 8],
  ])("is a finding, and is not chained, after %s entries were deleted", async (_, entries) => {
    const { job, clock, run } = await takeEight(...FREQUENT);
    await forge(entries, unsealed);

    const before = await findings(clock);
    await run();
    const after = await findings(clock);

    expect(before).toContain("snapshot_unreadable");
    expect(after).toContain("snapshot_unreadable");
    expect(job.reported.warnings).toEqual(["Snapshot not chained"]);
    const chained = entriesOf(await world.items(), accountId).map(({ forSlot }) => forSlot?.S);
    expect(chained).not.toContain(slotAt(START + 6 * 5 * MINUTE));
  });
});

describe("entries that were deleted, with a snapshot that was altered and sealed again", () => {
  it("remain a finding after the next run has chained the forgery", async () => {
    const { clock, run } = await takeEight(...HOURLY);
    await forge(3, (snapshot) => resealed(richer(snapshot)));

    const before = await findings(clock);
    await run(3);
    const after = await findings(clock);

    expect(before).toEqual(["not_chained", "not_chained_yet"]);
    expect(after).toEqual(["chained_late"]);
  });

  it.each([
    ["the last three", 3, 4],
    ["all", 8, 9],
  ])("are reported by the run that appends more than two: %s", async (_, entries, chained) => {
    const { job, run } = await takeEight(...FREQUENT);
    await forge(entries, (snapshot) => resealed(richer(snapshot)));

    const { snapshots } = await run();
    const next = await run();

    expect(snapshots).toMatchObject([{ accountId, outcome: "complete", chained }]);
    expect(job.reported.warnings).toEqual(["Missing entries chained"]);
    expect(next.snapshots[0]).not.toHaveProperty("chained");
  });
});

describe("a run that was killed before it appended its entry", () => {
  it("is no finding, and the next run reports nothing", async () => {
    const { job, clock, run } = await takeEight(...HOURLY);
    await forge(1, (snapshot) => snapshot);

    const before = await findings(clock);
    const { snapshots } = await run();
    const after = await findings(clock);

    expect([before, after]).toEqual([["not_chained_yet"], []]);
    expect(snapshots[0]).not.toHaveProperty("chained");
    expect(job.reported.warnings).toEqual([]);
  });
});

describe("a previous snapshot that does not match its digest", () => {
  it("costs no snapshot, raises a warning, and is not compared with", async () => {
    const { job, run } = await takeEight(...HOURLY);
    const last = nth(snapshotsOf(await world.items(), accountId), 8);
    await world.put([{ ...last, balances: { M: { ...last["balances"]?.M, doge: { S: "1" } } }, assets: { N: "3" } }]);

    const { snapshots } = await run();

    expect(snapshots).toMatchObject([{ outcome: "complete", assets: 2 }]);
    expect(snapshots[0]).not.toHaveProperty("notices");
    expect(job.reported.warnings).toEqual(["Previous snapshot not readable; the walk is not compared with it"]);
  });
});
