import type { JobError } from "../../core/domain/errors.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { History } from "../../core/history/history.ts";
import { ENV } from "../../core/names/environment.ts";
import { eventRunner } from "../../lambda/snapshot/event-runner.ts";
import type { SimulatedAccount } from "../../local/simulated-cdp/server.ts";
import { heldBy, heldIn, makeAccount, makeBalance, makeBalances } from "../support/accounts.ts";
import { type TestClock, testClock } from "../support/clock.ts";
import { afterEach, describe, expect, it } from "../support/jest.ts";
import { DENIED } from "../support/world/aws.ts";
import { composeTestJob, type TestJob } from "../support/world/job.ts";
import { type Item, startWorld, type World } from "../support/world/world.ts";

const SLOT = "2026-11-23T10:00:00.000Z";
const ID = "account_af2937b0-9846-4fe7-bfe9-ccc22d935114";
const EVENT = { scheduledTime: "2026-11-23T10:00:00Z" };

let world: World;
let clock: TestClock;
afterEach(() => world.close());

async function prepare(accounts: readonly SimulatedAccount[]): Promise<TestJob> {
  clock = testClock("2026-11-23T10:00:01.000Z");
  world = await startWorld({ inMemory: true, accounts: () => accounts, clock });
  return composeTestJob(world);
}

function threeAccounts(): [SimulatedAccount, SimulatedAccount, SimulatedAccount] {
  return [makeAccount(makeBalances(3)), makeAccount(makeBalances(2)), makeAccount(makeBalances(1))];
}

const failList = (status: number) => world.cdp.addFault({ kind: "error", status, on: { path: /accounts$/ } });

const isSameItem = (a: Item, b: Item) => a["account"]?.S === b["account"]?.S && a["slot"]?.S === b["slot"]?.S;

function readsOf(account: SimulatedAccount): number {
  return world.cdp.requests.filter((r) => r.accountId === account.accountId && r.path.endsWith("/balances")).length;
}

// test/faults covers the single faults. These cases are about results, records and requests that it does not assert.

describe("a slot", () => {
  it("is not taken too late, but keeps its snapshots and the reasons and attempts of its failures", async () => {
    const [failing, , complete] = threeAccounts();
    const job = await prepare([failing, complete]);
    world.cdp.addFault({ kind: "error", status: 403, on: { account: failing.accountId } });
    await job.run(EVENT);
    await job.run(EVENT);
    clock.advance(2 * 3_600_000);

    const result = await job.run(EVENT);

    expect(result.accounts).toEqual({ complete: 0, alreadyComplete: 1, failed: 1 });
    expect(await world.findRecord(failing.accountId, SLOT)).toMatchObject({
      attempt: { code: "api_forbidden", attempts: 2 },
    });
  });
});

describe("a balance that changes while a walk is retried", () => {
  it("is not shown for a time before its change", async () => {
    const before = makeAccount([makeBalance("btc", "1")]);
    const after = { ...before, balances: [makeBalance("btc", "777")] };
    const changesAt = Date.parse("2026-11-23T10:00:07.000Z");
    clock = testClock("2026-11-23T10:00:01.000Z");
    world = await startWorld({ inMemory: true, accounts: () => [clock.now() < changesAt ? before : after], clock });
    const job = composeTestJob(world);
    world.cdp.addFault({ kind: "error", status: 429, retryAfter: "12", on: { path: /balances$/ }, times: 1 });

    await job.run(EVENT);

    const history = await History.load(world.reader, clock.now());
    const snapshot = await history.latest(before.accountId);
    expect(heldIn(snapshot)).toEqual(heldBy(after));
    expect(snapshot).toMatchObject({ capturedAt: slotAt(clock.now()), completedAt: slotAt(clock.now()) });
    expect(await history.asOf(before.accountId, changesAt - 1000)).toBeUndefined();
    expect(await history.asOf(before.accountId, clock.now())).toEqual(snapshot);
  });
});

describe("a failed account", () => {
  it("is recorded, leaves the other accounts complete, and is all that the retry reads", async () => {
    const accounts = threeAccounts();
    const [, broken] = accounts;
    const job = await prepare(accounts);
    const correlationId = "41deb8d59a9dc9a7-IAD";
    const message = "Account not found.";
    world.cdp.addFault({ kind: "error", status: 404, message, correlationId, on: { account: broken.accountId } });

    const first = await job.run(EVENT);

    expect(first.accounts).toEqual({ complete: 2, alreadyComplete: 0, failed: 1 });
    expect(await world.findRecord(broken.accountId, SLOT)).toEqual({
      status: "failed",
      attempt: {
        accountId: broken.accountId,
        slot: SLOT,
        trigger: "schedule",
        code: "api_not_found",
        message: expect.stringContaining("HTTP 404 not_found: Account not found (correlation id 41deb8d59a9dc9a7-IAD)"),
        suggestedFix: expect.stringContaining("Check"),
        correlationId,
        attempts: 1,
        lastTriedAt: "2026-11-23T10:00:01.000Z",
      },
    });

    world.cdp.clearFaults();
    const before = accounts.map(readsOf);
    const retry = await job.run(EVENT);

    expect(retry.accounts).toEqual({ complete: 1, alreadyComplete: 2, failed: 0 });
    const complete = first.snapshots.filter(({ outcome }) => outcome === "complete");
    const again = retry.snapshots.filter(({ outcome }) => outcome === "alreadyComplete");
    expect(again).toEqual(complete.map((snapshot) => ({ ...snapshot, outcome: "alreadyComplete" })));
    expect(accounts.map((account, at) => readsOf(account) - (before[at] ?? 0))).toEqual([0, 1, 0]);
    expect(heldIn(await world.reader.latest(broken.accountId))).toEqual(heldBy(broken));
  });
});

describe("a run that fails as a whole", () => {
  const NEXT_EVENT = { scheduledTime: "2026-11-23T11:00:00Z" };
  const NEXT_SLOT = "2026-11-23T11:00:00.000Z";
  const HOUR_MS = 3_600_000;
  const hourly = { expression: "cron(0 * * * ? *)", timezone: "UTC", latenessLimitMs: HOUR_MS };
  const schedule = [{ ...hourly, since: SLOT }];

  /** Takes the 10:00 slot of some accounts, and sets the clock after the next one. */
  async function afterFirstSlot(accounts: readonly SimulatedAccount[]) {
    const job = await prepare(accounts);
    await job.run(EVENT);
    clock.advance(HOUR_MS);
    return job;
  }

  /** Returns the code, the number of attempts and the slot of each gap of an account, as `gaps` shows them. */
  async function gapsOf({ accountId }: SimulatedAccount): Promise<string[]> {
    const history = await History.load(world.reader, clock.now(), schedule);
    const gaps: string[] = [];
    for await (const { slot, reason } of history.gaps(accountId, { from: Date.parse(SLOT), to: clock.now() })) {
      gaps.push(`${slot} ${reason.code} ${reason.attempts}`);
    }
    return gaps;
  }

  const runItems = async () => (await world.items()).filter((item) => item["account"]?.S === "runs");

  it.each<[name: string, code: string, breakIt: (job: TestJob) => void]>([
    ["the key is not JSON", "key_not_json", (job) => Object.assign(job, { keyText: async () => "{" })],
    ["the list is refused", "api_forbidden", () => failList(403)],
    ["the list is empty", "no_accounts", () => world.cdp.addFault({ kind: "body", body: '{"accounts":[]}' })],
  ])("is recorded once per attempt and explains the gap of every account: %s", async (_, code, breakIt) => {
    const accounts = threeAccounts();
    const job = await afterFirstSlot(accounts);
    const before = await world.items();
    breakIt(job);

    const errors = [await job.run(NEXT_EVENT).catch(String), await job.run(NEXT_EVENT).catch(String)];

    const added = (await world.items()).filter((item) => !before.some((old) => isSameItem(old, item)));
    expect(errors.map((error) => String(error).split("\n").length)).toEqual([1, 1]);
    expect(added.map((item) => item["account"]?.S)).toEqual(["runs", "runs"]);
    expect(added[0]).toMatchObject({
      slot: { S: expect.stringMatching(`^${NEXT_SLOT}#`) },
      ...{
        trigger: { S: "schedule" },
        scope: { S: "all" },
        code: { S: code },
        failedAt: { S: "2026-11-23T11:00:01.000Z" },
      },
    });
    for (const account of accounts) expect(await gapsOf(account)).toEqual([`${NEXT_SLOT} ${code} 2`]);

    job.keyText = async () => world.key.file;
    world.cdp.clearFaults();
    // The job reads a key that was unusable again after ten seconds.
    clock.advance(10_000);
    expect((await job.run(NEXT_EVENT)).accounts).toMatchObject({ complete: 3, failed: 0 });
    for (const account of accounts) expect(await gapsOf(account)).toEqual([]);
    expect(await runItems()).toHaveLength(2);
  });

  it("explains the gaps of the accounts that the event names, and no others", async () => {
    const [named, other] = threeAccounts();
    const job = await afterFirstSlot([named, other]);
    job.keyText = async () => "{";
    // The key is cached for five minutes.
    clock.advance(60_000 * 5);

    await expect(job.run({ ...NEXT_EVENT, accounts: [named.accountId] })).rejects.toMatchObject({
      code: "key_not_json",
    });
    // The slot without a record counts as a gap 15 minutes later.
    clock.advance(60_000 * 20);

    expect((await runItems()).map((item) => item["scope"])).toEqual([{ L: [{ S: named.accountId }] }]);
    expect(await gapsOf(named)).toEqual([`${NEXT_SLOT} key_not_json 1`]);
    expect(await gapsOf(other)).toEqual([`${NEXT_SLOT} not_run 0`]);
  });

  it("still explains the gap after a retry that is too late", async () => {
    const [account] = threeAccounts();
    const job = await afterFirstSlot([account]);
    failList(403);
    await expect(job.run(NEXT_EVENT)).rejects.toMatchObject({ code: "api_forbidden" });
    world.cdp.clearFaults();
    clock.advance(2 * HOUR_MS);

    const late = await job.run(NEXT_EVENT);

    expect(late.snapshots[0]?.error?.code).toBe("slot_too_late");
    expect((await gapsOf(account))[0]).toBe(`${NEXT_SLOT} api_forbidden 1`);
  });

  it("shows its own error, with a warning, if it cannot be recorded", async () => {
    const job = await afterFirstSlot(threeAccounts());
    failList(403);
    world.aws.onCall(world.scope, async ({ action }) => (action === "dynamodb:PutItem" ? DENIED : undefined));

    await expect(job.run(NEXT_EVENT)).rejects.toMatchObject({ code: "api_forbidden" });

    expect(job.reported.warnings).toEqual(["Failed run not recorded"]);
  });
});

describe("an invalid configuration", () => {
  it.each([
    ["under the slot of the event, and expires", { [ENV.retentionDays]: "30" }, EVENT, [SLOT, "all", "30 days"]],
    ["also if the retention is what is invalid", { [ENV.retentionDays]: "x" }, EVENT, [SLOT, "all", "never"]],
    ["for the accounts of the event", {}, { ...EVENT, accounts: [ID] }, [SLOT, ID, "never"]],
    ["not for an invalid event, which has no slot", {}, { detail: {} }, undefined],
    ["not for a dry run", {}, { ...EVENT, dryRun: true }, undefined],
    ["not without a table", { [ENV.tableName]: "" }, EVENT, undefined],
  ])("is recorded %s", async (_, env, event, expected) => {
    await prepare([]);
    const aborted: string[] = [];
    const telemetry = {
      ...{ accountEnded: () => {}, runEnded: () => {}, warning: () => {} },
      runAborted: (slot: string, { code }: JobError) => void aborted.push(`${slot} ${code}`),
    };
    const run = eventRunner({ ...world.env, [ENV.maxPages]: "many", ...env }, () => telemetry, clock);

    await expect(run(event, 60_000)).rejects.toMatchObject({ code: "config_invalid" });

    const items = (await world.items()).map((item) => [
      item["slot"]?.S?.split("#")[0],
      item["scope"]?.S ?? item["scope"]?.L?.[0]?.S,
      item["expiresAt"] === undefined
        ? "never"
        : `${(Number(item["expiresAt"].N) - Date.parse(SLOT) / 1000) / 86_400} days`,
    ]);
    expect(items).toEqual(expected === undefined ? [] : [expected]);
    expect(aborted).toEqual("detail" in event ? [] : [`${SLOT} config_invalid`]);
  });
});
