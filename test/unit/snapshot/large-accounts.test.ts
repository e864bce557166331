import { LIST_TOO_LARGE, WalkError } from "../../../core/domain/errors.ts";
import { USUAL_ACCOUNT } from "../../../core/domain/walk-limits.ts";
import { afterEach, beforeEach, describe, expect, it } from "../../support/jest.ts";
import { ACCOUNT, closeServers, errorOf, noDeadline, startApi } from "../coinbase/harness.ts";
import { hour, newStore } from "../integrity/history.ts";
import { newAccount, startTestTable, type TestTable } from "../table/embedded.ts";
import { runSlot, sourceWith } from "./runs.ts";

afterEach(closeServers);

let table: TestTable;
beforeEach(async () => {
  table = await startTestTable();
});
afterEach(() => table.close());

// test/exhaustive/memory measures the memory; test/e2e/hostile has a list that never ends.

describe("large accounts", () => {
  /** Returns a source with accounts whose lists are too long for a usual account, and notes the passes. */
  function sourceOf(large: readonly string[], onAlone: () => void = () => {}) {
    const passes: string[] = [];
    let running = 0;
    const source = sourceWith(async (accountId, signal, limits) => {
      signal.throwIfAborted();
      running++;
      await new Promise(setImmediate);
      const isLarge = large.includes(accountId);
      if (limits !== USUAL_ACCOUNT) onAlone();
      passes.push(limits === USUAL_ACCOUNT ? accountId : `${accountId} alone with ${running}`);
      running--;
      if (isLarge && limits === USUAL_ACCOUNT) throw new WalkError(LIST_TOO_LARGE, "The list is too large.");
    });
    return { passes, source };
  }

  it("are taken after all others, one at a time, and keep their place in the result", async () => {
    const accounts = [newAccount(), newAccount(), newAccount(), newAccount()];
    const large = accounts.slice(0, 2);
    const { passes, source } = sourceOf(large);

    const { result } = await runSlot(0, accounts, { store: newStore(table), source, accountsAtOnce: 2 });

    expect(result.snapshots.map(({ accountId, outcome }) => [accountId, outcome])).toEqual(
      accounts.map((accountId) => [accountId, "complete"]),
    );
    expect(passes.slice(0, 4).sort()).toEqual([...accounts].sort());
    expect(passes.slice(4).sort()).toEqual(large.map((accountId) => `${accountId} alone with 1`).sort());
  });

  it("that are not reached by the deadline are recorded once, by their ids", async () => {
    const accounts = Array.from({ length: 8 }, newAccount);
    const large = accounts.slice(2);
    const deadline = new AbortController();
    const { source } = sourceOf(large, () => deadline.abort(new Error("The time is over.")));
    const store = newStore(table);

    const { result } = await runSlot(1, accounts, { store, source, deadline: deadline.signal });

    expect(result.accounts).toEqual({ complete: 3, alreadyComplete: 0, failed: 5 });
    const runs = await store.failedRuns(hour(1));
    const complete = result.snapshots.flatMap(({ accountId, outcome }) => (outcome === "complete" ? accountId : []));
    const notReached = accounts.filter((id) => !complete.includes(id));
    expect(runs.map(({ scope }) => scope)).toEqual([expect.arrayContaining(notReached)]);
    expect(result.notReached).toMatchObject({ count: 5 });
  });
});

describe("the limits of a walk", () => {
  it.each([
    ["30 items", { balances: 30, bytes: 1e6 }],
    ["3000 bytes", { balances: 1e6, bytes: 3_000 }],
  ])("end a pass over a longer list: %s", async (limit, limits) => {
    const { server, source } = await startApi();

    const error = await errorOf(source().pass(ACCOUNT, noDeadline(), limits));

    expect(error).toMatchObject({ code: "list_too_large", message: expect.stringContaining(`more than ${limit}`) });
    expect(server.requests.length).toBeLessThan(3);
  });
});
