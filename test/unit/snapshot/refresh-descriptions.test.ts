import { setTimeout as sleep } from "node:timers/promises";
import { DeadlineError } from "../../../core/domain/errors.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { newStore } from "../integrity/history.ts";
import { newAccount, tableOf } from "../table/embedded.ts";
import { runSlot, sourceWith } from "./runs.ts";

const accounts = Array.from({ length: 40 }, newAccount);

/** Runs a slot of new accounts whose names take a moment to be registered. Returns how many were in progress at once, and at the end. */
async function runWithNames({ refused = false, failing = false, slow = false, endsAfter = 41 }) {
  const deadline = new AbortController();
  const store = newStore(tableOf([]));
  const { registerDescription } = store;
  let registered = 0;
  const counts = { begun: 0, running: 0, most: 0 };
  store.registerDescription = async (...args) => {
    counts.most = Math.max(counts.most, ++counts.running);
    const isFirst = ++counts.begun === 1;
    await sleep(isFirst ? 1 : 20);
    if (failing && isFirst) throw new Error("The table is not available.");
    await registerDescription.call(store, ...args);
    counts.running--;
    if (++registered === endsAfter) deadline.abort(new DeadlineError("deadline_exceeded", "The time is over."));
  };
  const source = {
    ...sourceWith(),
    describe: async function* (ids: readonly string[]) {
      for (const accountId of ids) {
        if (slow) await sleep(5);
        yield { accountId, name: `Name of ${accountId}` };
      }
      if (refused) throw new Error("The API refused one of them.");
    },
  };
  const options = { store, source, storedAtOnce: 4, deadline: deadline.signal };
  const { result, warnings } = await runSlot(0, accounts, options);
  const names = [...(await store.accounts()).values()].filter(({ descriptions = [] }) => descriptions.length > 0);
  return { complete: result.accounts.complete, warnings, names: names.length, ...counts };
}

describe("a run of new accounts", () => {
  it("registers as many names at once as it may store snapshots", async () => {
    expect(await runWithNames({})).toMatchObject({ complete: 40, warnings: [], names: 40, most: 4, running: 0 });
  });

  it("registers the names that the API gave before it refused one, before the run ends", async () => {
    expect(await runWithNames({ refused: true })).toMatchObject({
      ...{ complete: 40, names: 40, running: 0 },
      warnings: ["Names of accounts not refreshed"],
    });
  });

  it("registers no more names after the table failed, and waits for those in progress", async () => {
    const { begun, running, ...rest } = await runWithNames({ failing: true });

    expect(rest).toMatchObject({ complete: 40, warnings: ["Names of accounts not refreshed"] });
    expect(begun).toBeLessThan(12);
    // The one that failed is still counted.
    expect(running).toBe(1);
  });

  it("asks for no more names after the table failed, although others wait for the API", async () => {
    expect(await runWithNames({ failing: true, slow: true })).toMatchObject({ begun: 1, complete: 40 });
  });

  it("warns about names that the deadline leaves out", async () => {
    const { names, warnings } = await runWithNames({ endsAfter: 10 });

    expect(names).toBeLessThan(15);
    expect(warnings).toEqual(["Names of accounts not refreshed"]);
  });
});
