import { afterEach, describe, expect, it } from "@jest/globals";
import { ApiError } from "../../../core/domain/errors.ts";
import type { Fault } from "../../../local/simulated-cdp/faults/fault.ts";
import { BALANCES, closeServers, errorOf, get, startApi, startFaultyApi, startPlainServer } from "./harness.ts";

afterEach(closeServers);

const PATH = `/platform${BALANCES}`;

// test/faults injects every status, body and network failure, once and for ever. Here: requests, delays and messages.
describe("a failure that passes", () => {
  it.each<[string, Fault, number[]]>([
    ["Retry-After in seconds", { kind: "error", status: 429, retryAfter: "7", times: 2 }, [7_000, 7_000]],
    ["Retry-After as a date", { kind: "error", status: 503, retryAfter: "Mon, 23 Nov 2026 10:00:30 GMT" }, [30_000]],
  ])("is retried until the request succeeds: %s", async (_, fault, slept) => {
    const { api, clock } = await startFaultyApi([{ times: 1, ...fault }]);

    const page = await get(api, { pageSize: "50" });

    expect(page.items).toHaveLength(45);
    expect(api.server.requests).toHaveLength(1 + (fault.times ?? 1));
    expect(clock.slept).toEqual(slept);
  });
});

describe("a failure that lasts", () => {
  it.each<[string, Fault, string, number, RegExp]>([
    ["503", { kind: "error", status: 503 }, "api_service_unavailable", 503, /: HTTP 503 service_unavailable/],
    ["a reset", { kind: "reset" }, "api_unreachable", 0, /: (UND_ERR_SOCKET|ECONNRESET): ./],
    ["a cut body", { kind: "cut", after: 30, announced: true }, "api_unreachable", 0, /: UND_ERR_SOCKET: other side/],
  ])("is thrown after the last attempt: %s", async (_, fault, code, status, message) => {
    const { api } = await startFaultyApi([fault], { settings: { maxAttempts: 3 } });

    const error = await errorOf(get(api));

    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code, status, message: expect.stringContaining(PATH) });
    expect((error as Error).message).toMatch(message);
    expect(api.server.requests).toHaveLength(3);
  });

  it("names the address and the reason if nothing listens there", async () => {
    const { api } = await startFaultyApi([], { settings: { maxAttempts: 2 } });
    await closeServers();

    const error = await errorOf(get(api));

    expect(error).toMatchObject({ code: "api_unreachable", status: 0 });
    expect((error as Error).message).toContain(`GET ${api.server.url}${BALANCES}: ECONNREFUSED: connect `);
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
