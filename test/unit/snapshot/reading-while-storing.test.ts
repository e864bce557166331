import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "../../support/jest.ts";
import { newStore } from "../integrity/history.ts";
import { newAccount, tableOf } from "../table/embedded.ts";
import { runSlot, sourceWith } from "./runs.ts";

/** Returns a store whose puts of snapshots wait until `release` is called, and how many wait. */
function slowStore() {
  const store = newStore(tableOf([]));
  const { save } = store;
  const waiting: (() => void)[] = [];
  let released = false;
  store.save = async (...args) => {
    if (!released) await new Promise<void>((resolve) => waiting.push(resolve));
    return save.call(store, ...args);
  };
  const release = () => {
    released = true;
    for (const resume of waiting) resume();
  };
  return { store, release, waiting: () => waiting.length };
}

/** Waits until a number is reached, and whether it is exceeded soon after. Returns the number then. */
async function reached(number: number, current: () => number): Promise<number> {
  while (current() < number) await sleep(10);
  await sleep(200);
  return current();
}

describe("a run whose table is slow", () => {
  it("reads as many accounts more as it may read at once", async () => {
    const accounts = Array.from({ length: 9 }, newAccount);
    const asked: string[] = [];
    const source = sourceWith(async (accountId) => void asked.push(accountId));
    const { store, release } = slowStore();

    const run = runSlot(0, accounts, { store, source, accountsAtOnce: 3 });
    const askedWhileSlow = await reached(6, () => asked.length);
    release();

    const { result } = await run;
    expect(askedWhileSlow).toBe(6);
    expect(result.accounts).toEqual({ complete: 9, alreadyComplete: 0, failed: 0 });
  });

  it.each([
    ["16 accounts", undefined, 16],
    ["its share", 4, 4],
  ])("stores %s at once, while more are read", async (_, share, expected) => {
    const accounts = Array.from({ length: 40 }, newAccount);
    const { store, release, waiting } = slowStore();

    const run = runSlot(0, accounts, { store, accountsAtOnce: 32, ...(share && { storedAtOnce: share }) });
    const storedAtOnce = await reached(expected, waiting);
    release();

    const { result } = await run;
    expect(storedAtOnce).toBe(expected);
    expect(result.accounts.complete).toBe(40);
  });
});
