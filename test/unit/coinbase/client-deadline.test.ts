import { afterEach, describe, expect, it } from "@jest/globals";
import { DeadlineError } from "../../../core/domain/errors.ts";
import { systemClock } from "../../../core/system-clock.ts";
import { closeServers, errorOf, get, troubled, WINDOW_MS } from "./harness.ts";

afterEach(closeServers);

/** Longer than a test may take. */
const TOO_LONG_MS = 600_000;

/** A deadline that a test brings about. */
function deadlineToCome() {
  const controller = new AbortController();
  const reason = new DeadlineError("deadline_exceeded", "The function's time was nearly over.");
  return { signal: controller.signal, come: () => controller.abort(reason), reason };
}

describe("the deadline", () => {
  it("that has passed sends nothing", async () => {
    const { api } = await troubled([]);
    const { signal, come, reason } = deadlineToCome();
    come();

    expect(await errorOf(get(api, {}, signal))).toBe(reason);
    expect(api.server.requests).toEqual([]);
  });

  it("during the first attempt ends it at once, with the deadline's own error", async () => {
    const { signal, come, reason } = deadlineToCome();
    const { api } = await troubled([{ kind: "hang" }], {
      onRequest: ({ phase }) => (phase === "handled" ? come() : undefined),
      settings: { requestTimeoutMs: TOO_LONG_MS },
    });

    const error = await errorOf(get(api, {}, signal));

    expect(error).toBe(reason);
  });

  it("while waiting for another attempt ends that at once, and tells the last answer", async () => {
    const { signal, come } = deadlineToCome();
    const { api } = await troubled(
      [{ kind: "error", status: 503, retryAfter: String(TOO_LONG_MS / 1_000), correlationId: "c-1" }],
      {
        clock: systemClock,
        onRequest: ({ phase }) => (phase === "answered" ? void setTimeout(come, 50) : undefined),
      },
    );

    const error = await errorOf(get(api, {}, signal));

    expect(error).toBeInstanceOf(DeadlineError);
    expect(error).toMatchObject({ code: "deadline_exceeded", correlationId: "c-1" });
    expect((error as Error).message).toMatch(
      /^The function's time was nearly over\. The last answer until then: api_service_unavailable: GET .* HTTP 503/,
    );
    expect(api.server.requests).toHaveLength(1);
  });

  it("during a further attempt tells the last answer, too", async () => {
    const { signal, come } = deadlineToCome();
    let arrived = 0;
    const { api } = await troubled([{ kind: "error", status: 502, times: 1 }, { kind: "hang" }], {
      onRequest: ({ phase }) => {
        if (phase === "handled" && ++arrived === 2) come();
      },
    });

    const error = await errorOf(get(api, {}, signal));

    expect(error).toBeInstanceOf(DeadlineError);
    expect((error as Error).message).toContain("The last answer until then: api_bad_gateway");
  });

  it("while waiting for the limit ends that at once", async () => {
    const { signal, come, reason } = deadlineToCome();
    const { api } = await troubled([], { clock: systemClock, limit: 1 });
    const before = performance.now();
    await get(api);
    setTimeout(come, 50);

    const error = await errorOf(get(api, {}, signal));

    expect(error).toBe(reason);
    expect(performance.now() - before).toBeLessThan(WINDOW_MS);
    expect(api.server.requests).toHaveLength(1);
  });
});
