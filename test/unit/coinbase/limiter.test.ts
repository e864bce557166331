import fc from "fast-check";
import { RateLimiter } from "../../../core/coinbase/limiter.ts";
import type { Clock } from "../../../core/domain/ports.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { noDeadline } from "./harness.ts";

const WINDOW = 10_000;

/** A clock whose time passes only when every task sleeps. Sleepers wake one by one, in order. */
function virtualTime() {
  let now = 0;
  const sleepers: { at: number; wake: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = { at: now + Math.max(0, ms), wake: resolve };
        signal?.addEventListener("abort", () => {
          sleepers.splice(sleepers.indexOf(sleeper), 1);
          reject(signal.reason);
        });
        sleepers.push(sleeper);
      }),
  };
  /** Lets time pass until no task sleeps, or until an instant. */
  const pass = async (until = Number.POSITIVE_INFINITY) => {
    for (;;) {
      await new Promise(setImmediate);
      const next = sleepers.reduce<number>((first, { at }) => Math.min(first, at), Number.POSITIVE_INFINITY);
      if (next > until || next === Number.POSITIVE_INFINITY) break;
      now = next;
      const [due] = sleepers.splice(
        sleepers.findIndex(({ at }) => at === next),
        1,
      );
      due?.wake();
    }
    if (until !== Number.POSITIVE_INFINITY) now = until;
  };
  return { clock, pass };
}

/** How long a request takes to the server, and the response back, in milliseconds. */
type Latency = readonly [there: number, back: number];

/** Runs workers that send one request after the other through the limiter. */
async function simulate(limit: number, workers: number, latencies: readonly Latency[]) {
  const { clock, pass } = virtualTime();
  const limiter = new RateLimiter(limit, WINDOW, clock);
  const starts: number[] = [];
  const arrivals: number[] = [];
  let next = 0;
  const work = async () => {
    for (let i = next++; i < latencies.length; i = next++) {
      const [there, back] = latencies[i] ?? [0, 0];
      await limiter.run(async () => {
        starts[i] = clock.monotonic();
        await clock.sleep(there);
        arrivals[i] = clock.monotonic();
        await clock.sleep(back);
      }, noDeadline());
    }
  };
  const done = Promise.all(Array.from({ length: workers }, work));
  await pass();
  await done;
  return { starts, arrivals };
}

/** Returns the earliest start of each request: with a free worker, one window after the end of the request `limit` before. */
function earliestStarts(limit: number, workers: number, latencies: readonly Latency[]): number[] {
  const free: number[] = Array(workers).fill(0);
  const permits: number[] = Array(limit).fill(0);
  const takeFirst = (times: number[]) => times.splice(times.indexOf(Math.min(...times)), 1)[0] ?? 0;
  return latencies.map(([there, back]) => {
    const start = Math.max(takeFirst(free), takeFirst(permits));
    free.push(start + there + back);
    permits.push(start + there + back + WINDOW);
    return start;
  });
}

/** Returns the maximum number of arrivals in any window of the server, which excludes its older end. */
function maxInAnyWindow(arrivals: readonly number[]): number {
  const sorted = arrivals.toSorted((a, b) => a - b);
  return Math.max(...sorted.map((at) => sorted.filter((other) => other > at - WINDOW && other <= at).length));
}

const latency = fc.oneof(
  fc.tuple(fc.nat(200), fc.nat(200)),
  // A request or a response that can take longer than a window.
  fc.tuple(fc.nat(15_000), fc.nat(15_000)),
  fc.constant([0, 0] as const),
);
const load = fc.record({
  limit: fc.integer({ min: 1, max: 8 }),
  workers: fc.integer({ min: 1, max: 12 }),
  latencies: fc.array(latency, { minLength: 1, maxLength: 40 }),
});

describe("the rate limit", () => {
  it("is never exceeded in any window of arrivals, and delays no request, whatever the latencies", async () => {
    await fc.assert(
      fc.asyncProperty(load, async ({ limit, workers, latencies }) => {
        const { starts, arrivals } = await simulate(limit, workers, latencies);

        expect(arrivals).toHaveLength(latencies.length);
        expect(maxInAnyWindow(arrivals)).toBeLessThanOrEqual(limit);
        // Each starts as soon as a worker and a permit are free.
        expect(starts).toEqual(earliestStarts(limit, workers, latencies));
      }),
      { numRuns: 50 },
    );
  });

  it("returns the request's result or throws its error, and counts a failed request", async () => {
    const { clock, pass } = virtualTime();
    const limiter = new RateLimiter(2, WINDOW, clock);
    const result = await limiter.run(async () => "result", noDeadline());
    const failed = limiter.run(() => Promise.reject(new Error("reset")), noDeadline());
    await expect(failed).rejects.toThrow("reset");

    const third = limiter.run(async () => clock.monotonic(), noDeadline());
    await pass();

    expect(result).toBe("result");
    expect(await third).toBe(WINDOW);
  });
});

describe("a caller that is aborted while it waits", () => {
  /** A limiter with one permit, and requests that take a second. */
  function busy() {
    const { clock, pass } = virtualTime();
    const limiter = new RateLimiter(1, WINDOW, clock);
    const sent: string[] = [];
    const call = (name: string, signal = noDeadline()) =>
      limiter
        .run(async () => {
          sent.push(`${name} at ${clock.monotonic()}`);
          await clock.sleep(1_000);
          return "done";
        }, signal)
        .catch((thrown: unknown) => thrown);
    return { call, pass, sent };
  }

  it.each([
    ["behind others, while a request holds the permit", 500],
    ["behind others, while the permit is not yet free", 3_000],
    ["first in line, while a request holds the permit", 11_500],
    ["first in line, while the permit is not yet free", 15_000],
  ])("throws the reason, sends nothing, takes no permit and delays no other: %s", async (_, abortAt) => {
    const { call, pass, sent } = busy();
    const abort = new AbortController();
    const work = [call("first"), call("second"), call("aborted", abort.signal), call("last")];
    await pass(abortAt);
    abort.abort("the reason");

    await pass();

    expect(await Promise.all(work)).toEqual(["done", "done", "the reason", "done"]);
    expect(sent).toEqual(["first at 0", "second at 11000", "last at 22000"]);
  });
});
