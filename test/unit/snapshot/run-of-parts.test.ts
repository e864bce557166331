import fc from "fast-check";
import { MAX_FAILED_IDS } from "../../../core/snapshot/run-progress.ts";
import { testClock } from "../../support/clock.ts";
import { EXHAUSTIVE } from "../../support/exhaustive.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { accountIds, type Incident, PartsExecution, type PartsSettings, SLOT } from "../../support/parts/execution.ts";

const incident = fc.record<Incident>({
  what: fc.constantFrom("kill", "soft", "deadline", "end"),
  at: fc.integer({ min: 0, max: 60 }),
});

const settings = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.boolean()).chain(([count, isConfigured]) => {
  const accounts = accountIds(count);
  const one = fc.constantFrom(...accounts);
  return fc.record<PartsSettings>({
    accounts: fc.constant(accounts),
    failures: fc.array(fc.tuple(one, fc.integer({ min: 1, max: 9 })), { maxLength: 5 }).map((all) => new Map(all)),
    large: fc.array(one, { maxLength: 3 }).map((all) => new Set(all)),
    slow: fc.array(fc.tuple(one, fc.integer({ min: 2, max: 30 })), { maxLength: 2 }).map((all) => new Map(all)),
    accountsAtOnce: fc.integer({ min: 1, max: 4 }),
    ...(isConfigured && { configured: fc.constant(accountIds(14)) }),
    request: fc.record({
      trigger: fc.constantFrom("manual" as const, "schedule" as const),
      accounts: fc.constant(isConfigured ? accounts : ("all" as const)),
    }),
    incidents: fc.array(fc.option(incident, { nil: undefined }), { maxLength: 8 }),
  });
});

/** Runs an execution without incidents. */
async function withoutIncidents(accounts: readonly string[]): Promise<PartsExecution> {
  const execution = new PartsExecution({ accounts });
  await execution.run();
  return execution;
}

describe("a run of several invocations", () => {
  it("ends whole or explained after any kills, failures and time limits, and its totals are right", async () => {
    await fc.assert(
      fc.asyncProperty(settings, async (given) => {
        const execution = new PartsExecution(given);
        const { accounts, incidents = [] } = given;

        await execution.run();
        const states = accounts.map((id) => execution.table.stateOf(id, SLOT));
        // Then only the failed execution says that snapshots are missing.
        const isUnrecorded = execution.wasLastKilled || execution.finishes.at(-1)?.incident === "end";
        execution.repair();
        await execution.redrive();

        const afters = new Set(execution.taken.flatMap(({ after }) => after ?? []));
        expect([...afters]).toEqual(execution.order.filter((id) => afters.has(id)));
        if (!isUnrecorded) expect(states).not.toContain("unexplained");
        for (const { result, figures, missing, incident, oldestMs } of execution.finishes) {
          const { complete, alreadyComplete, failed } = result.accounts;
          expect(complete + alreadyComplete + failed).toBe(accounts.length);
          // A run that is out of time does not know of some accounts whether they are complete.
          if (incident === "deadline" || incident === "end") expect(failed).toBeGreaterThanOrEqual(missing);
          else expect(failed).toBe(missing);
          expect(figures.counts.pages).toBeLessThanOrEqual(accounts.length - missing);
          if (failed === 0) expect(figures.oldestCompleteMs).toBe(oldestMs);
        }
        expect(execution.error).toBeUndefined();
        expect(execution.finishes.at(-1)?.missing).toBe(0);
        // What is read and not stored before a kill or the end is read again.
        const isStored = !incidents.some((one) => one?.what === "kill" || one?.what === "end");
        if (isStored) expect([...execution.read].sort()).toEqual(accounts);
      }),
      { numRuns: EXHAUSTIVE ? 10_000 : 60, includeErrorInReport: true },
    );
  });

  it("does not lose the same accounts in every slot if one kills every process that reads it", async () => {
    const accounts = accountIds(8);
    const [fatal = ""] = accounts.slice(2);
    const completed = new Set<string>();

    for (let hour = 0; hour < 24; hour++) {
      const slot = `2026-11-23T${String(hour).padStart(2, "0")}:00:00.000Z`;
      const execution = new PartsExecution({ accounts, fatal, slot, accountsAtOnce: 1 });
      await execution.run();
      for (const id of accounts) if (execution.table.stateOf(id, slot) === "complete") completed.add(id);
      expect(accounts.map((id) => execution.table.stateOf(id, slot))).not.toContain("unexplained");
    }

    expect(accounts.filter((id) => !completed.has(id))).toEqual([fatal]);
  });

  it("takes the accounts in circular order of their ids, in every slot from another one on", async () => {
    const accounts = accountIds(8);
    const taken = async (slot: string) => {
      const incidents: Incident[] = [1, 2, 3].map(() => ({ what: "soft", at: 12 }));
      const execution = new PartsExecution({ accounts, slot, accountsAtOnce: 1, incidents });
      await execution.run();
      expect(execution.taken.length).toBeGreaterThan(2);
      expect(execution.finishes).toMatchObject([{ result: { accounts: { complete: 8, failed: 0 } } }]);
      return execution.read;
    };

    const [ten, eleven] = [await taken(SLOT), await taken("2026-11-23T11:00:00.000Z")];

    for (const read of [ten, eleven]) {
      const start = accounts.indexOf(read[0] ?? "");
      expect(read).toEqual([...accounts.slice(start), ...accounts.slice(0, start)]);
    }
    expect(eleven[0]).not.toBe(ten[0]);
  });

  it("loses other accounts in every slot if the time is too short for all", async () => {
    const accounts = accountIds(8);
    const lost = new Set(accounts);
    const short: Incident = { what: "soft", at: 14 };
    const over: Incident = { what: "deadline", at: 0 };

    for (let hour = 0; hour < 10; hour++) {
      const slot = `2026-11-23T${String(hour).padStart(2, "0")}:00:00.000Z`;
      const incidents = [short, over, over, over, over, over, over];
      const execution = new PartsExecution({ accounts, slot, accountsAtOnce: 1, incidents });
      await execution.run();
      expect(execution.read.length).toBeLessThan(5);
      for (const id of execution.read) lost.delete(id);
    }

    expect([...lost]).toEqual([]);
  });

  it("begins a retry of the last step with the first account that it did not reach", async () => {
    const accounts = accountIds(12);
    const kill: Incident = { what: "kill", at: 0 };
    const deadline: Incident = { what: "deadline", at: 30 };
    const execution = new PartsExecution({
      ...{ accounts, accountsAtOnce: 1 },
      incidents: [kill, kill, kill, deadline],
    });

    await execution.run();

    const [first, second] = execution.finishes;
    expect(first?.result.notReached?.count).toBeGreaterThan(2);
    const looked = execution.looked.lastIndexOf(first?.result.notReached?.first ?? "");
    expect(looked).toBe(execution.looked.length - accounts.length);
    expect(second?.result.accounts).toMatchObject({ failed: 0 });
  });

  it("looks in the last step only at accounts that failed, if they are few", async () => {
    const accounts = accountIds(12);
    const { order } = await withoutIncidents(accounts);
    const failed = [order[4], order[9]];
    const failures = new Map(failed.map((id = "") => [id, 1]));
    const execution = new PartsExecution({ accounts, failures, incidents: [{ what: "soft", at: 40 }] });

    await execution.run();

    expect(execution.taken.length).toBeGreaterThan(1);
    expect(execution.looked.slice(accounts.length).sort()).toEqual(failed.sort());
    expect(execution.logged.slice(accounts.length).sort()).toEqual(failed);
    expect(execution.finishes).toMatchObject([
      { result: { accounts: { complete: 12, alreadyComplete: 0, failed: 0 } } },
    ]);
    expect(execution.finishes[0]?.figures.counts.pages).toBe(12);
  });

  it("takes all failed accounts again if they are many, and logs none twice that was complete", async () => {
    const accounts = accountIds(3 * MAX_FAILED_IDS);
    const { order } = await withoutIncidents(accounts);
    const failed = order.filter((_, at) => at % 2 === 0);
    const failures = new Map(failed.map((id) => [id, 1]));
    const execution = new PartsExecution({ accounts, failures });

    await execution.run();

    const again = execution.looked.slice(accounts.length).sort();
    const lastListed = order.indexOf(failed[MAX_FAILED_IDS - 1] ?? "");
    expect(again).toEqual([...failed.slice(0, MAX_FAILED_IDS), ...order.slice(lastListed + 1)].sort());
    expect(execution.logged.slice(accounts.length).sort()).toEqual(failed.sort());
    expect(execution.finishes).toMatchObject([{ result: { accounts: { complete: accounts.length, failed: 0 } } }]);
  });

  it("counts the accounts that were taken before a large one had its turn once", async () => {
    const accounts = accountIds(12);
    const { order } = await withoutIncidents(accounts);
    const large = new Set(order.slice(2, 5));
    const execution = new PartsExecution({ accounts, large, incidents: [{ what: "soft", at: 60 }] });

    await execution.run();

    const [first, second] = execution.taken;
    expect(large).toContain(order[order.indexOf(first?.after ?? "") + 1]);
    expect(second?.progress?.alreadyComplete).toBeGreaterThan(0);
    expect(execution.read.sort()).toEqual(accounts);
    expect(execution.finishes[0]?.result.accounts).toMatchObject({ failed: 0 });
    expect(execution.finishes[0]?.figures.counts.pages).toBe(12);
  });

  it("continues if only a large account at its beginning had no turn, in the first part and in a later one", async () => {
    const accounts = accountIds(12);
    const { order } = await withoutIncidents(accounts);
    const waits = (at: number, incidents: readonly (Incident | undefined)[]) => {
      const slow = new Map([[order[at] ?? "", 20]]);
      return new PartsExecution({ accounts, large: new Set(slow.keys()), slow, incidents });
    };

    const first = waits(0, [{ what: "soft", at: 15 }]);
    await first.run();
    const later = waits(4, [
      { what: "soft", at: 12 },
      { what: "soft", at: 15 },
    ]);
    await later.run();

    expect([first.errors, later.errors]).toEqual([[], []]);
    expect(first.taken.length).toBeGreaterThan(1);
    expect(first.taken[0]?.first).toBe(order[1]);
    const afters = later.taken.map(({ after }) => after);
    expect(afters.slice(0, 3)).toEqual([order[3], order[3], undefined]);
    for (const { read, finishes } of [first, later]) {
      expect(read.sort()).toEqual(accounts);
      expect(finishes).toMatchObject([{ result: { accounts: { failed: 0 } } }]);
    }
  });

  it("counts complete accounts that the last step does not reach as complete", async () => {
    const accounts = accountIds(MAX_FAILED_IDS + 11);
    const { order } = await withoutIncidents(accounts);
    const failed = order.slice(0, MAX_FAILED_IDS + 1);
    const failures = new Map(failed.map((id) => [id, 9]));
    const execution = new PartsExecution({ accounts, failures, incidents: [undefined, { what: "deadline", at: 10 }] });

    await execution.run();

    const [{ result } = { result: undefined }] = execution.finishes;
    expect(result?.notReached?.count).toBeGreaterThan(1);
    expect(result?.accounts).toEqual({ complete: 10, alreadyComplete: 0, failed: failed.length });
  });

  it("records why accounts have no snapshot, with the error of the step, before the last step takes them", async () => {
    const accounts = accountIds(6);
    const fatal = accounts[2] ?? "";
    const execution = new PartsExecution({ accounts, fatal });

    await execution.run();

    const [record, ...others] = await execution.table.store(testClock()).failedRuns(SLOT);
    expect(record).toMatchObject({ code: "step_failed", scope: { first: accounts[0], last: accounts[5] } });
    expect(record?.message).toBe(
      "A step of the run failed. Accounts that it had not reported as taken: 6. The step's error: Killed: Runtime exited.",
    );
    // One for each attempt of the last step.
    expect(others).toHaveLength(2);
  });

  it("stores nothing in a dry run, and does not take an account again that was taken", async () => {
    const accounts = accountIds(12);
    const failures = new Map([[accounts[3] ?? "", 1]]);
    const incidents: Incident[] = [{ what: "soft", at: 6 }];
    const execution = new PartsExecution({ accounts, failures, incidents, request: { dryRun: true } });

    await execution.run();

    expect(execution.taken.length).toBeGreaterThan(1);
    expect(execution.read.sort()).toEqual(accounts.filter((_, at) => at !== 3));
    for (const { result } of execution.finishes) {
      expect(result.accounts).toEqual({ complete: 11, alreadyComplete: 0, failed: 1 });
    }
    expect(accounts.map((id) => execution.table.stateOf(id, SLOT))).not.toContain("complete");
    expect(await execution.table.store(testClock()).failedRuns(SLOT)).toEqual([]);
  });
});
