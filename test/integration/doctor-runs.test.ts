import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import type { SimulatedAccount } from "../../local/simulated-cdp/server.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { DENIED } from "../support/aws.ts";
import { type DoctorWorld, RESOURCES, STACK, startDoctorWorld } from "../support/doctor.ts";

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

/** Runs the job for slots, then sets the time. */
async function runSlots(slots: readonly string[], now: string): Promise<void> {
  for (const slot of slots) await world.runSlot(at(slot));
  world.setTime(at(now));
}

/** Runs the job for a slot in which the API does not find the first account. */
async function runWithMissingAccount(slot: string): Promise<void> {
  world.servers.cdp.misbehave({ kind: "error", status: 404, on: { account: first.accountId } });
  await world.runSlot(at(slot)).catch(() => {});
  world.servers.cdp.behave();
}

/** Returns the result for all accounts, and for each one, without the account's id. */
async function lastRun(...args: Parameters<DoctorWorld["check"]>) {
  const lines = (await world.textOf("last run", ...args)).split("\n");
  const resultOf = ({ accountId }: SimulatedAccount) =>
    lines.find((line) => line.includes(` ${accountId}: `))?.replace(` ${accountId}`, "");
  return {
    all: lines.find((line) => !line.includes(" account_")),
    first: resultOf(first),
    second: resultOf(second),
    lines,
  };
}

describe("the check of the last run", () => {
  it("passes if the newest slot that is due is complete", async () => {
    await runSlots(["09:00", "10:00"], "11:14");

    expect(await lastRun()).toMatchObject({
      all: undefined,
      first: `passed: complete for ${at("10:00")}, captured 1 hour ago, 3 assets`,
      second: `passed: complete for ${at("10:00")}, captured 1 hour ago, 1 asset`,
    });
  });

  it("reports slots that all accounts miss once", async () => {
    await runSlots(["10:00"], "11:16");
    const oneMissing = await lastRun();
    world.setTime(at("15:16"));
    const fiveMissing = await lastRun();

    expect(oneMissing.all).toMatch(`failed: all accounts: the slot ${at("11:00")} has no record → `);
    expect(fiveMissing.all).toMatch(`failed: all accounts: 5 slots since ${at("11:00")} have no record → `);
    expect(fiveMissing.all).toMatch(/docs\/runbook\.md#no-complete-run/);
    expect([fiveMissing.first, fiveMissing.second]).toEqual(Array(2).fill(expect.stringMatching(/^passed: /)));
  });

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

  it("reports a failed account with its error and the age of its last complete snapshot", async () => {
    await world.runSlot(at("09:00"));
    await runWithMissingAccount("10:00");
    world.setTime(at("10:30"));

    const result = await lastRun();

    const failure = `${at("10:00")} failed after 1 attempt; last complete snapshot 1 hour ago; api_not_found: `;
    const suggestedFix = `See docs/runbook.md#account-failed. .*: balances gaps --account ${first.accountId}`;
    expect(result.first).toMatch(new RegExp(`^failed: ${failure}.* → ${suggestedFix}$`));
    expect(result.second).toMatch(/^passed: /);
  });

  it("reports a failed account without a complete snapshot, and missing slots since", async () => {
    await runWithMissingAccount("09:00");
    world.setTime(at("12:30"));

    expect(await lastRun()).toMatchObject({
      all: expect.stringMatching(`3 slots since ${at("10:00")} have no record`),
      first: expect.stringMatching(/^failed: .*; no complete snapshot before; api_not_found: /),
    });
  });

  it("does not count a manual run as a scheduled one", async () => {
    await runSlots(["09:00"], "12:20");
    await world.runManually();

    expect(await lastRun()).toMatchObject({
      all: expect.stringMatching(`all accounts: 3 slots since ${at("10:00")} have no record`),
      first: expect.stringMatching(/^passed: .*, manual run, captured 0 seconds ago, 3 assets$/),
    });
  });

  it("warns about an account that the API no longer lists", async () => {
    await world.runSlot(at("08:00"));
    accounts = [second];
    await world.runSlot(at("09:00")).catch(() => {});
    world.setTime(at("15:00"));

    expect(await lastRun()).toMatchObject({
      all: expect.stringMatching(/^failed: all accounts: 5 slots/),
      first: expect.stringMatching(/^warning: .* failed after 1 attempt; .*; account_not_listed: .* → .*closed/),
      second: expect.stringMatching(/^passed: /),
    });
  });

  it("warns if no run has stored a record", async () => {
    expect((await lastRun()).all).toMatch(/^warning: no run has stored a record yet → .*InvokeCommand/);
  });

  it("warns about listed accounts without a record unless the accounts are configured individually", async () => {
    accounts = [first];
    await runSlots(["10:00"], "10:20");
    accounts = [first, second];
    const all = await lastRun();
    world.setStack({ resources: { ...RESOURCES, "AWS::Lambda::LayerVersion": ["arn"] } });
    const configured = await lastRun();

    expect(all.lines[1]).toMatch(`warning: no record of 1 of the accounts that the key sees: ${second.accountId} → `);
    expect(configured.lines).toEqual([expect.stringMatching(`^passed ${first.accountId}: `)]);
  });

  it("fails for a requested account without a record", async () => {
    accounts = [first];
    await runSlots(["10:00"], "12:20");

    const result = await lastRun({ stack: STACK, accounts: [first.accountId, second.accountId] });

    expect(result.all).toMatch(/^failed: all accounts: 2 slots/);
    expect(result.second).toMatch(/^failed: the table has no record of this account → /);
  });

  it("reports the account whose records cannot be read", async () => {
    await runSlots(["09:00"], "09:20");
    const endpoint = world.servers.env["AWS_ENDPOINT_URL_DYNAMODB"] ?? "";
    const Item = { account: { S: first.accountId }, slot: { S: at("09:10") }, status: { S: "complete" } };
    await new DynamoDBClient({ endpoint }).send(new PutItemCommand({ TableName: LOCAL_TABLE, Item }));

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
