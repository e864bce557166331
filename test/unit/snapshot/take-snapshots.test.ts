import { JobError } from "../../../core/domain/errors.ts";
import type { BalanceSource, SnapshotStore, Telemetry } from "../../../core/domain/ports.ts";
import type { RunResult } from "../../../core/domain/run-result.ts";
import { takeSnapshots } from "../../../core/snapshot/take-snapshots.ts";
import { testClock } from "../../support/clock.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "../../support/jest.ts";
import { amountsOf, assetOf } from "../domain/snapshots.ts";
import { chainedHours, HOUR, hour, newStore, START, snapshotAt } from "../integrity/history.ts";
import { newAccount, startTestTable, type TestTable } from "../table/embedded.ts";

let table: TestTable;
let warnings: string[];
let oldestCompleteMs: number | undefined;
beforeAll(async () => {
  table = await startTestTable();
});
afterAll(() => table.close());
beforeEach(() => {
  warnings = [];
  oldestCompleteMs = -1;
});

/** Every account holds one bitcoin, unless `pass` returns or throws something else. */
function sourceWith(pass?: (accountId: string, signal: AbortSignal) => Promise<void>): BalanceSource {
  return {
    checkKey: async () => {},
    listAccounts: async () => [],
    account: async () => undefined,
    balance: async () => "absent",
    pass: async (accountId, signal) => {
      await pass?.(accountId, signal);
      const sent = { at: START, monotonicMs: 0 };
      return { balances: [{ asset: assetOf("btc"), amounts: amountsOf({ btc: ["1", "1"] }) }], pages: 1, sent };
    },
  };
}

interface RunOptions {
  readonly source?: BalanceSource;
  readonly store?: SnapshotStore;
  readonly deadline?: AbortSignal;
}

/** Runs the slot of an hour, five seconds late. */
function run(at: number, accounts: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { source = sourceWith(), store = newStore(table), deadline = new AbortController().signal } = options;
  const telemetry: Telemetry = {
    accountEnded: () => {},
    runEnded: (_, age) => {
      oldestCompleteMs = age;
    },
    warning: (message) => warnings.push(message),
  };
  const clock = testClock(new Date(START + at * HOUR + 5000).toISOString());
  return takeSnapshots({
    dependencies: { clock, source, store, telemetry },
    settings: {
      ...{ accounts, accountsAtOnce: 4, latenessLimitMs: HOUR, schedule: undefined },
      noticeRules: { movedPercent: 100, explained: [] },
    },
    request: { slot: hour(at), trigger: "schedule", dryRun: false, accounts },
    deadline,
  });
}

// test/faults covers an entry that cannot be put, and test/integration/crash runs that are killed before they put it.

describe("the entry of an account", () => {
  it("is appended while another account still hangs until the deadline", async () => {
    const [healthy, hanging] = [newAccount(), newAccount()];
    const deadline = new AbortController();
    let chainedMeanwhile: number[] = [];
    const source = sourceWith(async (accountId) => {
      if (accountId !== hanging) return;
      for (let waits = 0; waits < 500 && (await chainedHours(table, healthy)).length === 0; waits++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      chainedMeanwhile = await chainedHours(table, healthy);
      deadline.abort(new JobError("deadline_exceeded", "The time is over."));
      deadline.signal.throwIfAborted();
    });

    const { snapshots } = await run(0, [hanging, healthy], { source, deadline: deadline.signal });

    expect(snapshots.map(({ outcome }) => outcome)).toEqual(["failed", "complete"]);
    expect(chainedMeanwhile).toEqual([0]);
    expect(warnings).toEqual([]);
  });
});

describe("the reported age of the last complete snapshot", () => {
  const failing = sourceWith(async () => {
    throw new JobError("service_unavailable", "The API is not available.");
  });

  /** A store that cannot read the last complete snapshot of some accounts. */
  function storeWithout(...unreadable: readonly string[]): SnapshotStore {
    const store = newStore(table);
    const { latest } = store;
    store.latest = async (accountId) => {
      if (unreadable.includes(accountId)) throw new Error("The table cannot be read.");
      return latest.call(store, accountId);
    };
    return store;
  }

  it("is the greatest age among all accounts, without those whose age is unknown", async () => {
    const [older, newer, unreadable] = [newAccount(), newAccount(), newAccount()];
    await newStore(table).save(snapshotAt(older, 1, { capturedAt: hour(1) }), []);
    await newStore(table).save(snapshotAt(newer, 2, { capturedAt: hour(2) }), []);
    await newStore(table).save(snapshotAt(unreadable, 0), []);

    await run(3, [older, newer, unreadable], { source: failing, store: storeWithout(unreadable) });

    expect(oldestCompleteMs).toBe(2 * HOUR + 5000);
    expect(warnings).toEqual(["Age of the last complete snapshot unknown"]);
  });

  it("is undefined, not 0, if every age is unknown", async () => {
    const accounts = [newAccount(), newAccount()];

    await run(2, accounts, { source: failing, store: storeWithout(...accounts) });

    expect(oldestCompleteMs).toBeUndefined();
    expect(warnings).toEqual(Array(2).fill("Age of the last complete snapshot unknown"));
  });
});
