import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { RunResult } from "../../core/domain/run-result.ts";
import { slotAt } from "../../core/domain/slot.ts";
import type { Outcome, RunningFunction } from "../../local/stand-ins/lambda-function.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { type DeployedFunction, deploy } from "../support/deployed.ts";
import { startWorld, type World } from "../support/world/world.ts";

// Invokes the deployed bundle with the environment and the events from the template. Only the API, the table and the
// secret are local.

const accounts = [makeAccount(makeBalances(3)), makeAccount(makeBalances(1))];
const ids = accounts.map(({ accountId }) => accountId);

describe.each([
  ["the default configuration", {}],
  ["configured accounts and a retention", { accounts: ids, retentionDays: 400 }],
])("the function deployed with %s", (_, configuration: Readonly<Record<string, unknown>>) => {
  let world: World;
  let deployed: DeployedFunction;
  let fn: RunningFunction;
  beforeAll(async () => {
    world = await startWorld({ accounts: () => accounts });
    deployed = deploy(world, configuration);
    fn = await deployed.start();
  });
  afterAll(async () => {
    await fn.stop();
    await world.close();
  });

  it("writes nothing to the table with the test event Dry run", async () => {
    const report = reportOf(await fn.invoke(deployed.testEvents["Dry run"]));

    expect(report).toMatchObject({ dryRun: true, accounts: { complete: 2, failed: 0 } });
    // Ignores the rejected requests for larger pages.
    const pages = world.cdp.requests.filter(({ path, status }) => path.endsWith("/balances") && status === 200);
    expect(pages).toHaveLength(2);
    expect(await world.items()).toEqual([]);
  });

  it("takes a snapshot of the slot once with the schedule's input", async () => {
    // https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
    const scheduledTime = slotAt(Date.now() - 60_000).replace(/\.\d+Z$/, "Z");
    const event = JSON.parse(deployed.scheduledInput.replace("<aws.scheduler.scheduled-time>", scheduledTime));

    const [first, again] = [await fn.invoke(event), await fn.invoke(event)];

    expect(reportOf(first)).toMatchObject({ trigger: "schedule", accounts: { complete: 2, failed: 0 } });
    expect(Date.parse(reportOf(first).slot)).toBe(Date.parse(scheduledTime));
    expect(reportOf(again).accounts).toEqual({ complete: 0, alreadyComplete: 2, failed: 0 });
  });

  it("takes a snapshot of every account with the test event Snapshot now, with an expiry if configured", async () => {
    const { slot, ...report } = reportOf(await fn.invoke(deployed.testEvents["Snapshot now"]));

    expect(report).toMatchObject({ trigger: "manual", dryRun: false, accounts: { complete: 2, failed: 0 } });
    const expiry = { N: String(Math.ceil(Date.parse(slot) / 1000) + 400 * 86_400) };
    const items = await world.items();
    const isOfAccount = (item: Record<string, unknown>) => /"account_[0-9a-f-]+"/.test(JSON.stringify(item["account"]));
    const written = items.filter((item) => isOfAccount(item) && JSON.stringify(item["slot"]) === `{"S":"${slot}"}`);
    const expected = "retentionDays" in configuration ? expiry : undefined;
    expect(written.map(({ expiresAt }) => expiresAt)).toEqual([expected, expected]);
    // The catalog and the chains never expire.
    const others = items.filter((item) => !isOfAccount(item) && item["expiresAt"] === undefined);
    expect(others).toHaveLength(items.filter((item) => !isOfAccount(item)).length);
    expect(others.length).toBeGreaterThan(2);
  });

  it("refuses the example time of the test event Redo a slot, and takes what is missing for a current slot", async () => {
    const event = deployed.testEvents["Redo a slot"];
    const slot = slotAt(Date.now() - 120_000);
    await fn.invoke({ scheduledTime: slot, accounts: ids.slice(0, 1) });

    const unchanged = await fn.invoke({ scheduledTime: String(event?.["scheduledTime"]).replace("2026", "2025") });
    const edited = await fn.invoke({ ...event, scheduledTime: slot });

    expect(unchanged.error?.errorMessage).toMatch(/slot_too_late|is .* old and the lateness limit/);
    expect(reportOf(edited).accounts).toEqual({ complete: 1, alreadyComplete: 1, failed: 0 });
  });

  it("takes a snapshot of the first configured account, or none, with the test event One account", async () => {
    const event = deployed.testEvents["One account"];
    const outcome = await fn.invoke(event);

    if (!("accounts" in configuration)) {
      expect(outcome.error?.errorMessage).toContain("account_00000000-0000-0000-0000-000000000000: api_not_found");
    } else {
      expect(reportOf(outcome).snapshots.map(({ accountId }) => accountId)).toEqual(ids.slice(0, 1));
    }
  });
});

function reportOf({ result, error }: Outcome): RunResult {
  expect(error).toBeUndefined();
  return result as RunResult;
}
