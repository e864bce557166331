import { MAX_FAILED_IDS } from "../../core/snapshot/run-progress.ts";
import { describe, expect, it } from "../support/jest.ts";
import { accountId } from "./configurations.ts";
import {
  deployed,
  eventsOf,
  failed,
  keysOf,
  MINUTE,
  manyKeys,
  run,
  STARTED,
  takenBy,
  takesAll,
  withKeys,
} from "./machine-run.ts";

/** What an answer adds to its step at most. */
const LARGEST = {
  ...{ first: accountId(0), after: accountId(1) },
  progress: {
    ...{
      complete: 1e6,
      alreadyComplete: 1e6,
      failed: 1e6,
      failedIds: Array.from({ length: MAX_FAILED_IDS }, (_, i) => accountId(i)),
      pages: 1e9,
      notices: 1e9,
    },
    ...{ oldestCapturedAt: "2026-11-23T10:00:00.000Z", warnings: 1e9, keyFailures: 1e6, durationMs: 1e9 },
  },
};

describe("an execution", () => {
  it.each([
    ["one key", [], {}],
    ["twenty keys", manyKeys, {}],
    ["one of twenty keys", manyKeys, { key: manyKeys[7] }],
  ])(
    "of %s stays within 256 KiB with the largest event, and with the longest answers and errors",
    async (_, keys, named) => {
      const machine = keys.length === 0 ? deployed : withKeys(...keys);
      const selected = Object.keys(named).length > 0 || keys.length === 0 ? 1 : keys.length;
      const base = { ...named, scheduledTime: STARTED.startedAt, dryRun: false, accounts: [] as string[] };
      const room = 256 * 1024 - 1_000 - selected * 5_000 - JSON.stringify(base).length;
      const accounts = Array.from({ length: Math.floor(room / 47) }, (_, i) => accountId(i));

      const { status, error, finishes, takes } = await run(machine, { ...base, accounts }, (event, attempt) =>
        event.step.name === "finish"
          ? {}
          : attempt === 1
            ? { ...event.step, ...LARGEST }
            : failed("\u0001".repeat(256), "\u0001".repeat(32_768)),
      );
      const more = await run(machine, { ...base, accounts: [...accounts, accountId(1)] }, takesAll(1));

      expect({ status, error }).toEqual({ status: "SUCCEEDED" });
      expect(new Set(keysOf(takes)).size).toBe(selected);
      expect(takenBy({ finishes }).map((step) => step.error?.Cause?.length)).toEqual(Array(selected).fill(400));
      expect(more).toMatchObject({ status: "FAILED", error: { error: "InputError" }, invocations: [] });
      expect(more.error?.message).toMatch(/^The event is too large: it has \d+ bytes\. Divide its accounts among /);
    },
  );

  it("refuses an event by its bytes, of which a character can have several", async () => {
    const refused = await run(withKeys(...manyKeys), { note: "€".repeat(60_000) }, takesAll(1));
    const accepted = await run(withKeys(...manyKeys), { note: '%"€😀'.repeat(5_000) }, takesAll(1));

    expect(refused).toMatchObject({ status: "FAILED", error: { error: "InputError" }, invocations: [] });
    expect(refused.error?.message).toMatch(/^The event is too large: it has 180011 bytes\. /);
    expect(accepted.invocations).not.toEqual([]);
  });

  it("fails if the function's answer is too large, because that cannot be caught", async () => {
    const { status, error } = await run(deployed, {}, () => "x".repeat(256 * 1024));

    expect({ status, error: error?.error }).toEqual({ status: "FAILED", error: "States.DataLimitExceeded" });
  });

  it.each([["now"], [null], [7], [[{}]]])("fails with the input %j, which is not an event", async (input) => {
    const { status, error, invocations } = await run(deployed, input as unknown as object, takesAll(1));

    expect({ status, error: error?.error, invocations }).toEqual({
      status: "FAILED",
      error: "InputError",
      invocations: [],
    });
    expect(error?.message).toMatch(/^The event is not a JSON object\. Expected \{\} or \{"scheduledTime": "/);
  });

  it.each(["take", "finish"])("fails at once if the function refuses the event in the step %s", async (name) => {
    const { status, error, finishes, takes, durationMs } = await run(withKeys("emea", "us"), { kye: "us" }, (event) =>
      event.step.name === name ? failed("InputError", '{"errorMessage":"kye"}') : takesAll(1)(event, 1),
    );

    expect({ status, error: error?.error, message: error?.message }).toEqual({
      ...{ status: "FAILED", error: "InputError", message: '{"errorMessage":"kye"}' },
    });
    expect([takes.length, finishes.length]).toEqual(name === "take" ? [2, 0] : [2, 1]);
    expect(durationMs).toBe((name === "take" ? 10 : 20) * MINUTE + (name === "take" ? 0 : 10_000));
  });

  it.each([[["us", "us"]], [["us"]], [7], [null], [{}]])(
    "invokes the function for each key once if the event's key is %j, because the function refuses it",
    async (key) => {
      const { takes } = await run(withKeys("emea", "us"), { key }, takesAll(1));

      expect(eventsOf(takes)).toMatchObject([
        { key, step: { key: "emea" } },
        { key, step: { key: "us" } },
      ]);
    },
  );
});
