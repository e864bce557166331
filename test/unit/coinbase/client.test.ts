import { inspect } from "node:util";
import { ApiError, DeadlineError } from "../../../core/domain/errors.ts";
import type { Clock } from "../../../core/domain/ports.ts";
import { systemClock } from "../../../core/system-clock.ts";
import type { Fault } from "../../../local/simulated-cdp/faults/fault.ts";
import { afterEach, describe, expect, it } from "../../support/jest.ts";
import { replaceEnv } from "../../support/replace-env.ts";
import {
  BALANCES,
  closeServers,
  errorOf,
  get,
  startApi,
  startFaultyApi,
  startPlainServer,
  WINDOW_MS,
} from "./harness.ts";

afterEach(closeServers);

const PATH = `/platform${BALANCES}`;
const MIB = 1024 * 1024;

describe("a request", () => {
  it("carries a page token with any characters unchanged", async () => {
    const { api } = await startFaultyApi([{ kind: "body", body: '{"balances":[]}' }]);
    const pageToken = "a+b/c==&pageSize=1#é %2B";

    await get(api, { pageSize: "20", pageToken });

    expect(api.server.requests[0]?.query).toEqual({ pageSize: "20", pageToken });
  });

  it("names the client in its user agent, and asks for JSON", async () => {
    const plain = await startPlainServer((_, response) => void response.end('{"balances":[]}'));
    const api = await startApi({ settings: { baseUrl: `${plain.url}/platform` } });

    await get(api);

    expect(plain.requests[0]?.url).toBe(PATH);
    expect(plain.requests[0]?.headers).toMatchObject({
      "user-agent": "cdp-balance-snapshots",
      accept: "application/json",
    });
  });
});

describe("a body", () => {
  /** Starts a server whose responses have these lengths, and returns a client of it. */
  async function startWith(...lengths: number[]) {
    const plain = await startPlainServer((_, response) => {
      const body = Buffer.alloc(lengths.shift() ?? 0, " ");
      body.write('{"balances":[]}');
      response.writeHead(200, { "content-type": "application/json" }).end(body);
    });
    return { api: await startApi({ settings: { baseUrl: plain.url } }), requests: plain.requests };
  }

  it("of 1 MiB is accepted, and a larger one is rejected without a retry", async () => {
    const { api, requests } = await startWith(MIB, MIB + 1);

    const page = await get(api);
    const error = await errorOf(get(api));

    expect(page).toEqual({ items: [], next: undefined });
    expect(error).toMatchObject({ code: "api_body_too_large", status: 200 });
    expect((error as Error).message).toContain(`${MIB} bytes`);
    expect(requests).toHaveLength(2);
  });
});

// test/faults injects every status, body and network failure, once and for ever. Here: requests, delays and messages.
describe("a failure that passes", () => {});

describe("a failure that lasts", () => {
  it.each<[string, Fault, string, number, RegExp]>([
    ["503", { kind: "error", status: 503 }, "api_service_unavailable", 503, /: HTTP 503 service_unavailable/],
    ["a cut body", { kind: "cut", after: 30 }, "api_unreachable", 0, /: ECONNRESET: aborted\.$/],
  ])("is thrown after the last attempt: %s", async (_, fault, code, status, message) => {
    const { api } = await startFaultyApi([fault], { settings: { maxAttempts: 3 } });

    const error = await errorOf(get(api));

    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code, status, message: expect.stringContaining(PATH) });
    expect((error as Error).message).toMatch(message);
    expect(api.server.requests).toHaveLength(3);
  });

  it("names a proxy that Node.js does not use, without its password", async () => {
    const restoreEnv = replaceEnv({ HTTPS_PROXY: "http://jo:s3cret@proxy.example:3128" });
    const api = await startApi({ settings: { maxAttempts: 1, baseUrl: "https://api.cdp.invalid/platform" } });

    const error = (await errorOf(get(api))) as ApiError;

    restoreEnv();
    expect(error).toMatchObject({ code: "api_unreachable", status: 0 });
    expect(error.suggestedFix).toMatch(
      /^HTTPS_PROXY names a proxy .*NODE_USE_ENV_PROXY=1.* Check CDP_API_BASE_URL and/,
    );
    expect(inspect(error, { depth: 12, showHidden: true })).not.toMatch(/s3cret|proxy\.example/);
  });

  it("names the time limit if no response arrives within it, or if the body never ends", async () => {
    const endless = await startPlainServer((_, response) => {
      response.writeHead(200, { "content-type": "application/json" }).write('{"balances":[');
    });
    const settings = { maxAttempts: 1, requestTimeoutMs: 100 };
    const slow = await startApi({ settings: { ...settings, baseUrl: endless.url } });
    const { api } = await startFaultyApi([{ kind: "hang" }], { settings });

    const errors = await Promise.all([errorOf(get(api)), errorOf(get(slow))]);

    expect(errors).toEqual([
      expect.objectContaining({ code: "api_timeout", message: `GET ${PATH}: no response within 100 ms.` }),
      expect.objectContaining({ code: "api_timeout", message: `GET ${BALANCES}: no response within 100 ms.` }),
    ]);
  });
});

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
