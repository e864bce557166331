import { setTimeout as sleep } from "node:timers/promises";
import { LARGEST_ACCOUNT, MEDIUM_ACCOUNT, SMALL_ACCOUNT, type WalkLimits } from "../../core/domain/walk-limits.ts";
import { ENV } from "../../core/names/environment.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { completeOf, deploy } from "../support/deployed.ts";
import { HOSTILE_SHAPES, type HostileShape, hostileList } from "../support/hostile-list.ts";
import { afterEach, describe, expect, it } from "../support/jest.ts";
import { findNode24 } from "../support/node24.ts";
import { startWorld, type World } from "../support/world/world.ts";

// The peak memory of the deployed bundle, with the heap that Lambda gives it. Lambda's own processes are not part of it, so a
// tenth of the memory stays free.

const AT_ONCE = 320;
/** Accounts whose lists are as large as the largest that is accepted. */
const LARGE = 2;
/** Those whose lists are as large as that of the largest medium account. */
const MEDIUM = 20;
/** The memory is measured, not the API's limit of requests. */
const NO_LIMIT = 100_000;

const hostile = Array.from({ length: AT_ONCE }, () => makeAccount(makeBalances(1)));
const healthy = Array.from({ length: 3 }, () => ({
  ...makeAccount(makeBalances(2)),
  createdAt: "2024-01-01T00:00:00Z",
}));

let world: World;
let onRequest: ReturnType<typeof together> | undefined;
afterEach(() => world.close());

async function start() {
  onRequest = undefined;
  world = await startWorld({
    accounts: () => [...hostile, ...healthy],
    readsPerTenSeconds: NO_LIMIT,
    onRequest: (step) => onRequest?.(step),
  });
  const deployed = await deploy(world);
  // Responses are held back until the last account waits.
  const env = { [ENV.readsPerTenSeconds]: String(NO_LIMIT), [ENV.requestTimeoutMs]: "300000" };
  return { fn: await deployed.start(findNode24(), env), limitMb: deployed.memoryMb * 0.9 };
}

function show(what: string, peakMb: number, limitMb: number): void {
  process.stdout.write(`${what}: peak memory ${peakMb} MB; ${limitMb} MB are allowed\n`);
}

describe("the memory of the deployed function", () => {
  it.each(HOSTILE_SHAPES)("suffices while 320 accounts list $name", async (shape) => {
    const { fn, limitMb } = await start();
    const [small, medium, largest] = [SMALL_ACCOUNT, MEDIUM_ACCOUNT, LARGEST_ACCOUNT].map((limits) =>
      pagesWithin(shape, limits),
    ) as [number, number, number];
    for (const { accountId } of hostile) world.cdp.addFault(hostileList(shape, small, { account: accountId }));
    // Two passes, because there is no previous snapshot.
    onRequest = together(AT_ONCE * small * 2);

    const allSmall = await fn.invoke({ dryRun: true });
    world.cdp.clearFaults();
    for (const [at, { accountId }] of hostile.entries()) {
      const list = hostileList(shape, at < LARGE ? largest : medium, { account: accountId });
      world.cdp.addFault(at < LARGE + MEDIUM ? list : { ...list, times: small + 1 });
      world.cdp.addFault({ kind: "error", status: 403, on: { account: accountId } });
    }
    onRequest = together(AT_ONCE * (small + 1));
    const allLarge = await fn.invoke({ dryRun: true });
    await fn.stop();

    show(`${AT_ONCE} accounts with ${shape.name}`, allLarge.peakMb, limitMb);
    expect(completeOf(allSmall)).toBe(AT_ONCE + healthy.length);
    expect(completeOf(allLarge)).toBe(LARGE + MEDIUM + healthy.length);
    expect(allLarge.peakMb).toBeLessThan(limitMb);
  });
});

/** Holds the first responses back until all accounts wait for one, so that their bodies arrive together. */
function together(responses: number): (step: { path: string; phase: string }) => Promise<void> {
  let left = responses;
  let waiting: (() => void)[] = [];
  return async ({ path, phase }) => {
    const isHostile = hostile.some(({ accountId }) => path.includes(accountId));
    if (!isHostile || phase !== "handled" || left === 0) return;
    left--;
    const resumed = new Promise<void>((resolve) => waiting.push(resolve));
    if (waiting.length === AT_ONCE) {
      for (const resume of waiting) resume();
      waiting = [];
    }
    // An account that ended early is not waited for.
    await Promise.race([resumed, sleep(20_000)]);
  };
}

function pagesWithin(shape: HostileShape, limits: WalkLimits): number {
  const { change } = hostileList(shape, 100, {}) as { change: (response: unknown, target: object) => { body: Buffer } };
  const bytes = change({}, { path: "/", page: 99 }).body.length + 300;
  return Math.floor(Math.min(limits.balances / shape.balances, limits.bytes / bytes));
}
