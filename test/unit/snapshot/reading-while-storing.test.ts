import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "../../support/jest.ts";
import { newStore } from "../integrity/history.ts";
import { newAccount, startTestTable, type TestTable } from "../table/embedded.ts";
import { runSlot, sourceWith } from "./runs.ts";

let table: TestTable;
beforeEach(async () => {
  table = await startTestTable();
});
afterEach(() => table.close());

/** Returns a store whose puts of snapshots wait until `release` is called, and how many wait. */
function slowStore() {
  const store = newStore(table);
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

describe("a run", () => {
  it("stores no account while others can be read at once, until the limit is used up", async () => {
    const accounts = Array.from({ length: 6 }, newAccount);
    const order: string[] = [];
    const store = newStore(table);
    const { save } = store;
    store.save = (...args) => {
      order.push("store");
      return save.call(store, ...args);
    };
    let limited = () => {};
    let begun = 0;
    const source = sourceWith(async () => {
      await sleep(20 * begun++);
      order.push("read");
      if (order.length < 4) return;
      // The fourth request has to wait for its permit.
      limited();
      while (!order.includes("store")) await sleep(1);
    });
    source.whenLimited = () =>
      new Promise((resolve) => {
        limited = resolve;
      });

    const { result } = await runSlot(0, accounts, { store, source, accountsAtOnce: 4 });

    expect(result.accounts.complete).toBe(6);
    expect(order.slice(0, 5)).toEqual(["read", "read", "read", "read", "store"]);
  });

  it("stores all accounts as soon as the last one is read, although the limit is never used up", async () => {
    const accounts = Array.from({ length: 3 }, newAccount);
    const source = { ...sourceWith(), whenLimited: () => new Promise<void>(() => {}) };

    const { result } = await runSlot(0, accounts, { store: newStore(table), source, accountsAtOnce: 8 });

    expect(result.accounts.complete).toBe(3);
  });
});

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
