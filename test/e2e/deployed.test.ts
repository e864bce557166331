import type { RunResult } from "../../core/domain/run-result.ts";
import { testEvents } from "../../infra/options/test-events.ts";
import type { Outcome } from "../../local/stand-ins/lambda-function.ts";
import { heldBy, heldIn, makeAccount, makeBalances } from "../support/accounts.ts";
import { currentHour } from "../support/clock.ts";
import { type DeployedFunction, deploy } from "../support/deployed.ts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "../support/jest.ts";
import { makeEcKey, makeEd25519Key } from "../support/keys.ts";
import { findNode24 } from "../support/node24.ts";
import { startWorld, type World } from "../support/world/world.ts";

// Invokes the deployed bundle with the environment and the events from the template. Only the API, the table and the
// secret are local.

const ACCOUNTS = [makeAccount(makeBalances(130)), makeAccount(makeBalances(2)), makeAccount()];
const IDS = ACCOUNTS.map(({ accountId }) => accountId);
/** The API lists it, and the stack's configuration does not. */
const UNCONFIGURED = makeAccount();
const CONFIGURATION = { accounts: IDS, retentionDays: 400 };

let world: World;
let deployed: DeployedFunction;
let fn: Awaited<ReturnType<DeployedFunction["start"]>>;

/** Deploys the stack's function in a new world. */
async function prepare(configuration: Readonly<Record<string, unknown>>, key = makeEd25519Key()): Promise<void> {
  world = await startWorld({ accounts: () => [...ACCOUNTS, UNCONFIGURED], key });
  deployed = await deploy(world, configuration);
}

afterEach(() => world.aws.onCall(world.scope, undefined));

async function expectStored(): Promise<void> {
  for (const account of ACCOUNTS) {
    expect(heldIn(await world.reader.latest(account.accountId))).toEqual(heldBy(account));
  }
}

describe("the deployed bundle", () => {
  beforeAll(async () => {
    await prepare(CONFIGURATION);
    fn = await deployed.start();
  });
  afterAll(async () => {
    await fn.stop();
    await world.close();
  });

  it("logs one line per account, one per run, and the metrics that alarms need", async () => {
    const [, good, bad = ""] = IDS;
    world.cdp.addFault({ kind: "error", status: 404, on: { account: bad } });
    const slot = currentHour();

    const { error } = await fn.invoke({ scheduledTime: slot });
    world.cdp.clearFaults();

    expect(error).toMatchObject({ errorType: "RunFailedError", code: "run_failed" });
    expect(error?.errorMessage).toContain(`1 of 3 accounts has no snapshot for slot ${slot}`);
    expect(error?.errorMessage).toContain(`${bad}: api_not_found`);
    const lines = linesOf(fn.log());
    const expected = [
      { level: "INFO", message: "Account complete", slot, accountId: good, assets: 2 },
      { level: "ERROR", message: "Account failed", slot, accountId: bad },
      { message: "Run ended", slot, accounts: { complete: 2, alreadyComplete: 0, failed: 1 } },
      { AccountsComplete: 2, AccountsFailed: 1, Duration: expect.any(Number), OldestCompleteAge: expect.any(Number) },
    ];
    for (const line of expected) {
      expect(lines).toContainEqual(expect.objectContaining(line));
    }
  });

  it("is killed when the put of a snapshot has worked, and another instance completes the slot after that", async () => {
    const killed = await deployed.start();
    const slot = currentHour(1);
    world.aws.onCall(world.scope, async ({ action, input }, phase) => {
      const isSnapshot = action === "dynamodb:PutItem" && "balances" in ((input as { Item?: object }).Item ?? {});
      if (!isSnapshot || phase !== "worked") return undefined;
      killed.process.kill("SIGKILL");
      return "reset";
    });

    await expect(killed.invoke({ scheduledTime: slot })).rejects.toThrow("SIGKILL");
    world.aws.onCall(world.scope, undefined);
    const { accounts } = reportOf(await fn.invoke({ scheduledTime: slot }));

    expect(accounts.failed).toBe(0);
    expect(accounts.alreadyComplete).toBeGreaterThan(0);
    await expectStored();
  });
});

describe("the deployed bundle without a value in the secret", () => {
  const scheduled = { scheduledTime: currentHour() };
  const STORE = /has no value yet\. Store the key file: aws secretsmanager put-secret-value/;
  beforeAll(async () => {
    await prepare(CONFIGURATION, makeEcKey());
    world.aws.secrets.set(world.scope, undefined);
  });
  afterAll(() => world.close());

  it("reports once that there is no key yet, and keeps every alarm but the key's silent, while the table is empty; a dry run fails", async () => {
    const instance = await deployed.start();

    const outcome = await instance.invoke(scheduled);
    const lines = linesOf(instance.log());
    const dryRun = await instance.invoke({ dryRun: true });
    await instance.stop();

    const { noKey, accounts } = reportOf(outcome);
    const metrics = lines.find(({ _aws }) => _aws !== undefined);
    expect(noKey).toMatchObject({ code: "key_not_stored" });
    expect(`${noKey?.message} ${noKey?.suggestedFix}`).toMatch(STORE);
    expect(accounts).toEqual({ complete: 0, alreadyComplete: 0, failed: 0 });
    expect(metrics).toMatchObject({ KeyFailures: 1, CompleteRuns: 1, AccountsFailed: 0, Warnings: 0 });
    expect(lines.filter(({ level }) => level)).toMatchObject([{ level: "WARN", message: "No key yet" }]);
    expect(dryRun.error?.errorMessage).toMatch(STORE);
  });

  it("takes the slot with an EC key when it is stored", async () => {
    world.aws.secrets.set(world.scope, world.key.file);
    // A running instance caches the failed read for a short time.
    const instance = await deployed.start();

    const { accounts } = reportOf(await instance.invoke(scheduled));
    await instance.stop();

    expect(accounts).toEqual({ complete: IDS.length, alreadyComplete: 0, failed: 0 });
  });
});

describe.each([
  {
    ...{ name: "the default configuration", configuration: {}, node: process.execPath },
    ...{ ids: [...IDS, UNCONFIGURED.accountId], dryRunPages: 7 },
  },
  {
    ...{
      name: "configured accounts and a retention",
      configuration: CONFIGURATION,
      node: findNode24() ?? process.execPath,
    },
    ...{ ids: IDS, dryRunPages: 6 },
  },
])("the function deployed with $name, on $node", ({ configuration, ids, dryRunPages, node }) => {
  const count = ids.length;
  const events = testEvents([
    { name: undefined, accounts: "accounts" in configuration ? configuration.accounts : "all" },
  ]);
  beforeAll(async () => {
    await prepare(configuration);
    fn = await deployed.start(node);
  });
  afterAll(async () => {
    await fn.stop();
    await world.close();
  });

  it("writes nothing to the table with the test event Dry-run", async () => {
    const report = reportOf(await fn.invoke(events["Dry-run"]));

    expect(report).toMatchObject({ dryRun: true, accounts: { complete: count, failed: 0 } });
    const pages = world.cdp.requests.filter(({ path, status }) => path.endsWith("/balances") && status === 200);
    expect(new Set(pages.map(({ accountId }) => accountId))).toEqual(new Set(ids));
    // Two passes over two pages of the first account, and one page of each other account.
    expect(pages).toHaveLength(dryRunPages);
    expect(await world.items()).toEqual([]);
  });

  it("takes a snapshot of the slot once with the schedule's input", async () => {
    // https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
    const scheduledTime = currentHour().replace(/\.\d+Z$/, "Z");
    const event = JSON.parse(deployed.scheduledInput.replace("<aws.scheduler.scheduled-time>", scheduledTime));

    const [first, again] = [reportOf(await fn.invoke(event)), reportOf(await fn.invoke(event))];

    expect(first).toMatchObject({ trigger: "schedule", accounts: { complete: count, alreadyComplete: 0, failed: 0 } });
    expect(new Set(first.snapshots.map(({ accountId }) => accountId))).toEqual(new Set(ids));
    expect(Date.parse(first.slot)).toBe(Date.parse(scheduledTime));
    expect(again.accounts).toEqual({ complete: 0, alreadyComplete: count, failed: 0 });
    await expectStored();
  });

  it.each([
    ["in a string", (event: object) => JSON.stringify(event)],
    ["as an object", (event: object) => event],
  ])("takes the slot of a dead letter of EventBridge Scheduler, with the event %s", async (_, payloadOf) => {
    const slot = currentHour();
    const Payload = payloadOf(JSON.parse(deployed.scheduledInput.replace("<aws.scheduler.scheduled-time>", slot)));

    const result = reportOf(
      await fn.invoke({ FunctionName: "arn:aws:lambda:eu-central-1:1:function:x", InvocationType: "Event", Payload }),
    );

    expect(result).toMatchObject({ trigger: "schedule", slot, accounts: { alreadyComplete: count, failed: 0 } });
  });

  it("reads the secret once for all invocations", () => {
    expect(world.aws.calls.filter(({ action }) => action === "secretsmanager:GetSecretValue")).toHaveLength(1);
  });

  it("takes a snapshot of every account with the test event Snapshot-now, with an expiry if configured", async () => {
    const { slot, ...report } = reportOf(await fn.invoke(events["Snapshot-now"]));

    expect(report).toMatchObject({ trigger: "manual", dryRun: false, accounts: { complete: count, failed: 0 } });
    const expiry = { N: String(Math.ceil(Date.parse(slot) / 1000) + 400 * 86_400) };
    const items = await world.items();
    const isOfAccount = (item: Record<string, unknown>) => /"account_[0-9a-f-]+"/.test(JSON.stringify(item["account"]));
    const written = items.filter((item) => isOfAccount(item) && JSON.stringify(item["slot"]) === `{"S":"${slot}"}`);
    const expected = "retentionDays" in configuration ? expiry : undefined;
    expect(written.map(({ expiresAt }) => expiresAt)).toEqual(ids.map(() => expected));
    // The catalog and the chains never expire.
    const others = items.filter((item) => !isOfAccount(item) && item["expiresAt"] === undefined);
    expect(others).toHaveLength(items.filter((item) => !isOfAccount(item)).length);
    expect(others.length).toBeGreaterThan(2);
  });

  it("refuses the example time of the test event Redo-a-slot, and takes what is missing for a current slot", async () => {
    const event = events["Redo-a-slot"] as { scheduledTime: string };
    const slot = currentHour(1);
    await fn.invoke({ scheduledTime: slot, accounts: ids.slice(0, 1) });

    const unchanged = await fn.invoke({ scheduledTime: event.scheduledTime.replace("2026", "2025") });
    const edited = await fn.invoke({ ...event, scheduledTime: slot });

    expect(unchanged.error?.errorMessage).toMatch(/slot_too_late|is .* old and the lateness limit/);
    expect(reportOf(edited).accounts).toEqual({ complete: count - 1, alreadyComplete: 1, failed: 0 });
  });

  it("takes a snapshot of the first configured account, or none, with the test event One-account", async () => {
    const event = events["One-account"];
    const outcome = await fn.invoke(event);

    if (!("accounts" in configuration)) {
      expect(outcome.error?.errorMessage).toContain("account_00000000-0000-0000-0000-000000000000: api_not_found");
    } else {
      expect(reportOf(outcome).snapshots.map(({ accountId }) => accountId)).toEqual(ids.slice(0, 1));
    }
  });
});

function linesOf(log: string): Record<string, unknown>[] {
  return log
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function reportOf({ result, error }: Outcome): RunResult {
  expect(error).toBeUndefined();
  return result as RunResult;
}
