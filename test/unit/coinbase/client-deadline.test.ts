import { afterEach, describe, expect, it } from "@jest/globals";
import { DeadlineError } from "../../../core/domain/errors.ts";
import type { Clock } from "../../../core/domain/ports.ts";
import { systemClock } from "../../../core/system-clock.ts";
import type { Fault } from "../../../local/simulated-cdp/faults/fault.ts";
import { closeServers, errorOf, get, startFaultyApi, WINDOW_MS } from "./harness.ts";

afterEach(closeServers);

/** A deadline that a test expires. */
function newDeadline() {
  const controller = new AbortController();
  const reason = new DeadlineError("deadline_exceeded", "The function ran out of time.");
  return { signal: controller.signal, expire: () => controller.abort(reason), reason };
}

/** The system's clock, but as soon as something sleeps, the deadline expires. */
function clockThatExpires(expire: () => void): Clock {
  return {
    ...systemClock,
    sleep: (ms, signal) => {
      const slept = systemClock.sleep(ms, signal);
      if (ms > 0) expire();
      return slept;
    },
  };
}

describe("the deadline", () => {
  it("sends nothing if it has expired", async () => {
    const { api } = await startFaultyApi([]);
    const { signal, expire, reason } = newDeadline();
    expire();

    expect(await errorOf(get(api, {}, signal))).toBe(reason);
    expect(api.server.requests).toEqual([]);
  });

  it("ends the first attempt at once with its own error", async () => {
    const { signal, expire, reason } = newDeadline();
    const { api } = await startFaultyApi([{ kind: "hang" }], {
      onRequest: ({ phase }) => (phase === "handled" ? expire() : undefined),
      settings: { requestTimeoutMs: 600_000 },
    });

    const error = await errorOf(get(api, {}, signal));

    expect(error).toBe(reason);
  });

  it("ends the wait for a retry at once, and reports the last failure", async () => {
    const { signal, expire } = newDeadline();
    const unavailable: Fault = { kind: "error", status: 503, retryAfter: "600", correlationId: "c-1" };
    const { api } = await startFaultyApi([unavailable], { clock: clockThatExpires(expire) });

    const error = await errorOf(get(api, {}, signal));

    expect(error).toBeInstanceOf(DeadlineError);
    expect(error).toMatchObject({ code: "deadline_exceeded", correlationId: "c-1" });
    expect((error as Error).message).toMatch(
      /^The function ran out of time\. The last failure before that: api_service_unavailable: GET .* HTTP 503/,
    );
    expect(api.server.requests).toHaveLength(1);
  });

  it("ends the wait for the rate limit at once", async () => {
    const { signal, expire, reason } = newDeadline();
    const { api } = await startFaultyApi([], { clock: clockThatExpires(expire), limit: 1 });
    await get(api);
    const before = performance.now();

    const error = await errorOf(get(api, {}, signal));

    expect(error).toBe(reason);
    expect(performance.now() - before).toBeLessThan(WINDOW_MS);
    expect(api.server.requests).toHaveLength(1);
  });
});
