import { afterEach, expect, it } from "@jest/globals";
import type { RunResult } from "../../core/domain/run-result.ts";
import { slotAt } from "../../core/domain/slot.ts";
import type { SimulatedAccount } from "../../local/simulated-cdp/server.ts";
import { heldBy, heldIn, makeAccount, makeBalances } from "../support/accounts.ts";
import { type DeployedFunction, deploy } from "../support/deployed.ts";
import { type Servers, startServers } from "../support/job.ts";
import { makeEcKey, makeEd25519Key } from "../support/keys.ts";
import { findNode24 } from "../support/node24.ts";

let servers: Servers;
let deployed: DeployedFunction;
afterEach(async () => {
  await deployed.remove();
  await servers.close();
});

const node24 = findNode24();
const nodes: [string, string][] = [[process.version, process.execPath]];
if (node24 !== undefined && node24 !== process.execPath) nodes.push(["v24.", node24]);

it.each(nodes)("the deployed bundle takes, stores and reports snapshots with Node %s", async (version, node) => {
  const accounts = [makeAccount(makeBalances(130)), makeAccount(makeBalances(2)), makeAccount()];
  const fn = await prepare(accounts, {}, node);
  const slot = slotAt(Math.floor(Date.now() / 1000) * 1000);

  // EventBridge Scheduler sends the time without milliseconds.
  const first = await fn.invoke({ scheduledTime: slot.replace(".000Z", "Z") });
  const second = await fn.invoke({ scheduledTime: slot });
  await fn.stop();

  expect((first.result as RunResult).accounts).toEqual({ complete: 3, alreadyComplete: 0, failed: 0 });
  expect((second.result as RunResult).accounts).toEqual({ complete: 0, alreadyComplete: 3, failed: 0 });
  for (const account of accounts) {
    expect(heldIn(await servers.reader.latest(account.accountId))).toEqual(heldBy(account));
  }
  expect(fn.nodeVersion).toContain(version);
  // The second invocation reuses the cached key.
  expect(deployed.secrets.reads).toBe(1);
});

it("logs one line per account, one per run, and the metrics that alarms need", async () => {
  const [good, bad] = [makeAccount(makeBalances(2)), makeAccount()];
  const fn = await prepare([good, bad]);
  servers.cdp.misbehave({ kind: "error", status: 404, on: { account: bad.accountId } });
  const slot = slotAt(Date.now() - 1000);

  const { error } = await fn.invoke({ scheduledTime: slot });
  await fn.stop();

  expect(error).toMatchObject({ errorType: "RunFailedError", code: "run_failed" });
  expect(error?.errorMessage).toContain(`1 of 2 accounts have no snapshot for slot ${slot}`);
  expect(error?.errorMessage).toContain(`${bad.accountId}: api_not_found`);
  const lines = fn
    .log()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toContainEqual(
    expect.objectContaining({ level: "INFO", message: "Account complete", slot, accountId: good.accountId, assets: 2 }),
  );
  expect(lines).toContainEqual(
    expect.objectContaining({ level: "ERROR", message: "Account failed", slot, accountId: bad.accountId }),
  );
  expect(lines).toContainEqual(
    expect.objectContaining({
      message: "Run ended",
      slot,
      accounts: { complete: 1, alreadyComplete: 0, failed: 1 },
    }),
  );
  expect(lines).toContainEqual(
    expect.objectContaining({
      AccountsComplete: 1,
      AccountsFailed: 1,
      Pages: 1,
      Duration: expect.any(Number),
      OldestCompleteAge: expect.any(Number),
    }),
  );
});

it("walks the accounts in the stack's configuration", async () => {
  const accounts = [makeAccount(), makeAccount(), makeAccount()];
  const configured = accounts.slice(0, 2).map(({ accountId }) => accountId);
  const fn = await prepare(accounts, { accounts: configured });

  const { result } = await fn.invoke({});
  await fn.stop();

  expect((result as RunResult).snapshots.map(({ accountId }) => accountId)).toEqual(configured);
});

it("signs with an EC key in the portal's format", async () => {
  const key = makeEcKey();
  const fn = await prepare([makeAccount(makeBalances(1))], {}, process.execPath, key);

  const { result } = await fn.invoke({});
  await fn.stop();

  expect((result as RunResult).accounts.complete).toBe(1);
});

it.each([
  ["has no value", undefined, "key_secret_unavailable", "put-secret-value"],
  ["is truncated", '{"id": "x", "privateKey": "MC4C', "key_not_json", "incomplete or damaged JSON"],
])("fails with a suggested fix when the secret %s, and works after the fix", async (_, text, code, suggestedFix) => {
  const account = makeAccount(makeBalances(1));
  servers = await startServers({ accounts: () => [account], key: makeEd25519Key() });
  let secret = text;
  deployed = await deploy(servers, {}, () => secret);
  const fn = await deployed.start();

  const { error } = await fn.invoke({ accounts: [account.accountId] });
  await fn.stop();
  secret = servers.key.file;
  const fixed = await deployed.start();
  const { result } = await fixed.invoke({ accounts: [account.accountId] });
  await fixed.stop();

  expect(error?.errorMessage).toContain(code);
  expect(error?.errorMessage).toContain(suggestedFix);
  expect((result as RunResult).accounts.complete).toBe(1);
});

it("rejects an invalid event and names its problems", async () => {
  const fn = await prepare([makeAccount()]);

  const { error } = await fn.invoke({ key1: "value1", dryRun: "yes" });
  await fn.stop();

  expect(error).toMatchObject({ errorType: "InputError", code: "event_invalid" });
  expect(error?.errorMessage).toContain('"key1" is unknown');
  expect(error?.errorMessage).toContain('dryRun is "yes"');
  expect(await servers.items()).toEqual([]);
});

async function prepare(
  accounts: readonly SimulatedAccount[],
  configuration: Readonly<Record<string, unknown>> = {},
  node = process.execPath,
  key = makeEd25519Key(),
) {
  servers = await startServers({ accounts: () => accounts, key });
  deployed = await deploy(servers, configuration);
  return deployed.start(node);
}
