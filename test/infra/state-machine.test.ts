import fc from "fast-check";
import type { TakeStep } from "../../core/domain/run-step.ts";
import { EXHAUSTIVE } from "../support/exhaustive.ts";
import { keyOf } from "../support/fleet/fleet.ts";
import { describe, expect, it } from "../support/jest.ts";
import type { VirtualClock } from "../support/virtual-clock.ts";
import {
  type Answer,
  deployed,
  eventsOf,
  failed,
  PROGRESS,
  run,
  STARTED,
  takenBy,
  takesAll,
  withKeys,
} from "./machine-run.ts";

/** Redrives on the clock of the execution. */
const redrive = ({ clock, redrive: again }: { clock: VirtualClock; redrive: () => Promise<unknown> }) =>
  clock.run(again);

describe("the definition of the state machine", () => {});

describe("an execution", () => {
  it("passes the event and its start to the function, and takes snapshots until none is left", async () => {
    const input = { scheduledTime: "2026-11-23T10:00:00Z" };

    const { status, output, takes, finishes, entered } = await run(deployed, input, takesAll(3));

    expect({ status, output }).toEqual({ status: "SUCCEEDED", output: { slot: STARTED.startedAt } });
    expect(eventsOf(takes)).toEqual([
      { ...input, step: { name: "take", ...STARTED } },
      { ...input, step: { name: "take", ...STARTED, after: "1", progress: PROGRESS } },
      { ...input, step: { name: "take", ...STARTED, after: "2", progress: PROGRESS } },
    ]);
    const last = { name: "take", ...STARTED, progress: PROGRESS };
    expect(eventsOf(finishes)).toEqual([{ ...input, step: { name: "finish", ...STARTED, taken: [last] } }]);
    // State transitions cost money: three per invocation of a key, four more.
    expect(entered).toHaveLength(2 + 3 * 3 + 1 + 1);
  });

  it("takes the accounts of all keys in parallel, and those of one key if the event names it", async () => {
    const all = await run(withKeys("emea", "us"), {}, takesAll(2));
    const one = await run(withKeys("emea", "us"), { key: "us", dryRun: true }, takesAll(1));

    expect(all.takes.map(({ event, startedAt }) => [keyOf(event.step), startedAt])).toEqual([
      ...[
        ["emea", 0],
        ["us", 0],
      ],
      ...[
        ["emea", 610_000],
        ["us", 610_000],
      ],
    ]);
    expect(takenBy(all).map(({ key }) => key)).toEqual(["emea", "us"]);
    expect(eventsOf(one.takes)).toEqual([{ key: "us", dryRun: true, step: { name: "take", key: "us", ...STARTED } }]);
    expect(takenBy(one).map(({ key }) => key)).toEqual(["us"]);
    expect(eventsOf(one.finishes)).toEqual([expect.objectContaining({ key: "us", dryRun: true })]);
  });

  it("retries a failed invocation after one minute and two, and then goes on with its error", async () => {
    const cause = JSON.stringify({ errorType: "KeyError", errorMessage: "The secret is missing." });
    const answer: Answer = (event) =>
      event.step.name === "take" && event.step.key === "us" && event.step.after === "1"
        ? failed("KeyError", cause)
        : takesAll(3)(event, 1);

    const execution = await run(withKeys("emea", "us"), {}, answer);

    const ofUs = execution.takes.filter(({ event }) => keyOf(event.step) === "us");
    expect(ofUs.slice(2).map(({ startedAt }, i) => startedAt - (ofUs[i + 1]?.endedAt ?? 0))).toEqual([60_000, 120_000]);
    const [emea, us] = takenBy(execution);
    expect(emea).toEqual({ name: "take", key: "emea", ...STARTED, progress: PROGRESS });
    expect(us).toEqual({
      ...{ name: "take", key: "us", ...STARTED, after: "1", progress: PROGRESS },
      error: { Error: "KeyError", Cause: cause },
    });
    expect(execution.status).toBe("SUCCEEDED");
  });

  it.each(["Sandbox.Timedout", "Runtime.ExitError", "Lambda.Unknown", "Runtime.OutOfMemory"])(
    "invokes the function again with the same event after it was killed: %s",
    async (error) => {
      const { status, takes } = await run(deployed, {}, (event, attempt) =>
        attempt === 2 ? failed(error) : takesAll(2)(event, attempt),
      );

      expect(status).toBe("SUCCEEDED");
      expect(takes.map(({ event }) => (event.step as TakeStep).after)).toEqual([undefined, "1", "1"]);
    },
  );

  it("waits up to a quarter of an hour for concurrency, and spreads the retries", async () => {
    const throttled: Answer = () => failed("Lambda.TooManyRequestsException");

    const slowest = await run(deployed, {}, throttled, () => 1, 0);
    const fastest = await run(deployed, {}, throttled, () => 0, 0);

    expect(slowest.takes).toHaveLength(1 + 20);
    expect(slowest.takes.at(-1)?.startedAt).toBe((2 + 4 + 8 + 16 + 32 + 15 * 60) * 1000);
    expect(fastest.takes.at(-1)?.startedAt).toBe(0);
  });

  it("retries the last step, fails with its error, and can be redriven from there", async () => {
    let isRepaired = false;
    const answer: Answer = (event) => {
      if (event.step.name === "finish" && !isRepaired) failed("RunFailedError", "2 of 9 accounts failed");
      return takesAll(2)(event, 1);
    };

    const execution = await run(deployed, {}, answer);
    const { finishes } = execution;
    isRepaired = true;
    const again = await redrive(execution);

    expect(execution).toMatchObject({
      status: "FAILED",
      error: { error: "RunFailedError", message: "2 of 9 accounts failed" },
    });
    expect(again).toMatchObject({ status: "SUCCEEDED", entered: ["Finish"] });
    const pauses = finishes.slice(1).map(({ startedAt }, i) => startedAt - (finishes[i]?.endedAt ?? 0));
    expect(pauses).toEqual([60_000, 120_000]);
    const [first] = eventsOf(finishes);
    expect(eventsOf(execution.invocations).slice(-4)).toEqual([first, first, first, first]);
  });

  it("is stopped if it makes no progress", async () => {
    const { status, durationMs } = await run(deployed, {}, ({ step }) => ({ ...step, after: "1" }));

    expect(status).toBe("TIMED_OUT");
    expect(durationMs).toBe(deployed.TimeoutSeconds * 1000);
  });

  it("never begins an invocation within ten seconds of one that ran, whatever fails", async () => {
    const OUTCOMES = [
      "ok",
      "RunFailedError",
      "Sandbox.Timedout",
      "Lambda.ServiceException",
      "Lambda.SdkClientException",
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...OUTCOMES), { maxLength: 12 }), async (outcomes) => {
        const left = [...outcomes];
        const answer: Answer = (event, attempt) => {
          const outcome = left.shift() ?? "ok";
          return outcome === "ok" ? takesAll(3)(event, attempt) : failed(outcome);
        };

        const { takes, finishes } = await run(deployed, {}, answer, () => 0);

        const all = [...takes, ...finishes];
        for (const [i, { startedAt }] of all.entries()) {
          if (i > 0) expect(startedAt - (all[i - 1]?.endedAt ?? 0)).toBeGreaterThanOrEqual(10_000);
        }
      }),
      { numRuns: EXHAUSTIVE ? 1_000 : 20 },
    );
  });
});
