import { afterEach, expect, it } from "@jest/globals";
import type { RunResult } from "../../core/domain/run-result.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { heldBy, heldIn, makeAccount, makeBalances } from "../support/accounts.ts";
import { type DeployedFunction, deploy } from "../support/deployed.ts";
import { makeEcKey, makeEd25519Key } from "../support/keys.ts";
import { findNode24 } from "../support/node24.ts";
import { startWorld, type World } from "../support/world/world.ts";

const ACCOUNTS = [makeAccount(makeBalances(130)), makeAccount(makeBalances(2)), makeAccount()];
const IDS = ACCOUNTS.map(({ accountId }) => accountId);
/** The API lists it, and the stack's configuration does not. */
const UNCONFIGURED = makeAccount();
const CONFIGURATION = { accounts: IDS };

let world: World;
let deployed: DeployedFunction;
afterEach(() => world.close());

/** Deploys the stack's function in a new world. */
async function prepare(key = makeEd25519Key()): Promise<void> {
  world = await startWorld({ accounts: () => [...ACCOUNTS, UNCONFIGURED], key });
  deployed = deploy(world, CONFIGURATION);
}

const node24 = findNode24();
const nodes: [string, string][] = [[process.version, process.execPath]];
if (node24 !== undefined && node24 !== process.execPath) nodes.push(["v24.", node24]);

it.each(nodes)("the deployed bundle takes and stores the configured snapshots with Node %s", async (version, node) => {
  await prepare();
  const fn = await deployed.start(node);
  const slot = slotAt(Math.floor(Date.now() / 1000) * 1000);

  // EventBridge Scheduler sends the time without milliseconds.
  const first = (await fn.invoke({ scheduledTime: slot.replace(".000Z", "Z") })).result as RunResult;
  const second = (await fn.invoke({ scheduledTime: slot })).result as RunResult;
  await fn.stop();

  expect(first.accounts).toEqual({ complete: 3, alreadyComplete: 0, failed: 0 });
  expect(first.snapshots.map(({ accountId }) => accountId)).toEqual(IDS);
  expect(second.accounts).toEqual({ complete: 0, alreadyComplete: 3, failed: 0 });
  for (const account of ACCOUNTS) {
    expect(heldIn(await world.reader.latest(account.accountId))).toEqual(heldBy(account));
  }
  expect(fn.nodeVersion).toContain(version);
  // The second invocation reuses the cached key.
  expect(world.aws.calls.filter(({ action }) => action === "secretsmanager:GetSecretValue")).toHaveLength(1);
});

it("logs one line per account, one per run, and the metrics that alarms need", async () => {
  await prepare();
  const fn = await deployed.start();
  const [, good, bad = ""] = IDS;
  world.cdp.misbehave({ kind: "error", status: 404, on: { account: bad } });
  const slot = slotAt(Date.now() - 1000);

  const { error } = await fn.invoke({ scheduledTime: slot });
  await fn.stop();

  expect(error).toMatchObject({ errorType: "RunFailedError", code: "run_failed" });
  expect(error?.errorMessage).toContain(`1 of 3 accounts has no snapshot for slot ${slot}`);
  expect(error?.errorMessage).toContain(`${bad}: api_not_found`);
  const lines = fn.log().trim().split("\n");
  const expected = [
    { level: "INFO", message: "Account complete", slot, accountId: good, assets: 2 },
    { level: "ERROR", message: "Account failed", slot, accountId: bad },
    { message: "Run ended", slot, accounts: { complete: 2, alreadyComplete: 0, failed: 1 } },
    { AccountsComplete: 2, AccountsFailed: 1, Duration: expect.any(Number), OldestCompleteAge: expect.any(Number) },
  ];
  for (const line of expected) {
    expect(lines.map((text) => JSON.parse(text))).toContainEqual(expect.objectContaining(line));
  }
});

it("fails with a suggested fix when the secret has no value, and signs with an EC key after the fix", async () => {
  await prepare(makeEcKey());
  world.aws.secrets.set(world.scope, undefined);
  const event = { accounts: IDS.slice(1, 2) };
  const fn = await deployed.start();

  const { error } = await fn.invoke(event);
  await fn.stop();
  world.aws.secrets.set(world.scope, world.key.file);
  const fixed = await deployed.start();
  const { result } = await fixed.invoke(event);
  await fixed.stop();

  expect(error?.errorMessage).toContain("key_secret_unavailable");
  expect(error?.errorMessage).toContain("put-secret-value");
  expect((result as RunResult).accounts.complete).toBe(1);
});

it("rejects an invalid event and names its problems", async () => {
  await prepare();
  const fn = await deployed.start();

  const { error } = await fn.invoke({ key1: "value1", dryRun: "yes" });
  await fn.stop();

  expect(error).toMatchObject({ errorType: "InputError", code: "event_invalid" });
  expect(error?.errorMessage).toContain('"key1" is unknown');
  expect(error?.errorMessage).toContain('dryRun is "yes"');
  expect(await world.items()).toEqual([]);
});
