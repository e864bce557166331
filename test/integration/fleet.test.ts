import fc from "fast-check";
import { FUNCTION_TIMEOUT_SECONDS } from "../../infra/step-functions/definition.ts";
import { EXHAUSTIVE } from "../support/exhaustive.ts";
import { type Fleet, type Incident, keyOf } from "../support/fleet/fleet.ts";
import { boundOf, createFleet, startWithIncidents } from "../support/fleet/scenarios.ts";
import { describe, expect, it } from "../support/jest.ts";

// Small fleets that need several invocations, because the API's limit is low. test/exhaustive/fleet.test.ts has the large ones.

const ACCOUNTS = 200;
const LIMIT = 1;
const KEYS = ["apac", "emea", "us"];

const ALL = { complete: ACCOUNTS, explained: 0, unexplained: 0 };
/** Two thirds of an hour for a key. */
const BOUND = boundOf(ACCOUNTS, LIMIT);

/** Returns what went wrong in a fleet, whatever happened: a second invocation of a key, one that took too long, a refusal. */
function faultsOf({ invocations, refused }: Fleet): string[] {
  const faults = refused > 0 ? [`the API refused ${refused} requests`] : [];
  for (const [i, { startedAt, endedAt, event }] of invocations.entries()) {
    if (endedAt - startedAt > FUNCTION_TIMEOUT_SECONDS) faults.push(`an invocation took ${endedAt - startedAt} s`);
    const isLast = event.step.name === "finish";
    const earlier = invocations.slice(0, i).filter((other) => isLast || keyOf(other.event.step) === keyOf(event.step));
    // Rounded to milliseconds.
    if (earlier.some(({ endedAt }) => startedAt < endedAt + 9.999))
      faults.push(`one began too early, at ${startedAt} s`);
  }
  return faults;
}

describe("a run of several invocations", () => {
  it("takes every snapshot at the pace of the API's limit, and never exceeds it", async () => {
    const fleet = createFleet([], ACCOUNTS, LIMIT);

    const { status, entered } = await fleet.start();

    expect({ status, ...fleet.states() }).toEqual({ status: "SUCCEEDED", ...ALL });
    expect(entered.filter((name) => name === "Take snapshots")).toHaveLength(3);
    expect(faultsOf(fleet)).toEqual([]);
    expect(fleet.seconds).toBeLessThan(1.1 * BOUND);
  });

  it("ends whole or explained after a kill, throttles and a revoked key, and a redrive takes what is missing", async () => {
    const fleet = createFleet(KEYS, ACCOUNTS, LIMIT);

    const execution = await startWithIncidents(fleet, BOUND);
    const before = { apac: fleet.states("apac"), emea: fleet.states("emea"), us: fleet.states("us") };
    fleet.revoke("us", false);
    const again = await fleet.redrive(execution);

    const killed = fleet.invocations.filter(({ error }) => error === "Runtime.ExitError");
    expect(killed.map(({ event }) => keyOf(event.step))).toEqual(["emea"]);
    expect(execution).toMatchObject({ status: "FAILED", error: { error: "RunFailedError" } });
    expect(execution.error?.message).toMatch(/1 of 3 keys failed.*us: .*api_unauthorized: The key was revoked/);
    expect(before).toMatchObject({ apac: ALL, emea: ALL, us: { unexplained: 0 } });
    expect(before.us.complete).toBeGreaterThan(ACCOUNTS / 2);
    expect(again).toMatchObject({ status: "SUCCEEDED", entered: ["Finish"] });
    expect(fleet.states("us")).toEqual(ALL);
    expect(faultsOf(fleet)).toEqual([]);
  });

  it("leaves an explanation for each account that its turn came too late for", async () => {
    const latenessMinutes = 20;
    const fleet = createFleet([], ACCOUNTS, LIMIT, latenessMinutes);

    const { status, error } = await fleet.start();

    const { complete, explained, unexplained } = fleet.states();
    expect(status).toBe("FAILED");
    expect(error?.message).toContain("slot_too_late");
    expect(complete).toBeGreaterThan((latenessMinutes * 60 * LIMIT) / 10 / 2);
    expect([complete + explained, unexplained]).toEqual([ACCOUNTS, 0]);
    expect(faultsOf(fleet)).toEqual([]);
  });

  it("takes all accounts although every invocation of a key is killed, except the last step", async () => {
    const fleet = createFleet(KEYS, 100, 2);
    const kills = Array.from({ length: 30 }, (_, i): Incident => ({ atSeconds: 50 * i, what: () => fleet.kill("us") }));

    const { status } = await fleet.start(kills);

    expect(fleet.invocations.filter(({ error }) => error !== undefined)).toHaveLength(3);
    expect(status).toBe("SUCCEEDED");
    for (const key of KEYS) expect(fleet.states(key).complete).toBe(100);
  });

  it("ends whole or explained whatever happens, and is whole after a redrive without incidents", async () => {
    const incident = fc.record({
      atSeconds: fc.integer({ min: 1, max: 2_000 }),
      kind: fc.constantFrom("kill", "throttle", "revoke"),
      key: fc.constantFrom("emea", "us"),
      seconds: fc.integer({ min: 1, max: 400 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(incident, { maxLength: 6 }), async (given) => {
        const fleet = createFleet(["emea", "us"], 100, 1);
        const set = (kind: string, key: string, isOn: boolean) => {
          if (kind === "throttle") fleet.table.isThrottled = isOn;
          else if (kind === "revoke") fleet.revoke(key, isOn);
          else if (isOn) fleet.kill();
        };
        const incidents = given.flatMap(({ atSeconds, kind, key, seconds }): Incident[] => [
          { atSeconds, what: () => set(kind, key, true) },
          { atSeconds: atSeconds + seconds, what: () => set(kind, key, false) },
        ]);

        const execution = await fleet.start(incidents);
        const states = ["emea", "us"].map((key) => fleet.states(key));
        for (const kind of ["throttle", "revoke"]) for (const key of ["emea", "us"]) set(kind, key, false);
        const isTooLate = fleet.seconds > 3600;
        const last = execution.status === "SUCCEEDED" || isTooLate ? execution : await fleet.redrive(execution);

        // If the last attempt of the last step is killed, or cannot write the table, only the failed execution and a warning say that
        // snapshots are missing.
        const isUnrecorded =
          /table_unavailable|Runtime exited/.test(execution.error?.message ?? "") ||
          fleet.warnings.some((warning) => /^Failed (run|attempt) not recorded$/.test(warning));
        const saysSo = execution.status === "FAILED" && isUnrecorded;
        if (!saysSo) for (const { unexplained } of states) expect(unexplained).toBe(0);
        expect(faultsOf(fleet)).toEqual([]);
        if (last.status === "SUCCEEDED") expect(fleet.states("emea").complete + fleet.states("us").complete).toBe(200);
        expect(isTooLate ? "SUCCEEDED" : last.status).toBe("SUCCEEDED");
      }),
      // To shrink a failure takes minutes. The seed and the path that it shows repeat it.
      { numRuns: EXHAUSTIVE ? 200 : 3, endOnFailure: true },
    );
  });
});
