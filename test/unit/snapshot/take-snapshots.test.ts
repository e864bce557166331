import { JobError } from "../../../core/domain/errors.ts";
import type { SnapshotStore } from "../../../core/domain/ports.ts";
import { afterAll, beforeAll, describe, expect, it } from "../../support/jest.ts";
import { chainedHours, HOUR, hour, newStore, snapshotAt } from "../integrity/history.ts";
import { newAccount, startTestTable, type TestTable } from "../table/embedded.ts";
import { runSlot, sourceWith } from "./runs.ts";

let table: TestTable;
beforeAll(async () => {
  table = await startTestTable();
});
afterAll(() => table.close());

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
    const store = newStore(table);

    const { result, warnings } = await runSlot(0, [hanging, healthy], { store, source, deadline: deadline.signal });

    expect(result.snapshots.map(({ outcome }) => outcome)).toEqual(["failed", "complete"]);
    expect(chainedMeanwhile).toEqual([0]);
    expect(warnings).toEqual([]);
  });
});

describe("the reported age of the last complete snapshot", () => {
  const source = sourceWith(async () => {
    throw new JobError("service_unavailable", "The API is not available.");
  });

  /** A store that cannot read the previous snapshot of some accounts. */
  function storeWithout(...unreadable: readonly string[]): SnapshotStore {
    const store = newStore(table);
    const { readSlot } = store;
    store.readSlot = async (accountId, slot) => {
      const state = await readSlot.call(store, accountId, slot);
      const previousError = new JobError("item_unreadable", "The item cannot be read.");
      return unreadable.includes(accountId) ? { current: state.current, previous: undefined, previousError } : state;
    };
    return store;
  }

  it("is the greatest age among all accounts, without those whose age is unknown", async () => {
    const [older, newer, unreadable] = [newAccount(), newAccount(), newAccount()];
    await newStore(table).save(snapshotAt(older, 1, { capturedAt: hour(1) }), []);
    await newStore(table).save(snapshotAt(newer, 2, { capturedAt: hour(2) }), []);
    await newStore(table).save(snapshotAt(unreadable, 0), []);

    const store = storeWithout(unreadable);
    const { oldestCompleteMs } = await runSlot(3, [older, newer, unreadable], { source, store });

    expect(oldestCompleteMs).toBe(2 * HOUR);
  });

  it("is undefined, not 0, if every age is unknown", async () => {
    const accounts = [newAccount(), newAccount()];

    const { oldestCompleteMs } = await runSlot(2, accounts, { source, store: storeWithout(...accounts) });

    expect(oldestCompleteMs).toBeUndefined();
  });

  it("counts from the first failed attempt of an account without a snapshot", async () => {
    const account = newAccount();
    await runSlot(0, [account], { source, store: newStore(table) });

    const { oldestCompleteMs } = await runSlot(2, [account], { source, store: newStore(table) });

    expect(oldestCompleteMs).toBe(2 * HOUR);
  });

  it("does not grow with the age of an old slot that is run again", async () => {
    const account = newAccount();
    await newStore(table).save(snapshotAt(account, 1, { capturedAt: hour(1) }), []);

    const { oldestCompleteMs } = await runSlot(2, [account], { source, store: newStore(table), now: 1000 });

    expect(oldestCompleteMs).toBe(HOUR);
  });
});
