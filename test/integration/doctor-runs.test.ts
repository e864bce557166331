import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { beforeEach, describe, expect, it } from "@jest/globals";
import type { CheckResult } from "../../cli/doctor/check-result.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import type { SimulatedAccount } from "../../local/simulated-cdp/server.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { DENIED } from "../support/aws.ts";
import { type DoctorWorld, of, RESOURCES, STACK, startDoctorWorld } from "../support/doctor.ts";
import { composeTestJob } from "../support/job.ts";

// The doctor on what the last runs left in the table.

const [first, second] = [makeAccount(makeBalances(3)), makeAccount(makeBalances(1))];
let accounts: readonly SimulatedAccount[] = [];

/** A world of its own, in which runs took place at these slots of 23 November. */
async function worldOf(
  runs: readonly string[],
  now: string,
  spoil: (world: DoctorWorld, slot: string) => void = () => {},
  named: (slot: string) => readonly string[] | undefined = () => undefined,
) {
  const made = await startDoctorWorld(() => accounts);
  for (const time of runs) {
    const slot = `2026-11-23T${time}:00.000Z`;
    made.servers.cdp.behave();
    spoil(made, slot);
    await made.run(slot, named(slot)).catch(() => {});
  }
  made.servers.cdp.behave();
  made.goTo(`2026-11-23T${now}:00.000Z`);
  return made;
}

beforeEach(() => {
  accounts = [first, second];
});

describe("last run", () => {
  async function lastRuns(...world: Parameters<typeof worldOf>): Promise<readonly CheckResult[]> {
    const made = await worldOf(...world);
    const findings = await made.examine();
    await made.close();
    return of(findings, "last run");
  }
  const byAccount = (findings: readonly CheckResult[], { accountId }: SimulatedAccount) =>
    findings.find((finding) => finding.accountId === accountId);

  it("is complete for the slot that was due last, one that may still be running left out", async () => {
    const findings = await lastRuns(["09:00", "10:00"], "11:14");

    expect(byAccount(findings, first)).toMatchObject({
      status: "ok",
      found: "complete for 2026-11-23T10:00:00.000Z, captured 1 hour ago, 3 assets",
    });
    expect(findings).toHaveLength(2);
  });

  it("is older than the schedule allows: slots are missing, and how many since when, once for all accounts", async () => {
    const one = await lastRuns(["09:00", "10:00"], "11:16");
    const five = await lastRuns(["10:00"], "15:16");

    expect(one[0]).toMatchObject({
      status: "failed",
      found: "of no account: the slot 2026-11-23T11:00:00.000Z has no record",
    });
    expect(five[0]).toMatchObject({
      status: "failed",
      found: "of no account: 5 slots since 2026-11-23T11:00:00.000Z have no record",
      remedy: expect.stringContaining("docs/runbook.md#no-complete-run"),
    });
    expect(five.slice(1).map(({ status }) => status)).toEqual(["ok", "ok"]);
  });

  it("is older for one account than for the other: each tells its own", async () => {
    const onlySecond = (slot: string) => (slot.includes("T09") ? undefined : [second.accountId]);
    const made = await worldOf(["09:00", "10:00"], "11:20", () => {}, onlySecond);
    const listed = of(await made.examine(), "last run");
    await made.close();
    expect(byAccount(listed, first)?.found).toMatch(/; 2 slots since 2026-11-23T10:00:00\.000Z have no record$/);
    expect(byAccount(listed, second)?.found).toMatch(/; the slot 2026-11-23T11:00:00\.000Z has no record$/);
  });

  it("failed for one account: which slot, why, and how old its last complete one is", async () => {
    const findings = await lastRuns(["09:00", "10:00"], "10:30", ({ servers }, slot) => {
      if (slot.includes("T10")) servers.cdp.misbehave({ kind: "error", status: 404, on: { account: first.accountId } });
    });

    expect(byAccount(findings, first)).toMatchObject({
      status: "failed",
      found: expect.stringMatching(
        /^2026-11-23T10:00:00\.000Z failed after 1 attempt: api_not_found: .*; the last complete one is 1 hour old$/,
      ),
      remedy: `docs/runbook.md#account-failed; which slots are missing: balances gaps --account ${first.accountId}`,
    });
    expect(byAccount(findings, second)).toMatchObject({ status: "ok" });
  });

  it("failed, and none was complete before, nor was there another run since", async () => {
    const findings = await lastRuns(["09:00"], "12:30", ({ servers }) => {
      servers.cdp.misbehave({ kind: "error", status: 404, on: { account: first.accountId } });
    });

    expect(findings[0]?.found).toBe("of no account: 3 slots since 2026-11-23T10:00:00.000Z have no record");
    expect(byAccount(findings, first)?.found).toMatch(/none was complete before$/);
  });

  it("by hand does not stand for one of the schedule", async () => {
    const made = await worldOf(["09:00"], "12:20");
    process.env["AWS_ENDPOINT_URL_DYNAMODB"] = made.servers.env["AWS_ENDPOINT_URL_DYNAMODB"];
    await composeTestJob(made.servers).run();
    const findings = await made.examine();
    await made.close();

    expect(of(findings, "last run")[0]?.found).toMatch(/^of no account: 3 slots since 2026-11-23T10/);
    expect(byAccount(of(findings, "last run"), first)?.found).toMatch(/, by hand, captured 0 seconds ago, 3 assets$/);
  });

  it("of an account that the API lists no more is no reason for an alarm", async () => {
    const made = await worldOf(["08:00", "09:00"], "15:00", (_, slot) => {
      accounts = slot.includes("T08") ? [first, second] : [second];
    });
    const findings = of(await made.examine(), "last run");
    await made.close();

    expect(byAccount(findings, first)).toMatchObject({
      status: "warning",
      found: expect.stringMatching(/^2026-11-23T09:00:00\.000Z failed after 1 attempt: account_not_listed: /),
      remedy: expect.stringContaining("closed"),
    });
    expect(findings[0]?.found).toMatch(/^of no account: 5 slots/);
    expect(byAccount(findings, second)).toMatchObject({ status: "ok" });
  });

  it("has left nothing yet", async () => {
    const findings = await lastRuns([], "10:00");

    expect(findings[0]).toMatchObject({ status: "warning", found: "no run has left anything in the table yet" });
  });

  it("knows nothing of an account that the key sees: told, unless the accounts are listed one by one", async () => {
    accounts = [first];
    const made = await worldOf(["10:00"], "10:20");
    accounts = [first, second];
    const all = of(await made.examine(), "last run");
    made.stack({ resources: { ...RESOURCES, "AWS::Lambda::LayerVersion": ["arn"] } });
    const some = of(await made.examine(), "last run");
    const asked = of(await made.examine({ stack: STACK, accounts: [second.accountId] }), "last run");
    made.goTo("2026-11-23T12:20:00.000Z");
    const late = of(await made.examine({ stack: STACK, accounts: [first.accountId, second.accountId] }), "last run");
    await made.close();

    expect(late[0]?.found).toMatch(/^of no account: 2 slots/);
    expect(all[1]).toMatchObject({
      status: "warning",
      found: `of 1 that the key sees there is no record: ${second.accountId}`,
    });
    expect(some).toMatchObject([{ status: "ok", accountId: first.accountId }]);
    expect(asked).toMatchObject([
      { status: "failed", accountId: second.accountId, found: "the table has no record of it" },
    ]);
  });

  it("cannot be read: of which account, and what may be the reason", async () => {
    const made = await worldOf(["09:00"], "09:20");
    const endpoint = made.servers.env["AWS_ENDPOINT_URL_DYNAMODB"] ?? "";
    const Item = {
      account: { S: first.accountId },
      slot: { S: "2026-11-23T09:10:00.000Z" },
      status: { S: "complete" },
    };
    await new DynamoDBClient({ endpoint }).send(new PutItemCommand({ TableName: LOCAL_TABLE, Item }));
    const findings = of(await made.examine(), "last run");
    await made.close();

    expect(byAccount(findings, first)).toMatchObject({
      status: "failed",
      remedy: expect.stringContaining("Another version"),
    });
    expect(byAccount(findings, second)).toMatchObject({ status: "ok" });
  });

  it("cannot be told without the permission to read", async () => {
    const made = await worldOf([], "10:00");
    made.aws.reply("dynamodb:Query", DENIED);
    const findings = of(await made.examine(), "last run");
    await made.close();

    expect(findings).toMatchObject([{ status: "warning", remedy: "Give yourself dynamodb:Query." }]);
  });
});
