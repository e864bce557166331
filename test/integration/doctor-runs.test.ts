import { checkLastRun } from "../../cli/doctor/last-run.ts";
import { readLastRuns } from "../../cli/doctor/newest-records.ts";
import type { Slot } from "../../core/domain/slot.ts";
import { ENV } from "../../core/names/environment.ts";
import { OUTPUTS } from "../../core/names/outputs.ts";
import { openStore } from "../../core/writers.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import type { SimulatedAccount } from "../../local/simulated-cdp/server.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { type DoctorWorld, resultsOf, STACK, startDoctorWorld, textOf } from "../support/doctor.ts";
import { afterEach, beforeEach, describe, expect, it } from "../support/jest.ts";
import { DENIED } from "../support/world/aws.ts";

// The check of the last run: what the doctor concludes from the newest records in the table.

const [first, second] = [makeAccount(makeBalances(3)), makeAccount(makeBalances(1))];
let accounts: readonly SimulatedAccount[];
let world: DoctorWorld;

beforeEach(async () => {
  accounts = [first, second];
  world = await startDoctorWorld(() => accounts);
});
afterEach(() => world.close());

/** Returns a time of 23 November 2026. */
const at = (time: string) => `2026-11-23T${time}:00.000Z`;

/** Runs this check without the others. */
async function checkRuns() {
  const now = world.clock.now();
  const { value, failure } = await readLastRuns({ value: LOCAL_TABLE }, [], now);
  if (value === undefined) return failure === undefined ? [] : [failure];
  const expectations = { schedule: undefined, listedIds: undefined, unrecordedIds: [], now };
  return resultsOf(checkLastRun(value, { ...expectations, tableText: async () => `the table ${LOCAL_TABLE}` }));
}

const TABLE = { table: { name: LOCAL_TABLE } };

/**
 * Returns the result for all accounts, and for each one, without the account's id.
 * @param request runs all checks
 */
async function lastRun(request?: Parameters<DoctorWorld["check"]>[0]) {
  const results = request === undefined ? await checkRuns() : await world.check(request);
  const lines = textOf(results, "last run").split("\n");
  const resultOf = ({ accountId }: SimulatedAccount) =>
    lines.find((line) => line.includes(` ${accountId}: `))?.replace(` ${accountId}`, "");
  const all = lines.find((line) => !line.includes(" account_"));
  return { all, first: resultOf(first), second: resultOf(second), lines };
}

/** Checks at a time of the day. */
function lastRunAt(time: string) {
  world.setTime(at(time));
  return lastRun();
}

const passed = expect.stringMatching(/^passed: /);

describe("the check of the last run", () => {
  it("reports slots that all accounts miss once, when their runs are due, also after a manual run", async () => {
    await world.runSlot(at("10:00"));

    const notYetDue = await lastRunAt("11:14");
    const oneMissing = await lastRunAt("11:16");
    const fiveMissing = await lastRunAt("15:16");
    await world.runManually();
    const afterManualRun = await lastRun();

    const complete = `passed: complete for ${at("10:00")}, captured 1 hour ago, 3 assets`;
    expect(notYetDue).toMatchObject({ all: undefined, first: complete });
    expect(oneMissing.all).toMatch(`failed: all accounts: the slot ${at("11:00")} has no record → `);
    expect(fiveMissing).toMatchObject({ first: passed, second: passed });
    for (const { all } of [fiveMissing, afterManualRun])
      expect(all).toMatch(`failed: all accounts: 5 slots since ${at("11:00")} have no record → `);
    expect(afterManualRun.first).toMatch(/^passed: .*, manual run, captured 0 seconds ago, 3 assets$/);
  });

  it("waits as long as the runs of a state machine may take", async () => {
    world.setTime(at("10:00"));
    const env = { [ENV.schedule]: "cron(0 * * * ? *)", [ENV.engine]: "stepFunctions" };
    await world.runManually(env, { scheduledTime: at("10:00") });

    expect((await lastRunAt("12:14")).all).toBeUndefined();
    expect((await lastRunAt("12:16")).all).toMatch(`failed: all accounts: the slot ${at("11:00")} has no record → `);
  });

  it("fails if slots cannot be computed, because the recorded time zone is unknown", async () => {
    const env = { [ENV.schedule]: "cron(0 * * * ? *)", [ENV.scheduleTimezone]: "Mars/Olympus" };
    world.setTime(at("10:00"));
    await world.runManually(env, { scheduledTime: at("10:00") });

    expect(await lastRunAt("15:16")).toMatchObject({
      all: expect.stringMatching(/^failed: .* has the time zone "Mars\/Olympus".* → Use a newer version/),
      first: expect.stringMatching(/^passed: complete for .*; age not checked: the schedule is unknown$/),
    });
  });

  it("reports the missing slots of each account if they differ", async () => {
    await world.runSlot(at("09:00"));
    await world.runSlot(at("10:00"), [second.accountId]);

    expect(await lastRunAt("11:20")).toMatchObject({
      all: undefined,
      first: expect.stringMatching(`^failed: .*; 2 slots since ${at("10:00")} have no record → `),
      second: expect.stringMatching(`^failed: .*; the slot ${at("11:00")} has no record → `),
    });
  });

  it("reports a failed account without a complete snapshot, and missing slots since", async () => {
    world.servers.cdp.addFault({ kind: "error", status: 404, on: { account: first.accountId } });
    await world.runSlot(at("09:00")).catch(() => {});

    expect(await lastRunAt("12:30")).toMatchObject({
      all: expect.stringMatching(`3 slots since ${at("10:00")} have no record`),
      first: expect.stringMatching(/^failed: .*; no complete snapshot before; api_not_found: /),
    });
  });

  it("reports runs that failed for all accounts once, with their reason, and no slot as missing", async () => {
    const fail = async (slot: string) => {
      world.servers.cdp.addFault({ kind: "error", status: 403, on: { path: /accounts$/ } });
      await world.runSlot(slot).catch(() => {});
      world.servers.cdp.clearFaults();
    };
    await fail(at("09:00"));
    const ofFirstRun = await lastRun();
    await world.runSlot(at("10:00"));
    await fail(at("11:00"));
    await fail(at("11:00"));
    const { all, first, lines } = await lastRunAt("11:30");

    expect(ofFirstRun.all).toMatch(
      `failed: no run has stored a snapshot yet; the run for ${at("09:00")} failed: api_forbidden: `,
    );
    expect(all).toMatch(`failed: all accounts: the run for ${at("11:00")} failed after 2 attempts; api_forbidden: `);
    expect(all).toMatch(/accounts:read@entity.* → See docs\/runbook.md#function-failed/);
    expect(first).toBe(`passed: complete for ${at("10:00")}, captured 1 hour ago, 3 assets`);
    expect(lines.filter((line) => line.includes("api_forbidden"))).toHaveLength(1);
  });

  it("reports a run that failed for some accounts for each of them", async () => {
    await world.runSlot(at("10:00"));
    world.setTime(at("11:00"));
    const event = { scheduledTime: at("11:00"), accounts: [first.accountId] };
    await expect(world.runManually({}, event, "{")).rejects.toMatchObject({ code: "key_not_json" });

    expect(await lastRunAt("11:14")).toMatchObject({
      all: undefined,
      first: expect.stringMatching(`failed: ${at("11:00")} failed after 1 attempt; last complete snapshot`),
      second: passed,
    });
  });

  it("reports no account that has ended, and warns if all have", async () => {
    await world.runSlot(at("08:00"));
    accounts = [second];
    await world.runSlot(at("09:00"));
    const one = await lastRun();
    const store = openStore({ tableName: LOCAL_TABLE, retentionDays: undefined });
    await store.registerEnd(second.accountId, at("10:30") as Slot, at("10:30"), "It is closed.");
    const none = await lastRunAt("11:30");

    expect(one.lines).toEqual([expect.stringMatching(`^passed ${second.accountId}: `)]);
    expect(none.lines).toEqual([
      expect.stringMatching(/^warning: all accounts in the table .* have ended → If one of them/),
    ]);
  });

  it("reports an account that the API no longer lists, and that has not ended", async () => {
    await world.runSlot(at("08:00"));
    accounts = [second];
    world.servers.cdp.addFault({ kind: "error", status: 403, on: { path: new RegExp(`${first.accountId}$`) } });
    await world.runSlot(at("09:00")).catch(() => {});

    expect(await lastRunAt("15:00")).toMatchObject({
      all: expect.stringMatching(/^failed: all accounts: 5 slots/),
      first: expect.stringMatching(/^failed: .* failed after 1 attempt; .*; account_not_listed: .* → .*runbook/),
      second: passed,
    });
  });

  it("warns if no run has stored a record, or the table may not be read", async () => {
    const empty = await lastRun(TABLE);
    world.aws.reply("dynamodb:Query", DENIED);
    const denied = await lastRun();

    expect(empty.all).toMatch(
      /^warning: no run has stored a record in the table balance-snapshots \(eu-central-1, http:\/\/\S+\) → .*InvokeCommand/,
    );
    expect(denied.lines).toEqual([expect.stringMatching(/^warning: .* → Allow dynamodb:Query on/)]);
  });

  it("warns about listed accounts without a record unless the configuration selects accounts, and fails for requested ones", async () => {
    accounts = [first];
    await world.runSlot(at("10:00"));
    world.setTime(at("10:20"));
    accounts = [first, second];
    const all = await lastRun({ stack: STACK });
    const requested = await lastRun({ ...TABLE, accounts: [first.accountId, second.accountId] });
    world.setStack({ outputs: { [OUTPUTS.recordedAccounts]: "all, type prime" } });
    const configured = await lastRun({ stack: STACK });

    expect(all.lines[1]).toMatch(`warning: no record of 1 of the accounts that the key sees: ${second.accountId} → `);
    expect(configured.lines).toEqual([expect.stringMatching(`^passed ${first.accountId}: `)]);
    expect(requested).toMatchObject({
      first: passed,
      second: expect.stringMatching(/^failed: the table has no record of this account → /),
    });
  });

  it("reports the account whose records cannot be read", async () => {
    await world.runSlot(at("09:00"));
    world.setTime(at("09:20"));
    await world.servers.put([{ account: { S: first.accountId }, slot: { S: at("09:10") }, status: { S: "complete" } }]);

    expect(await lastRun()).toMatchObject({
      first: expect.stringMatching(/^failed: .* → Another version/),
      second: passed,
    });
  });
});
