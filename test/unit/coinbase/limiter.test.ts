import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { RateLimiter } from "../../../core/coinbase/limiter.ts";
import type { Clock } from "../../../core/domain/ports.ts";
import { noDeadline } from "./harness.ts";

const WINDOW = 10_000;

/** Time that passes only when nothing can be done without it: sleepers wake in order, each before the next one. */
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
  /** Lets time pass until nobody sleeps any more, or until an instant. */
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

/** How long a request takes to the server, and its answer back. */
type Latency = readonly [there: number, back: number];

/** Workers that ask one request after the other through the limiter. */
async function simulate(limit: number, workers: number, latencies: readonly Latency[]) {
  const { clock, pass } = virtualTime();
  const limiter = new RateLimiter(limit, WINDOW, clock);
  const starts: number[] = [];
  const arrivals: number[] = [];
  const ends: number[] = [];
  let next = 0;
  const work = async () => {
    for (let i = next++; i < latencies.length; i = next++) {
      const [there, back] = latencies[i] ?? [0, 0];
      await limiter.run(async () => {
        starts[i] = clock.monotonic();
        await clock.sleep(there);
        arrivals[i] = clock.monotonic();
        await clock.sleep(back);
        ends[i] = clock.monotonic();
      }, noDeadline());
    }
  };
  const done = Promise.all(Array.from({ length: workers }, work));
  await pass();
  await done;
  return { starts, arrivals, ends };
}

/** The soonest that each request can start: with a free worker, and a window after the end of the one `limit` before. */
function soonestStarts(limit: number, workers: number, latencies: readonly Latency[]): number[] {
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

/** The most arrivals in any window of the server's, which is open at its older end. */
function mostInAWindow(arrivals: readonly number[]): number {
  const sorted = arrivals.toSorted((a, b) => a - b);
  return Math.max(...sorted.map((at) => sorted.filter((other) => other > at - WINDOW && other <= at).length));
}

const latency = fc.oneof(
  fc.tuple(fc.nat(200), fc.nat(200)),
  // A request that lingers on its way, or an answer that does, for longer than a window.
  fc.tuple(fc.nat(15_000), fc.nat(15_000)),
  fc.constant([0, 0] as const),
);
const load = fc.record({
  limit: fc.integer({ min: 1, max: 8 }),
  workers: fc.integer({ min: 1, max: 12 }),
  latencies: fc.array(latency, { minLength: 1, maxLength: 40 }),
});

describe("the limit", () => {
  it("is never passed in any window, by arrival at the server, whatever the latencies", async () => {
    await fc.assert(
      fc.asyncProperty(load, async ({ limit, workers, latencies }) => {
        const { arrivals } = await simulate(limit, workers, latencies);

        expect(arrivals).toHaveLength(latencies.length);
        expect(mostInAWindow(arrivals)).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 300 },
    );
  });

  it("costs no time: each request starts as soon as a worker and a permit are free", async () => {
    await fc.assert(
      fc.asyncProperty(load, async ({ limit, workers, latencies }) => {
        const { starts } = await simulate(limit, workers, latencies);

        expect(starts).toEqual(soonestStarts(limit, workers, latencies));
      }),
      { numRuns: 300 },
    );
  });

  it("lets the API's 600 go at once, and the others as the first come back", async () => {
    const latencies: Latency[] = Array.from({ length: 1_300 }, (_, i) => [20 + (i % 7), 20 + (i % 11)]);

    const { starts, ends } = await simulate(600, 1_000, latencies);

    expect(starts.slice(0, 600)).toEqual(Array(600).fill(0));
    expect(starts[600]).toBe(Math.min(...ends.slice(0, 600)) + WINDOW);
    expect(Math.max(...ends)).toBeLessThan(2 * WINDOW + 200);
  });
});

describe("the limiter", () => {
  it("gives the request's result and its error, and takes a failed request for one that was counted", async () => {
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

  it("serves in the order of asking", async () => {
    const { clock, pass } = virtualTime();
    const limiter = new RateLimiter(3, WINDOW, clock);
    const order: number[] = [];
    const all = Array.from({ length: 20 }, (_, i) =>
      limiter.run(async () => {
        order.push(i);
        await clock.sleep((i * 7) % 5);
      }, noDeadline()),
    );

    await pass();

    await Promise.all(all);
    expect(order).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });
});

describe("who is aborted while waiting", () => {
  /** A limiter of one permit that is with a running request, which takes a second. */
  function busy() {
    const { clock, pass } = virtualTime();
    const limiter = new RateLimiter(1, WINDOW, clock);
    const abort = new AbortController();
    const sent: string[] = [];
    const ask = (name: string, signal = noDeadline()) =>
      limiter
        .run(async () => {
          sent.push(`${name} at ${clock.monotonic()}`);
          await clock.sleep(1_000);
          return "answered";
        }, signal)
        .catch((thrown: unknown) => thrown);
    return { ask, pass, abort, sent };
  }

  it("ends with the signal's reason, sends nothing, takes no permit and blocks nobody, while a permit comes back", async () => {
    const { ask, pass, abort, sent } = busy();
    const work = [ask("first"), ask("aborted", abort.signal), ask("last")];
    await pass(3_000);
    abort.abort("the reason");

    const aborted = await work[1];
    await pass();

    expect(aborted).toBe("the reason");
    expect(await Promise.all(work)).toEqual(["answered", "the reason", "answered"]);
    expect(sent).toEqual(["first at 0", "last at 11000"]);
  });

  it("does so while every permit is with a running request", async () => {
    const { ask, pass, abort, sent } = busy();
    const work = [ask("first"), ask("aborted", abort.signal), ask("last")];
    await pass(500);
    abort.abort("the reason");

    await pass();

    expect(await Promise.all(work)).toEqual(["answered", "the reason", "answered"]);
    expect(sent).toEqual(["first at 0", "last at 11000"]);
  });

  it("does so behind others that wait", async () => {
    const { ask, pass, abort, sent } = busy();
    const work = [ask("first"), ask("second"), ask("aborted", abort.signal), ask("last")];
    await pass(3_000);
    abort.abort("the reason");

    await pass();

    expect(await Promise.all(work)).toEqual(["answered", "answered", "the reason", "answered"]);
    expect(sent).toEqual(["first at 0", "second at 11000", "last at 22000"]);
  });

  it("was aborted before: even a free permit is not taken", async () => {
    const { ask, pass, sent } = busy();
    const aborted = ask("aborted", AbortSignal.abort("the reason"));
    const next = ask("next");

    await pass();

    expect(await Promise.all([aborted, next])).toEqual(["the reason", "answered"]);
    expect(sent).toEqual(["next at 0"]);
  });
});
