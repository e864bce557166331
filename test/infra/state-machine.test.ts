import validate from "asl-validator";
import fc from "fast-check";
import type { FinishStep, RunStep, TakeStep } from "../../core/domain/run-step.ts";
import { MAX_FAILED_IDS } from "../../core/snapshot/run-progress.ts";
import { definition } from "../../infra/step-functions/definition.ts";
import { keyOf } from "../support/fleet/fleet.ts";
import { describe, expect, it } from "../support/jest.ts";
import { execute } from "../support/states-language/interpreter.ts";
import { StatesError } from "../support/states-language/values.ts";
import { type VirtualClock, virtualClock } from "../support/virtual-clock.ts";
import { accountId } from "./configurations.ts";
import { deployedDefinition, FUNCTION_ARN } from "./deployed-definition.ts";
import { synth } from "./synth.ts";

const { template } = synth({ engine: "stepFunctions" });
const deployed = deployedDefinition(template);
const withKeys = (...keys: string[]) =>
  JSON.parse(
    JSON.stringify(definition({ keys, latenessSeconds: 3600 }))
      .replaceAll("${" + "Partition}", "aws")
      .replaceAll("${" + "FunctionArn}", FUNCTION_ARN),
  );
const manyKeys = Array.from({ length: 20 }, (_, i) => `key-${i}`.padEnd(20, "x"));

interface Event {
  readonly key?: string;
  readonly step: RunStep;
  readonly scheduledTime?: string;
}

interface Invocation {
  readonly event: Event;
  readonly startedAt: number;
  endedAt: number;
}

const MINUTE = 60_000;
const PROGRESS = { complete: 1, alreadyComplete: 0, failed: 0, pages: 1, notices: 0, warnings: 0, keyFailures: 0 };

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

/** Answers an event of a step as the function does: `after` is the number of the last account that was taken. */
type Answer = (event: Event, attempt: number) => unknown;

/** Answers until this number of invocations has taken all accounts of a key. */
const takesAll =
  (invocations: number): Answer =>
  ({ step }) => {
    if (step.name === "finish") return { slot: step.startedAt };
    const taken = Number(step.after ?? 0) + 1;
    const { after: _, ...rest } = step;
    return { ...rest, ...(taken < invocations && { after: String(taken) }), progress: PROGRESS };
  };

const failed = (error: string, cause = "{}"): never => {
  throw new StatesError(error, cause);
};

/** Runs an execution. @param invocationMs how long each invocation takes */
async function run(machine: object, input: object, answer: Answer, random = () => 1, invocationMs = 10 * MINUTE) {
  const clock = virtualClock();
  const startedAt = clock.now();
  const invocations: Invocation[] = [];
  const invoke = async (name: string, given: unknown) => {
    const event = given as Event;
    const invocation = { event, startedAt: clock.now() - startedAt, endedAt: Number.POSITIVE_INFINITY };
    invocations.push(invocation);
    expect(name).toBe(FUNCTION_ARN);
    try {
      await clock.sleep(invocationMs);
      return answer(event, invocations.filter((one) => keyOf(one.event.step) === keyOf(event.step)).length);
    } finally {
      invocation.endedAt = clock.now() - startedAt;
    }
  };
  const execution = await clock.run(() => execute(machine, input, { clock, invoke, random }));
  const steps = (name: RunStep["name"]) => invocations.filter(({ event }) => event.step.name === name);
  return {
    ...{ ...execution, clock, durationMs: clock.now() - startedAt, invocations },
    ...{ takes: steps("take"), finishes: steps("finish") },
  };
}

const keysOf = (invocations: readonly Invocation[]) => invocations.map(({ event }) => keyOf(event.step));
const eventsOf = (invocations: readonly Invocation[]) => invocations.map(({ event }) => event);
/** Redrives on the clock of the execution. */
const redrive = ({ clock, redrive: again }: { clock: VirtualClock; redrive: () => Promise<unknown> }) =>
  clock.run(again);

describe("the definition of the state machine", () => {
  it.each([
    ["deployed for one key", deployed],
    ["with twenty keys", withKeys(...manyKeys)],
  ])("is valid %s, according to asl-validator", (_, machine) => {
    const { isValid, errorsText } = validate(structuredClone(machine));

    expect(isValid ? "" : errorsText("\n")).toBe("");
  });

  it("stays within the limit of 1 MB with twenty keys", () => {
    expect(JSON.stringify(withKeys(...manyKeys)).length).toBeLessThan(20_000);
  });
});

describe("an execution", () => {
  const STARTED = { startedAt: "2026-11-23T10:00:00.000Z" };

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
      expect(more.error?.message).toMatch(
        /^The event is too large: it has \d+ characters\. Divide its accounts among /,
      );
    },
  );

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
      { numRuns: 60 },
    );
  });
});

function takenBy({ finishes }: { readonly finishes: readonly Invocation[] }): FinishStep["taken"] {
  const step = finishes[0]?.event.step;
  return step?.name === "finish" ? step.taken : [];
}
