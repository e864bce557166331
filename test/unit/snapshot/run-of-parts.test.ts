import fc from "fast-check";
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
    accountsAtOnce: fc.integer({ min: 1, max: 4 }),
    ...(isConfigured && { configured: fc.constant(accountIds(14)) }),
    request: fc.record({
      trigger: fc.constantFrom("manual" as const, "schedule" as const),
      accounts: fc.constant(isConfigured ? accounts : ("all" as const)),
    }),
    incidents: fc.array(fc.option(incident, { nil: undefined }), { maxLength: 8 }),
  });
});

describe("a run of several invocations", () => {
  it("ends whole or explained after any kills, failures and time limits, and its totals are right", async () => {
    await fc.assert(
      fc.asyncProperty(settings, async (given) => {
        const execution = new PartsExecution(given);
        const { accounts, incidents = [] } = given;

        await execution.run();
        const states = accounts.map((id) => execution.table.stateOf(id, SLOT));
        const wasKilled = execution.wasLastKilled;
        execution.repair();
        await execution.redrive();

        const afters = execution.taken.flatMap(({ after }) => after ?? []);
        expect(afters).toEqual([...new Set(afters)].sort());
        if (!wasKilled) expect(states).not.toContain("unexplained");
        for (const { result, figures, missing, incident, oldestMs } of execution.finishes) {
          const { complete, alreadyComplete, failed } = result.accounts;
          expect(complete + alreadyComplete + failed).toBe(accounts.length);
          // A run that is out of time does not know of some accounts whether they are complete.
          if (incident === "deadline" || incident === "end") expect(failed).toBeGreaterThanOrEqual(missing);
          else expect(failed).toBe(missing);
          if (failed === 0) expect(figures.oldestCompleteMs).toBe(oldestMs);
        }
        expect(execution.error).toBeUndefined();
        expect(execution.finishes.at(-1)?.missing).toBe(0);
        // What is read and not stored before a kill or the end is read again.
        const isStored = !incidents.some((one) => one?.what === "kill" || one?.what === "end");
        if (isStored) expect([...execution.read].sort()).toEqual(accounts);
      }),
      { numRuns: EXHAUSTIVE ? 20_000 : 3000, includeErrorInReport: true },
    );
  });
});
