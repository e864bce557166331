import { afterEach, expect, it } from "@jest/globals";
import type { RunResult } from "../../core/domain/run-result.ts";
import { slotAt } from "../../core/domain/slot.ts";
import type { Outcome, RunningFunction } from "../../local/stand-ins/lambda-function.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { type DeployedFunction, deploy } from "../support/deployed.ts";
import { type Servers, startServers } from "../support/job.ts";

// Invokes the deployed bundle with the environment and the events from the template. Only the API, the table and the
// secret are local.

let servers: Servers;
let deployed: DeployedFunction;
let fn: RunningFunction;
afterEach(async () => {
  await fn.stop();
  await deployed.remove();
  await servers.close();
});

const accounts = [makeAccount(makeBalances(3)), makeAccount(makeBalances(1))];
const ids = accounts.map(({ accountId }) => accountId);

it("takes a snapshot of the slot once with the schedule's input", async () => {
  const invoke = await prepare();
  // https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
  const scheduledTime = slotAt(Date.now() - 60_000).replace(/\.\d+Z$/, "Z");
  const event = JSON.parse(deployed.scheduledInput.replace("<aws.scheduler.scheduled-time>", scheduledTime));

  const [first, again] = [await invoke(event), await invoke(event)];

  expect(reportOf(first)).toMatchObject({ trigger: "schedule", accounts: { complete: 2, failed: 0 } });
  expect(Date.parse(reportOf(first).slot)).toBe(Date.parse(scheduledTime));
  expect(reportOf(again).accounts).toEqual({ complete: 0, alreadyComplete: 2, failed: 0 });
});

it("has a test for every test event in this file", async () => {
  await prepare();

  expect(Object.keys(deployed.testEvents)).toEqual(["Snapshot now", "Dry run", "One account", "Redo a slot"]);
});

it("takes a snapshot of every account with the test event Snapshot now", async () => {
  const invoke = await prepare();

  const report = reportOf(await invoke(deployed.testEvents["Snapshot now"]));

  expect(report).toMatchObject({ trigger: "manual", dryRun: false, accounts: { complete: 2, failed: 0 } });
  expect(await snapshots()).toHaveLength(2);
});

it("writes nothing to the table with the test event Dry run", async () => {
  const invoke = await prepare();

  const report = reportOf(await invoke(deployed.testEvents["Dry run"]));

  expect(report).toMatchObject({ dryRun: true, accounts: { complete: 2, failed: 0 } });
  // Ignores the rejected requests for larger pages.
  const pages = servers.cdp.requests.filter(({ path, status }) => path.endsWith("/balances") && status === 200);
  expect(pages).toHaveLength(2);
  expect(await servers.items()).toEqual([]);
});

it("takes a snapshot of the first configured account with the test event One account", async () => {
  const invoke = await prepare({ accounts: ids });

  const report = reportOf(await invoke(deployed.testEvents["One account"]));

  expect(report.snapshots.map(({ accountId }) => accountId)).toEqual(ids.slice(0, 1));
});

it("fails with the placeholder of the test event One account, if no accounts are configured", async () => {
  const invoke = await prepare();
  const event = deployed.testEvents["One account"];

  const unchanged = await invoke(event);
  const edited = await invoke({ ...event, accounts: ids.slice(1) });

  expect(unchanged.error?.errorMessage).toContain("account_00000000-0000-0000-0000-000000000000: api_not_found");
  expect(reportOf(edited).snapshots.map(({ accountId }) => accountId)).toEqual(ids.slice(1));
});

it("refuses the example time of the test event Redo a slot, and takes what is missing for a current slot", async () => {
  const invoke = await prepare();
  const event = deployed.testEvents["Redo a slot"];
  const [slot, [only]] = [slotAt(Date.now() - 60_000), ids];
  await invoke({ scheduledTime: slot, accounts: [only] });

  const unchanged = await invoke({ ...event, scheduledTime: String(event?.["scheduledTime"]).replace("2026", "2025") });
  const edited = await invoke({ ...event, scheduledTime: slot });

  expect(unchanged.error?.errorMessage).toMatch(/slot_too_late|is .* old and the lateness limit/);
  expect(reportOf(edited).accounts).toEqual({ complete: 1, alreadyComplete: 1, failed: 0 });
});

it("stores an expiry with snapshots only, if retentionDays is configured", async () => {
  const invoke = await prepare({ retentionDays: 400 });

  const { slot } = reportOf(await invoke(deployed.testEvents["Snapshot now"]));

  const expiries = (await servers.items()).map(({ account, expiresAt }) => [JSON.stringify(account), expiresAt]);
  const expected = { N: String(Math.ceil(Date.parse(slot) / 1000) + 400 * 86_400) };
  for (const [account, expiresAt] of expiries) {
    expect({ account, expiresAt }).toEqual({
      account,
      expiresAt: /"account_[0-9a-f-]+"/.test(String(account)) ? expected : undefined,
    });
  }
  expect(expiries.length).toBeGreaterThan(4);
});

async function prepare(configuration: Readonly<Record<string, unknown>> = {}) {
  servers = await startServers({ accounts: () => accounts });
  deployed = await deploy(servers, configuration);
  fn = await deployed.start();
  return async (event: unknown): Promise<Outcome> => fn.invoke(event);
}

function reportOf({ result, error }: Outcome): RunResult {
  expect(error).toBeUndefined();
  return result as RunResult;
}

const snapshots = async () =>
  (await servers.items()).filter(({ status }) => JSON.stringify(status) === '{"S":"complete"}');
