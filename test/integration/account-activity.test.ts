import { type AccountActivity, isActiveAt } from "../../core/domain/account-activity.ts";
import { ENV } from "../../core/names/environment.ts";
import type { SimulatedAccount } from "../../local/simulated-cdp/server.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { testClock } from "../support/clock.ts";
import { afterEach, describe, expect, it } from "../support/jest.ts";
import { AwsRefusal } from "../support/world/aws.ts";
import { composeTestJob, type TestJob } from "../support/world/job.ts";
import { startWorld, type World } from "../support/world/world.ts";

// When an account counts: from its first complete snapshot until the configuration or the API has it no longer.

const HOUR_MS = 3_600_000;
const START = Date.parse("2026-11-23T10:00:00.000Z");
const slot = (hour: number) => new Date(START + (hour - 10) * HOUR_MS).toISOString();
const event = (hour: number) => ({ scheduledTime: slot(hour) });
const [ALL, NONE] = [
  { complete: 1, alreadyComplete: 0, failed: 0 },
  { complete: 0, alreadyComplete: 0, failed: 1 },
];
const UNKNOWN = "account_00000000-0000-0000-0000-00000000dead";

let world: World;
afterEach(() => world.close());

/** Takes snapshots of two accounts for 10:00. The clock is an hour later. */
async function startTwo(env: Record<string, string> = {}) {
  const clock = testClock("2026-11-23T10:00:01.000Z");
  const [kept, dropped] = [makeAccount(makeBalances(2)), makeAccount(makeBalances(2), "business")];
  let listed: readonly SimulatedAccount[] = [kept, dropped];
  world = await startWorld({ inMemory: true, accounts: () => listed, clock });
  const job: TestJob = composeTestJob(world, env);
  const list = (...accounts: SimulatedAccount[]) => {
    listed = accounts;
  };
  /** Runs an hour's scheduled slot. */
  const runHour = async (hour: number, of = job, more = {}) => {
    clock.advance(Date.parse(slot(hour)) + 1000 - clock.now());
    return of.run({ ...event(hour), ...more });
  };
  await job.run(event(10));
  clock.advance(HOUR_MS);
  return { clock, kept, dropped, job, list, runHour };
}

const configuredJob = (...accounts: string[]) => composeTestJob(world, {}, accounts);
const activityOf = async ({ accountId }: Pick<SimulatedAccount, "accountId">): Promise<AccountActivity | undefined> =>
  (await world.reader.accounts()).get(accountId);
const endOf = async (account: SimulatedAccount) => (await activityOf(account))?.periods.at(-1)?.until;
const codesOf = ({ snapshots }: Awaited<ReturnType<TestJob["run"]>>) =>
  snapshots.flatMap(({ error }) => error?.code ?? []);

/** Makes the API find an account that it does not list. */
function answerWith({ balances: _, ...account }: SimulatedAccount): void {
  const path = new RegExp(`/accounts/${account.accountId}$`);
  world.cdp.addFault({ kind: "body", body: JSON.stringify(account), on: { path } });
}

describe("an account starts", () => {
  it("with its first complete snapshot, with what the list says about it", async () => {
    const { kept } = await startTwo();

    const items = (await world.items()).filter((item) => item["slot"]?.S?.startsWith(`${kept.accountId} `));

    expect(items).toEqual([
      {
        account: { S: "catalog" },
        slot: { S: `${kept.accountId} ${slot(10)} start` },
        at: { S: expect.stringMatching(/^2026-11-23T10:00:01/) },
        type: { S: "prime" },
        owner: { S: kept.owner },
      },
    ]);
  });
});

describe("an account that the API no longer lists", () => {
  it("counts until the run that ends it, even if that is late, because earlier answers included it", async () => {
    const { kept, dropped, list, job, clock } = await startTwo();
    list(kept);
    clock.advance(Date.parse(slot(11.6)) - clock.now());

    await job.run(event(11));

    const activity = (await activityOf(dropped)) ?? { periods: [] };
    expect(activity.periods).toMatchObject([{ until: slot(11) }]);
    expect([11.5, 11.7].map((hour) => isActiveAt(activity, Date.parse(slot(hour))))).toEqual([true, false]);
  });

  it("ends with the next scheduled run if the API does not find it, and counts no more", async () => {
    const { kept, dropped, list, runHour, job } = await startTwo();
    list(kept);

    const [ending, next] = [await runHour(11), await runHour(12)];

    const reason = "The API no longer lists the account, and does not find it.";
    expect([ending.accounts, next.accounts]).toEqual([ALL, ALL]);
    expect([ending.ended, next.ended]).toEqual([[{ accountId: dropped.accountId, reason }], undefined]);
    expect((await activityOf(dropped))?.periods).toMatchObject([{ since: slot(10), until: slot(11), reason }]);
    expect(await world.findRecord(dropped.accountId, slot(11))).toBeUndefined();
    expect(job.reported.warnings).toEqual([]);
  });

  it("ends if the configured filters exclude it", async () => {
    const { dropped, list, kept, runHour } = await startTwo();
    list(kept);
    answerWith(dropped);

    const ending = await runHour(11, composeTestJob(world, { CDP_ACCOUNTS_TYPE: "prime" }));

    expect(ending.accounts).toEqual(ALL);
    expect(ending.ended).toMatchObject([{ accountId: dropped.accountId, reason: expect.stringMatching(/filters/) }]);
  });

  it.each([
    ["the API finds it", answerWith],
    ["the API cannot say whether it exists", undefined],
  ])("is a gap in every run, and does not end, if %s", async (_, answer) => {
    const { dropped, list, kept, runHour } = await startTwo({ CDP_MAX_ATTEMPTS: "1" });
    list(kept);
    const path = new RegExp(`/accounts/${dropped.accountId}$`);
    if (answer) answer(dropped);
    else world.cdp.addFault({ kind: "error", status: 500, on: { path } });

    const runs = [await runHour(11), await runHour(11), await runHour(12)];

    expect(runs.map(codesOf)).toEqual(Array(3).fill(["account_not_listed"]));
    expect(await endOf(dropped)).toBeUndefined();
    expect(await world.findRecord(dropped.accountId, slot(12))).toMatchObject({
      attempt: { code: "account_not_listed", suggestedFix: expect.stringMatching(/accounts retire account_/) },
    });
  });

  it("fails a manual run, which may use another key, and does not end", async () => {
    const { dropped, list, kept, job } = await startTwo();
    list(kept);

    const manual = await job.run({});

    expect(codesOf(manual)).toEqual(["account_not_listed"]);
    expect(await endOf(dropped)).toBeUndefined();
  });

  it("is ignored in a dry run, and if the event names accounts, even all that are listed", async () => {
    const { dropped, list, kept, runHour } = await startTwo();
    list(kept);

    const dryRun = await runHour(11, undefined, { dryRun: true });
    const named = await runHour(11, undefined, { accounts: [kept.accountId] });

    expect([dryRun.accounts, named.accounts]).toEqual([ALL, ALL]);
    expect(await endOf(dropped)).toBeUndefined();
  });

  it.each([
    ["finds none", 404],
    ["does not say whether it finds them", 403],
  ])(
    "never ends together with all others: if the API %s, the run fails, and no other account starts",
    async (_, status) => {
      const { dropped, list, kept, runHour } = await startTwo();
      const stranger = makeAccount(makeBalances(1));
      list(stranger);
      for (const { accountId } of [kept, dropped]) {
        world.cdp.addFault({ kind: "error", status, on: { path: new RegExp(`/accounts/${accountId}$`) } });
      }

      const wrongKey = runHour(11);

      await expect(wrongKey).rejects.toMatchObject({ code: "all_accounts_ended" });
      const at = Date.parse(slot(11));
      expect(await world.reader.failedRuns({ from: at, to: at })).toMatchObject([
        { scope: "all", trigger: "schedule", code: "all_accounts_ended" },
      ]);
      expect(await world.findRecord(kept.accountId, slot(11))).toBeUndefined();
      expect([await endOf(kept), await endOf(dropped)]).toEqual([undefined, undefined]);
      expect(await activityOf(stranger)).toBeUndefined();
    },
  );

  it("does not end with a retry of a slot of which it has a snapshot, so that the total of that slot stays", async () => {
    const { kept, dropped, list, runHour } = await startTwo();
    await runHour(11);
    list(kept);

    const retry = await runHour(11);
    const afterRetry = await endOf(dropped);
    const next = await runHour(12);

    expect(retry).toEqual(expect.not.objectContaining({ ended: expect.anything() }));
    expect(retry.accounts).toEqual({ complete: 0, alreadyComplete: 1, failed: 0 });
    expect(afterRetry).toBeUndefined();
    expect(next.ended).toMatchObject([{ accountId: dropped.accountId }]);
    expect(await endOf(dropped)).toBe(slot(12));
  });

  it("causes only a warning if the known accounts cannot be read", async () => {
    const { job, list, kept, runHour } = await startTwo();
    list(kept);
    world.aws.onCall(world.scope, async ({ action, input }) =>
      action === "dynamodb:Query" && input.ExpressionAttributeValues[":partition"].S === "catalog"
        ? new AwsRefusal("AccessDeniedException", "not authorized")
        : undefined,
    );

    const result = await runHour(11);

    expect(result.accounts).toEqual(ALL);
    expect(job.reported.warnings[0]).toBe("Known accounts not readable; no account ends with this run");
  });
});

describe("an account that the configuration no longer has", () => {
  it("ends with the first scheduled run, not with a manual one, nor with an event that names accounts", async () => {
    const { dropped, kept, runHour } = await startTwo();
    const job = configuredJob(kept.accountId);

    await job.run({});
    await runHour(11, job, { accounts: [kept.accountId] });
    const before = await endOf(dropped);
    const ending = await runHour(12, job);

    expect(before).toBeUndefined();
    expect(ending.ended).toMatchObject([
      { accountId: dropped.accountId, reason: expect.stringMatching(/configuration/) },
    ]);
    expect(await endOf(dropped)).toBe(slot(12));
  });

  it("fails one run if all end at once, in which the new accounts start, and ends with the next", async () => {
    const { dropped, kept, list, runHour } = await startTwo();
    const added = makeAccount(makeBalances(1));
    list(kept, dropped, added);
    const job = configuredJob(added.accountId);

    const [first, next] = [await runHour(11, job), await runHour(12, job)];

    expect(codesOf(first)).toEqual(["account_not_configured", "account_not_configured"]);
    expect(await world.findRecord(added.accountId, slot(11))).toMatchObject({ status: "complete" });
    expect(next.accounts).toEqual(ALL);
    expect([await endOf(kept), await endOf(dropped)]).toEqual([slot(12), slot(12)]);
  });
});

describe("an account id that is neither configured, nor listed, nor ever complete", () => {
  it("fails its run and writes nothing, so that no other run expects it", async () => {
    const { runHour } = await startTwo();
    const before = await world.items();

    const named = await runHour(11, undefined, { accounts: [UNKNOWN] });
    const after = await world.items();
    const next = await runHour(11);

    expect([named.accounts, codesOf(named)]).toEqual([NONE, ["api_not_found"]]);
    expect(after).toEqual(before);
    expect(next.accounts).toMatchObject({ complete: 2, failed: 0 });
  });

  it("is pending if it is configured, and leaves with the configuration", async () => {
    const { kept, dropped, runHour } = await startTwo();
    const ids = [kept.accountId, dropped.accountId];
    const activityOfUnknown = () => activityOf({ accountId: UNKNOWN });

    const failing = await runHour(11, configuredJob(...ids, UNKNOWN));
    const pending = await activityOfUnknown();
    const retried = await runHour(11, configuredJob(...ids));
    const corrected = await runHour(12, configuredJob(...ids));

    expect(codesOf(failing)).toEqual(["api_not_found"]);
    expect(pending).toEqual({ periods: [], pendingSince: slot(11) });
    // An end with the slot of the failed attempt would have no effect.
    expect(retried.ended).toBeUndefined();
    expect(corrected).toMatchObject({ accounts: { failed: 0 }, ended: [{ accountId: UNKNOWN }] });
    expect(await activityOfUnknown()).toEqual({ periods: [] });
  });
});

it("a run for a slot in the future ends no account, and registers no schedule", async () => {
  const { kept, dropped, list, job } = await startTwo({ [ENV.schedule]: "cron(0 * * * ? *)" });
  const schedules = await world.reader.schedules();
  const changed = composeTestJob(world, { [ENV.schedule]: "cron(0/30 * * * ? *)" });
  list(kept);

  await expect(changed.run({ scheduledTime: "2027-11-23T10:00:00Z" })).rejects.toMatchObject({
    code: "slot_in_future",
  });

  expect(await endOf(dropped)).toBeUndefined();
  expect(await world.reader.schedules()).toEqual(schedules);
  list(kept, dropped);
  expect((await job.run(event(11))).accounts).toEqual({ complete: 2, alreadyComplete: 0, failed: 0 });
});
