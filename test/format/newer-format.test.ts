import { ENV } from "../../core/names/environment.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { testClock } from "../support/clock.ts";
import { runBalances } from "../support/history-cli.ts";
import { afterEach, beforeEach, describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";
import { entriesOf, entryFor, resealed, snapshotsOf } from "../support/tampering.ts";
import { composeTestJob } from "../support/world/job.ts";
import { type Item, startWorld, type World } from "../support/world/world.ts";
import { kindOf } from "./format-page.ts";

// A newer version of the program has written some items. This one says so, and records what it can: see ADR 32.

const FROM = Date.parse("2026-11-23T10:00:00.000Z");
const slotOf = (hour: number) => new Date(FROM + hour * 3_600_000).toISOString();
const NEWER = /has format 2\. A newer version of this program wrote it; this one reads up to format 1\./;

let world: World;
const account = makeAccount(makeBalances(3));
const clock = testClock(slotOf(0));
let hour = 0;
beforeEach(async () => {
  hour = 0;
  clock.advance(FROM - clock.now());
  world = await startWorld({ inMemory: true, accounts: () => [account], clock });
  await runNext();
});
afterEach(() => world.close());

/** Runs the next hour's slot. */
async function runNext() {
  hour++;
  clock.advance(FROM + hour * 3_600_000 + 5000 - clock.now());
  const job = composeTestJob(world, { [ENV.schedule]: "cron(0 * * * ? *)" });
  const result = await job.run({ scheduledTime: slotOf(hour) });
  return { result, warnings: job.reported.warnings };
}

const balances = (...args: string[]) =>
  runBalances([...args, "--table", world.scope], newFolder(), world.env, clock.now() + 60_000);

/** Gives the items of a kind the format 2, and another change that a newer version could make. */
async function renew(kind: string, change: Item = {}): Promise<void> {
  const items = (await world.items()).filter((item) => kindOf(item) === kind);
  expect(items).not.toEqual([]);
  await world.put(items.map((item) => ({ ...item, schemaVersion: { N: "2" }, ...change })));
}

/** Puts a record of the next slot, as a newer version would. */
const putNext = (item: Item) =>
  world.put([{ account: { S: account.accountId }, slot: { S: slotOf(hour + 1) }, schemaVersion: { N: "2" }, ...item }]);

const statusOfSlot = async () => (await world.findRecord(account.accountId, slotOf(hour)))?.status;

describe("a run", () => {
  it.each<[string, Item]>([
    ["that a newer version wrote", { why: { S: "in words that only version 2 knows" } }],
    ["that is damaged", { schemaVersion: { N: "1" }, code: { N: "7" } }],
  ])("replaces a failed attempt at its slot %s by a snapshot", async (_, item) => {
    await putNext({ status: { S: "failed" }, ...item });

    const { result } = await runNext();

    expect(result).toMatchObject({ accounts: { complete: 1, failed: 0 } });
    expect(await statusOfSlot()).toBe("complete");
  });

  it("keeps a newer snapshot of its slot, and fails", async () => {
    const item = { status: { S: "complete" }, held: { S: "in a form that only version 2 knows" } };
    await putNext(item);

    const { result } = await runNext();

    expect(result).toMatchObject({
      accounts: { complete: 0, failed: 1 },
      snapshots: [{ error: { code: "item_unreadable", message: expect.stringMatching(NEWER) } }],
    });
    const stored = (await world.items()).find(({ slot, status }) => slot?.S === slotOf(hour) && status !== undefined);
    expect(stored).toMatchObject(item);
  });

  it.each([
    ["Snapshot", ["Previous snapshot not readable; the walk is not compared with it"]],
    ["Chain entry", []],
    ["Account event", ["Catalog incomplete"]],
    ["Assets", ["Catalog incomplete"]],
    ["Schedule", ["Catalog incomplete"]],
    ["Names refresh", ["Catalog incomplete"]],
  ])("takes and chains its snapshot although a %s is newer", async (kind, expected) => {
    await renew(kind);

    const { result, warnings } = await runNext();

    expect(result).toMatchObject({ accounts: { complete: 1, failed: 0 } });
    expect(warnings).toEqual(expected);
    const chain = (await world.items()).filter((item) => kindOf(item) === "Chain entry");
    expect(chain.map(({ forSlot }) => forSlot?.S)).toEqual([slotOf(1), slotOf(2)]);
  });

  it("takes its snapshot although a failed run of its slot is newer", async () => {
    const id = "00000000-0000-4000-8000-000000000001";
    await world.put([{ account: { S: "runs" }, slot: { S: `${slotOf(hour + 1)}#${id}` }, schemaVersion: { N: "2" } }]);

    const { result, warnings } = await runNext();

    expect(result).toMatchObject({ accounts: { complete: 1, failed: 0 } });
    expect(warnings).toEqual([expect.stringMatching(/^Failed runs of the slot not readable/)]);
  });
});

describe("a command", () => {
  it("does not show a newer snapshot, and says why", async () => {
    await renew("Snapshot");

    const ended = await balances("latest");

    expect(ended).toMatchObject({ code: expect.any(Number), stdout: "" });
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toMatch(NEWER);
    expect(ended.stderr).toContain("Update this program.");
  });

  it("names a newer item of the catalog, and does not suggest to delete it", async () => {
    await renew("Assets", { assets: { S: "in a form that only version 2 knows" } });

    const ended = await balances("latest", "--format", "table");

    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain("a0");
    expect(ended.stderr).toMatch(NEWER);
    expect(ended.stderr).not.toMatch(/delete/);
  });

  it("ignores attributes and partitions that a later version may add to this format", async () => {
    const items = await world.items();
    const before = await balances("latest");
    const [snapshot] = snapshotsOf(items, account.accountId) as [Item];
    const [entry] = entriesOf(items, account.accountId) as [Item];
    const later = { later: { M: { x: { L: [{ N: "1" }] } } } };
    const extended = resealed({ ...snapshot, ...later });
    const others = items.filter((item) => item !== snapshot && item !== entry).map((item) => ({ ...item, ...later }));
    const partition = { account: { S: `${account.accountId}#later` }, slot: { S: slotOf(1) }, ...later };
    await world.put([extended, entryFor(extended, { ...entry, ...later }), ...others, partition]);

    const [after, verified] = [await balances("latest"), await balances("verify")];

    expect(after).toMatchObject({ code: 0, stdout: before.stdout, stderr: before.stderr });
    expect(verified).toMatchObject({ code: 0, stdout: "" });
  });

  it("verifies what a newer version wrote by the same rules", async () => {
    const items = await world.items();
    const [snapshot] = snapshotsOf(items, account.accountId) as [Item];
    const [entry] = entriesOf(items, account.accountId) as [Item];
    const newer = resealed({ ...snapshot, schemaVersion: { N: "2" }, unknown: { S: "x" } });
    await world.put([newer, entryFor(newer, { ...entry, schemaVersion: { N: "2" } })]);

    const ended = await balances("verify");

    expect(ended).toMatchObject({ code: 0, stdout: "" });
    expect(ended.stderr).toContain("1 snapshot, 1 entry");
  });
});
