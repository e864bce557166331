import { boundOf, createFleet, startWithIncidents } from "../support/fleet/scenarios.ts";
import { describe, expect, it } from "../support/jest.ts";

// The fleets of docs/configuration.md#engine at simulated time: the deployed definition, the job and its limiter are the real ones.

/** The API's limit. */
const LIMIT = 600;
const MINUTES = 60_000;

function show(what: string, seconds: number, bound: number): void {
  process.stdout.write(`${what}: ${Math.round(seconds)} s, ${(seconds / bound).toFixed(2)} times the bound\n`);
}

describe("a fleet", () => {
  it(
    "of 100,000 accounts of one page on one key takes at most 1.2 times what the API's limit allows, without a refusal",
    async () => {
      const accounts = 100_000;
      const bound = boundOf(accounts, LIMIT);
      const fleet = createFleet([], accounts, LIMIT);

      const { status } = await fleet.start();

      show("100,000 accounts", fleet.seconds, bound);
      expect({ status, ...fleet.states() }).toEqual({
        ...{ status: "SUCCEEDED", complete: accounts },
        ...{ explained: 0, unexplained: 0 },
      });
      expect(fleet.refused).toBe(0);
      expect(fleet.seconds).toBeLessThan(1.2 * bound);
    },
    5 * MINUTES,
  );

  it(
    "of three keys ends whole or explained after a kill, throttles and a revoked key, and a redrive takes what is missing",
    async () => {
      const accounts = 60_000;
      const bound = boundOf(accounts, LIMIT);
      const fleet = createFleet(["apac", "emea", "us"], accounts, LIMIT);
      const all = { complete: accounts, explained: 0, unexplained: 0 };

      const execution = await startWithIncidents(fleet, bound);
      const [apac, emea, us] = ["apac", "emea", "us"].map((key) => fleet.states(key));
      show("Three keys of 60,000 accounts, with incidents", fleet.seconds, bound);
      fleet.revoke("us", false);
      const again = await fleet.redrive(execution);

      expect(execution.status).toBe("FAILED");
      expect([apac, emea]).toEqual([all, all]);
      expect(us?.unexplained).toBe(0);
      expect(us?.complete).toBeGreaterThan(accounts / 2);
      expect(again.status).toBe("SUCCEEDED");
      expect(fleet.states("us")).toEqual(all);
      expect(fleet.refused).toBe(0);
    },
    5 * MINUTES,
  );
});
