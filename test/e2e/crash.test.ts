import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { slotAt } from "../../lambda/domain/slot.ts";
import type { RunningFunction } from "../../local/function.ts";
import { heldBy, heldIn, makeAccount, makeBalance } from "../support/accounts.ts";
import { type DeployedFunction, deploy } from "../support/deployed.ts";
import { composeTestJob, type Servers, startServers, type TestJob } from "../support/job.ts";

/** After each step of I/O the process is killed at once, and once this many milliseconds later. */
const DELAYS_MS = [0, 1, 2, 3, 5];

/** One slot for all points: each has accounts of its own. */
const SLOT = slotAt(Date.now());

let accounts = threeNewAccounts(0);
let servers: Servers;
let deployed: DeployedFunction;
let retries: TestJob;
let onStep: () => void = () => {};

beforeAll(async () => {
  servers = await startServers({ accounts: () => accounts, onStep: () => onStep() });
  deployed = await deploy(servers, { pageSize: 2 });
  retries = composeTestJob(servers);
});
afterAll(async () => {
  await deployed.remove();
  await servers.close();
});

it("a run that is killed at any point leaves whole snapshots only, and the retry completes the slot", async () => {
  const steps = await countSteps();
  const points = Array.from({ length: steps }, (_, at) => DELAYS_MS.map((delay) => ({ step: at + 1, delay }))).flat();
  expect(points.length).toBeGreaterThanOrEqual(200);
  const failures: string[] = [];
  let killed = 0;

  // The next process loads while this one runs.
  let next = deployed.start();
  for (const [index, { step, delay }] of points.entries()) {
    const fn = await next;
    next = deployed.start();
    accounts = threeNewAccounts(index + 2);
    if (await killedAt(fn, step, delay)) killed++;
    for (const failure of await inspect()) failures.push(`step ${step} + ${delay} ms: ${failure}`);
  }
  await (await next).stop();

  expect(failures).toEqual([]);
  // At the very last steps the run may have ended before the kill.
  expect(killed).toBeGreaterThan(points.length * 0.9);
}, 170_000);

/** Runs the slot in a process that dies at a step of its I/O. @returns whether it died of it */
async function killedAt(fn: RunningFunction, step: number, delayMs: number): Promise<boolean> {
  let at = 0;
  onStep = () => {
    at++;
    if (at === step && delayMs === 0) fn.process.kill("SIGKILL");
    else if (at === step) setTimeout(() => fn.process.kill("SIGKILL"), delayMs);
  };
  const died = await fn.invoke(event()).then(
    () => false,
    () => true,
  );
  onStep = () => {};
  if (!died) await fn.stop();
  return died;
}

/** What is wrong: with what a reader sees after the kill, and after a retry of the same event. */
async function inspect(): Promise<string[]> {
  const problems: string[] = [];
  for (const account of accounts) {
    const seen = heldIn(await servers.reader.latest(account.accountId));
    if (seen !== undefined && !isDeepStrictEqual(seen, heldBy(account))) problems.push("a torn snapshot is seen");
  }
  const retry = await retries.run(event());
  if (retry.accounts.failed > 0) problems.push("the retry failed");
  for (const account of accounts) {
    const seen = heldIn(await servers.reader.latest(account.accountId));
    if (!isDeepStrictEqual(seen, heldBy(account))) problems.push("the retry did not complete the slot");
  }
  return problems;
}

/** The steps of a run like the ones to come: for accounts that the table does not know, and assets most of which it does. */
async function countSteps(): Promise<number> {
  await retries.run(event());
  accounts = threeNewAccounts(1);
  let steps = 0;
  onStep = () => {
    steps++;
  };
  const fn = await deployed.start();
  const { error } = await fn.invoke(event());
  await fn.stop();
  expect(error).toBeUndefined();
  return steps;
}

function event() {
  return { scheduledTime: SLOT, accounts: accounts.map(({ accountId }) => accountId) };
}

/** Each of three pages of two assets, one of which the table does not know. */
function threeNewAccounts(point: number) {
  return Array.from({ length: 3 }, (_, at) =>
    makeAccount(
      Array.from({ length: 6 }, (_, n) =>
        makeBalance(n === 0 ? `new${point}` : `a${n}`, `${at}.${n}`, `${point + n}.50`),
      ),
    ),
  );
}
