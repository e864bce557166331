import { LIST_TOO_LARGE, WalkError } from "../../../core/domain/errors.ts";
import { attemptsOf } from "../../../core/domain/failed-run.ts";
import { LARGEST_ACCOUNT } from "../../../core/domain/walk-limits.ts";
import { largerTurns } from "../../../core/snapshot/larger-turns.ts";
import { afterEach, beforeEach, describe, expect, it } from "../../support/jest.ts";
import { ACCOUNT, closeServers, errorOf, noDeadline, startApi } from "../coinbase/harness.ts";
import { hour, newStore } from "../integrity/history.ts";
import { type MemoryTable, newAccount, tableOf } from "../table/embedded.ts";
import { runSlot, sourceWith } from "./runs.ts";

afterEach(closeServers);

let table: MemoryTable;
beforeEach(() => {
  table = tableOf([]);
});

// test/exhaustive/memory measures the memory; test/exhaustive/hostile has a list that never ends.

describe("large accounts", () => {
  /** Returns a source with accounts whose lists are longer than those of the largest account of the others, and how many of them were read at once. */
  function sourceOf(large: readonly string[], onAlone: () => void = () => {}) {
    const alone = { now: 0, most: 0 };
    const source = sourceWith(async (accountId, signal, limits) => {
      signal.throwIfAborted();
      if (!large.includes(accountId)) return;
      if (limits !== LARGEST_ACCOUNT) throw new WalkError(LIST_TOO_LARGE, "The list is too large.");
      alone.most = Math.max(alone.most, ++alone.now);
      onAlone();
      await new Promise(setImmediate);
      alone.now--;
    });
    return { alone, source };
  }

  it("are taken one at a time beside the others, and keep their place in the result", async () => {
    const accounts = Array.from({ length: 6 }, newAccount);
    const { alone, source } = sourceOf(accounts.slice(0, 3));

    const { result } = await runSlot(0, accounts, { store: newStore(table), source });

    expect(result.snapshots.map(({ accountId, outcome }) => [accountId, outcome])).toEqual(
      accounts.map((accountId) => [accountId, "complete"]),
    );
    expect(alone.most).toBe(1);
  });

  it("are taken one at a time, also among the runs of several keys in one process", async () => {
    const accounts = Array.from({ length: 6 }, newAccount);
    const { alone, source } = sourceOf(accounts);
    const options = { store: newStore(table), source, largerTurns: largerTurns() };

    const runs = await Promise.all([runSlot(0, accounts.slice(0, 3), options), runSlot(0, accounts.slice(3), options)]);

    expect(runs.map(({ result }) => result.accounts.complete)).toEqual([3, 3]);
    expect(alone.most).toBe(1);
  });

  it("that are not reached by the deadline are recorded once, by their ids", async () => {
    const accounts = Array.from({ length: 30 }, newAccount);
    const deadline = new AbortController();
    const { source } = sourceOf(accounts.slice(2), () => deadline.abort(new Error("The time is over.")));
    const store = newStore(table);

    const { result } = await runSlot(0, accounts, { store, source, deadline: deadline.signal });

    const reached = result.snapshots.map(({ accountId }) => accountId);
    const notReached = accounts.filter((accountId) => !reached.includes(accountId));
    expect(notReached.length).toBeGreaterThan(1);
    expect(result.notReached).toMatchObject({ count: notReached.length });
    const runs = await store.failedRuns(hour(0));
    expect(runs).toHaveLength(1);
    expect(accounts.filter((accountId) => attemptsOf(accountId, runs).length > 0)).toEqual(notReached);
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
