import { DeadlineError, JobError } from "../../../core/domain/errors.ts";
import { type AccountRange, attemptsOf, type FailedRun } from "../../../core/domain/failed-run.ts";
import type { SnapshotStore } from "../../../core/domain/ports.ts";
import { beforeEach, describe, expect, it } from "../../support/jest.ts";
import { hour, newStore } from "../integrity/history.ts";
import { type MemoryTable, newAccount, tableOf } from "../table/embedded.ts";
import { runSlot, sourceWith } from "./runs.ts";

let table: MemoryTable;
beforeEach(() => {
  table = tableOf([]);
});

const outOfTime = () => new DeadlineError("deadline_exceeded", "The time is over.", { suggestedFix: "Wait." });
const newAccounts = (count: number) => Array.from({ length: count }, newAccount);

/** Returns options for a run whose time is over when it asks for the account after the first `reached` ones. */
function overloaded(reached: number, store: SnapshotStore = newStore(table)) {
  const deadline = new AbortController();
  const asked: string[] = [];
  const source = sourceWith(async (accountId) => {
    if (asked.length === reached) deadline.abort(outOfTime());
    deadline.signal.throwIfAborted();
    asked.push(accountId);
  });
  return { asked, options: { store, source, deadline: deadline.signal, accountsAtOnce: 1 } };
}

async function failedRuns(): Promise<readonly FailedRun[]> {
  return newStore(table).failedRuns(hour(0));
}

describe("the deadline of a run", () => {
  it("leaves one record for all accounts that the run does not reach, and none for the others", async () => {
    const accounts = newAccounts(40);
    const { asked, options } = overloaded(10);

    const { result, warnings } = await runSlot(0, accounts, options);

    expect(warnings).toEqual([]);
    expect(result.accounts).toEqual({ complete: 10, alreadyComplete: 0, failed: 30 });
    expect(result.snapshots).toHaveLength(11);
    const runs = await failedRuns();
    const explained = accounts.filter((id) => attemptsOf(id, runs).length > 0);
    // The eleventh account was asked for, so it has a record of its own.
    const [interrupted] = result.snapshots;
    expect(interrupted).toMatchObject({ outcome: "failed", error: { code: "deadline_exceeded" } });
    expect(explained.sort()).toEqual(
      accounts.filter((id) => !asked.includes(id) && id !== interrupted?.accountId).sort(),
    );
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({
      code: "not_reached",
      message: "The run's time was over before it reached 29 of 40 accounts.",
      suggestedFix: "Wait.",
    });
    const { code, message, suggestedFix } = runs[0] ?? {};
    const error = { code, message, suggestedFix };
    expect(result.notReached).toEqual({ count: 29, error, ...(runs[0]?.scope as AccountRange) });
  });

  it("is continued by a retry: it begins with the first account that was not reached", async () => {
    const accounts = newAccounts(12);
    await runSlot(0, accounts, overloaded(5).options);
    const retry = overloaded(4);
    await runSlot(0, accounts, retry.options);
    const last = overloaded(100);

    const { result } = await runSlot(0, accounts, last.options);

    expect(result.accounts).toEqual({ complete: 3, alreadyComplete: 9, failed: 0 });
    expect(retry.asked).toHaveLength(4);
    // The two that were interrupted come last: they had their turn.
    expect(last.asked).toHaveLength(3);
  });

  it("names the accounts in the record of a run of some accounts", async () => {
    const [others, accounts] = [newAccounts(20), newAccounts(6)];
    const { asked, options } = overloaded(2);

    await runSlot(0, accounts, { ...options, configured: [...accounts, ...others] });

    const runs = await failedRuns();
    expect(others.filter((id) => attemptsOf(id, runs).length > 0)).toEqual([]);
    expect(accounts.filter((id) => attemptsOf(id, runs).length > 0)).toHaveLength(3);
    expect(asked.filter((id) => attemptsOf(id, runs).length > 0)).toEqual([]);
  });

  it("is recorded although accounts still wait for the table", async () => {
    const [deadline, end] = [new AbortController(), new AbortController()];
    const store = newStore(table);
    store.readSlot = () => {
      deadline.abort(outOfTime());
      return new Promise(() => {});
    };
    store.recordFailedRun = async (run) => {
      await newStore(table).recordFailedRun(run);
      end.abort();
    };

    const signals = { deadline: deadline.signal, end: end.signal };
    const { result } = await runSlot(0, newAccounts(8), { store, ...signals, accountsAtOnce: 2 });

    expect(result.notReached?.count).toBe(7);
    expect(await failedRuns()).toHaveLength(1);
  });
});

describe("the end of a run", () => {
  it("reports accounts as failed if the table never answers", async () => {
    const [stuck, ...others] = newAccounts(3);
    const [deadline, end] = [new AbortController(), new AbortController()];
    const store = newStore(table);
    const { save } = store;
    store.save = async (snapshot, ...rest) => {
      if (snapshot.accountId !== stuck) return save.call(store, snapshot, ...rest);
      setImmediate(() => {
        deadline.abort(outOfTime());
        setTimeout(() => end.abort(), 100);
      });
      return new Promise(() => {});
    };

    const run = runSlot(0, [stuck ?? "", ...others], { store, deadline: deadline.signal, end: end.signal });

    const { result, oldestCompleteMs } = await run;
    expect(result.snapshots[0]).toMatchObject({ accountId: stuck, error: { code: "deadline_exceeded" } });
    expect(result.accounts.failed).toBeGreaterThan(0);
    expect(oldestCompleteMs).not.toBe(-1);
  });

  it("does not wait for the record of the accounts that were not reached", async () => {
    const [deadline, end] = [AbortSignal.abort(outOfTime()), new AbortController()];
    const store = newStore(table);
    store.recordFailedRun = () => {
      end.abort();
      return new Promise(() => {});
    };

    const { result } = await runSlot(0, newAccounts(3), { store, deadline, end: end.signal });

    expect(result.accounts.failed).toBe(3);
  });
});

describe("a failed account", () => {
  it("is read once and recorded once, and the run reads the catalog and the failed runs once", async () => {
    const accounts = newAccounts(3);
    const source = sourceWith(async () => {
      throw new JobError("service_unavailable", "The API is not available.");
    });
    const store = newStore(table);
    const calls: string[] = [];
    const counted = new Proxy(store, {
      get: (of, method: keyof SnapshotStore) => {
        calls.push(method);
        return (of[method] as () => unknown).bind(of);
      },
    });

    await runSlot(0, accounts, { store: counted, source });

    const count = (method: string) => calls.filter((call) => call === method).length;
    expect({ all: calls.length, read: count("readSlot"), recorded: count("recordFailure") }).toEqual({
      all: 3 + 2 * accounts.length,
      read: accounts.length,
      recorded: accounts.length,
    });
    expect([count("accounts"), count("failedRuns"), count("startNamesRefresh")]).toEqual([1, 1, 1]);
  });
});
