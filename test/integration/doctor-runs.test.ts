import type { Slot } from "../../core/domain/slot.ts";
import { ENV } from "../../core/names/environment.ts";
import { OUTPUTS } from "../../core/names/outputs.ts";
import { openStore } from "../../core/writers.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import type { SimulatedAccount } from "../../local/simulated-cdp/server.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { type DoctorWorld, STACK, startDoctorWorld } from "../support/doctor.ts";
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

/** Checks the table without the stack, which takes half of the time. */
const TABLE = { table: { name: LOCAL_TABLE } };

/** Returns the result for all accounts, and for each one, without the account's id. */
async function lastRun(request: Parameters<DoctorWorld["check"]>[0] = TABLE) {
  const lines = (await world.textOf("last run", request)).split("\n");
  const resultOf = ({ accountId }: SimulatedAccount) =>
    lines.find((line) => line.includes(` ${accountId}: `))?.replace(` ${accountId}`, "");
  const all = lines.find((line) => !line.includes(" account_"));
  return { all, first: resultOf(first), second: resultOf(second), lines };
}

describe("the check of the last run", () => {
  it("waits as long as the runs of a state machine may take", async () => {
    world.setTime(at("10:00"));
    const env = { [ENV.schedule]: "cron(0 * * * ? *)", [ENV.engine]: "stepFunctions" };
    await world.runManually(env, { scheduledTime: at("10:00") });
    world.setTime(at("12:14"));
    const notYetDue = await lastRun();
    world.setTime(at("12:16"));
    const oneMissing = await lastRun();

    expect(notYetDue.all).toBeUndefined();
    expect(oneMissing.all).toMatch(`failed: all accounts: the slot ${at("11:00")} has no record → `);
  });

  it("reports slots that all accounts miss once, when their runs are due", async () => {
    await world.runSlot(at("10:00"));
    world.setTime(at("11:14"));
    const notYetDue = await lastRun();
    world.setTime(at("11:16"));
    const oneMissing = await lastRun();
    world.setTime(at("15:16"));
    const fiveMissing = await lastRun();

    expect(notYetDue.all).toBeUndefined();
    expect(notYetDue.first).toBe(`passed: complete for ${at("10:00")}, captured 1 hour ago, 3 assets`);
    expect(oneMissing.all).toMatch(`failed: all accounts: the slot ${at("11:00")} has no record → `);
    expect(fiveMissing.all).toMatch(`failed: all accounts: 5 slots since ${at("11:00")} have no record → `);
    expect([fiveMissing.first, fiveMissing.second]).toEqual(Array(2).fill(expect.stringMatching(/^passed: /)));
  });

  it.each([
    [
      "time zone",
      "cron(0 * * * ? *)",
      "Mars/Olympus",
      /^failed: .* has the time zone "Mars\/Olympus".* → Use a newer version/,
    ],
    [
      "schedule",
      "rate(1 hour)",
      "UTC",
      /^failed: The schedule "rate\(1 hour\)" is not valid.* → Deploy a valid schedule/,
    ],
  ])(
    "fails if slots cannot be computed, because the recorded %s is unknown",
    async (_, expression, timezone, reason) => {
      const env = { [ENV.schedule]: expression, [ENV.scheduleTimezone]: timezone };
      world.setTime(at("10:00"));
      await world.runManually(env, { scheduledTime: at("10:00") });
      world.setTime(at("15:16"));

      const { all, first } = await lastRun();

      expect(all).toMatch(reason);
      expect(first).toMatch(/^passed: complete for .*; age not checked: the schedule is unknown$/);
    },
  );

  it("reports the missing slots of each account if they differ", async () => {
    await world.runSlot(at("09:00"));
    await world.runSlot(at("10:00"), [second.accountId]);
    world.setTime(at("11:20"));

    expect(await lastRun()).toMatchObject({
      all: undefined,
      first: expect.stringMatching(`^failed: .*; 2 slots since ${at("10:00")} have no record → `),
      second: expect.stringMatching(`^failed: .*; the slot ${at("11:00")} has no record → `),
    });
  });

  it("reports a failed account without a complete snapshot, and missing slots since", async () => {
    world.servers.cdp.addFault({ kind: "error", status: 404, on: { account: first.accountId } });
    await world.runSlot(at("09:00")).catch(() => {});
    world.setTime(at("12:30"));

    expect(await lastRun()).toMatchObject({
      all: expect.stringMatching(`3 slots since ${at("10:00")} have no record`),
      first: expect.stringMatching(/^failed: .*; no complete snapshot before; api_not_found: /),
    });
  });

  it("reports a run that failed for all accounts once, with its reason, and no slot as missing", async () => {
    await world.runSlot(at("10:00"));
    world.servers.cdp.addFault({ kind: "error", status: 403, on: { path: /accounts$/ } });
    await world.runSlot(at("11:00")).catch(() => {});
    await world.runSlot(at("11:00")).catch(() => {});
    world.servers.cdp.clearFaults();
    world.setTime(at("11:30"));

    const { all, first, lines } = await lastRun();

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
    world.setTime(at("11:14"));

    const { all, ...accounts } = await lastRun();

    expect(all).toBeUndefined();
    expect(accounts.first).toMatch(`failed: ${at("11:00")} failed after 1 attempt; last complete snapshot`);
    expect(accounts.second).toMatch(/^passed: /);
  });

  it("reports the failure of the first run, before any account has a record", async () => {
    world.servers.cdp.addFault({ kind: "error", status: 403, on: { path: /accounts$/ } });
    await world.runSlot(at("11:00")).catch(() => {});
    world.servers.cdp.clearFaults();

    expect((await lastRun()).all).toMatch(
      `failed: no run has stored a snapshot yet; the run for ${at("11:00")} failed: api_forbidden: `,
    );
  });

  it("does not count a manual run as a scheduled one", async () => {
    await world.runSlot(at("09:00"));
    world.setTime(at("12:20"));
    await world.runManually();

    expect(await lastRun()).toMatchObject({
      all: expect.stringMatching(`all accounts: 3 slots since ${at("10:00")} have no record`),
      first: expect.stringMatching(/^passed: .*, manual run, captured 0 seconds ago, 3 assets$/),
    });
  });

  it("does not report an account that has ended", async () => {
    await world.runSlot(at("08:00"));
    accounts = [second];
    await world.runSlot(at("09:00"));

    expect(await lastRun()).toMatchObject({ lines: [expect.stringMatching(`^passed ${second.accountId}: `)] });
  });

  it("reports an account that the API no longer lists, and that has not ended", async () => {
    await world.runSlot(at("08:00"));
    accounts = [second];
    world.servers.cdp.addFault({ kind: "error", status: 403, on: { path: new RegExp(`${first.accountId}$`) } });
    await world.runSlot(at("09:00")).catch(() => {});
    world.setTime(at("15:00"));

    expect(await lastRun()).toMatchObject({
      all: expect.stringMatching(/^failed: all accounts: 5 slots/),
      first: expect.stringMatching(/^failed: .* failed after 1 attempt; .*; account_not_listed: .* → .*runbook/),
      second: expect.stringMatching(/^passed: /),
    });
  });

  it("warns if all accounts have ended, instead of finding no record", async () => {
    await world.runSlot(at("10:00"));
    const store = openStore({ tableName: LOCAL_TABLE, retentionDays: undefined });
    for (const { accountId } of accounts)
      await store.registerEnd(accountId, at("10:30") as Slot, at("10:30"), "It is closed.");
    world.setTime(at("11:30"));

    const { lines } = await lastRun();

    expect(lines).toEqual([
      expect.stringMatching(/^warning: all accounts in the table .* have ended → If one of them/),
    ]);
  });

  it("warns if no run has stored a record", async () => {
    expect((await lastRun()).all).toMatch(
      /^warning: no run has stored a record in the table balance-snapshots \(eu-central-1, http:\/\/\S+\) → .*InvokeCommand/,
    );
  });

  it("warns about listed accounts without a record unless the configuration selects accounts", async () => {
    accounts = [first];
    await world.runSlot(at("10:00"));
    world.setTime(at("10:20"));
    accounts = [first, second];
    const all = await lastRun({ stack: STACK });
    world.setStack({ outputs: { [OUTPUTS.recordedAccounts]: "all, type prime" } });
    const configured = await lastRun({ stack: STACK });

    expect(all.lines[1]).toMatch(`warning: no record of 1 of the accounts that the key sees: ${second.accountId} → `);
    expect(configured.lines).toEqual([expect.stringMatching(`^passed ${first.accountId}: `)]);
  });

  it("fails for a requested account without a record", async () => {
    accounts = [first];
    await world.runSlot(at("10:00"));
    world.setTime(at("12:20"));

    const result = await lastRun({ stack: STACK, accounts: [first.accountId, second.accountId] });

    expect(result.all).toMatch(/^failed: all accounts: 2 slots/);
    expect(result.second).toMatch(/^failed: the table has no record of this account → /);
  });

  it("reports the account whose records cannot be read", async () => {
    await world.runSlot(at("09:00"));
    world.setTime(at("09:20"));
    await world.servers.put([{ account: { S: first.accountId }, slot: { S: at("09:10") }, status: { S: "complete" } }]);

    expect(await lastRun()).toMatchObject({
      first: expect.stringMatching(/^failed: .* → Another version/),
      second: expect.stringMatching(/^passed: /),
    });
  });

  it("warns if the table may not be read", async () => {
    world.aws.reply("dynamodb:Query", DENIED);

    expect((await lastRun()).lines).toEqual([expect.stringMatching(/^warning: .* → Allow dynamodb:Query on/)]);
  });
});
