import { afterEach, describe, expect, it } from "@jest/globals";
import { ApiError } from "../../../core/domain/errors.ts";
import type { Fault } from "../../../local/simulated-cdp/faults/fault.ts";
import { BALANCES, closeServers, errorOf, get, startApi, startFaultyApi, startPlainServer } from "./harness.ts";

afterEach(closeServers);

const PATH = `/platform${BALANCES}`;

describe("a failure that passes", () => {
  it.each<[string, Fault]>([
    ["503", { kind: "error", status: 503 }],
    ["429", { kind: "error", status: 429 }],
    ["a proxy's HTML", { kind: "html" }],
    ["an empty body", { kind: "empty" }],
    ["a reset", { kind: "reset" }],
    ["a body shorter than its content length", { kind: "cut", after: 30, announced: true }],
    ["incomplete JSON", { kind: "cut", after: 30, announced: false }],
  ])("is retried until the request succeeds: %s", async (_, fault) => {
    const { api } = await startFaultyApi([{ ...fault, times: 2 }]);

    const page = await get(api, { pageSize: "50" });

    expect(page.items).toHaveLength(45);
    expect(api.server.requests).toHaveLength(3);
  });

  it.each<[string, Fault, number[]]>([
    ["increasing delays", { kind: "error", status: 503, times: 3 }, [500, 1_000, 2_000]],
    ["Retry-After in seconds", { kind: "error", status: 429, retryAfter: "7", times: 2 }, [7_500, 8_000]],
    [
      "Retry-After as a date",
      { kind: "error", status: 503, retryAfter: "Mon, 23 Nov 2026 10:00:30 GMT", times: 1 },
      [30_500],
    ],
  ])("is retried after %s", async (_, fault, slept) => {
    const { api, clock } = await startFaultyApi([fault], { random: () => 1 });

    await get(api);

    expect(clock.slept).toEqual(slept);
  });

  it("is retried with a new token if the old one has expired", async () => {
    const { api, statuses } = await startFaultyApi([{ kind: "error", status: 503, retryAfter: "300", times: 1 }]);

    await get(api);

    const [one, two] = api.server.requests;
    expect(statuses()).toEqual([503, 200]);
    expect(one?.token === two?.token).toBe(false);
  });
});

describe("a failure that lasts", () => {
  it.each<[string, Fault, string, number, RegExp]>([
    ["503", { kind: "error", status: 503 }, "api_service_unavailable", 503, /: HTTP 503 service_unavailable/],
    ["HTML", { kind: "html" }, "api_not_json", 502, /: HTTP 502/],
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

  it("names the time limit if no attempt is answered within it", async () => {
    const { api } = await startFaultyApi([{ kind: "hang" }], { settings: { maxAttempts: 2, requestTimeoutMs: 50 } });

    const error = await errorOf(get(api));

    expect(error).toMatchObject({ code: "api_timeout", status: 0 });
    expect((error as Error).message).toContain(`${PATH}: no response within 50 ms`);
    expect(api.server.requests).toHaveLength(2);
  });

  it("is retried twice if Coinbase has switched the endpoint off", async () => {
    const off: Fault = { kind: "error", status: 503, errorType: "endpoint_unavailable" };
    const { api, clock, statuses } = await startFaultyApi([off], { settings: { maxAttempts: 10 } });

    const error = await errorOf(get(api));

    expect(error).toMatchObject({ code: "api_endpoint_unavailable" });
    expect(statuses()).toEqual([503, 503, 503]);
    expect(clock.slept).toEqual([30_000, 30_000]);
  });

  it.each<[string, Fault, object]>([
    ["403", { kind: "error", status: 403, correlationId: "c-1" }, { code: "api_forbidden", correlationId: "c-1" }],
    ["another shape", { kind: "body", body: '{"balances":{}}' }, { code: "api_unexpected_shape" }],
  ])("is thrown without a retry if a retry does not help: %s", async (_, fault, expected) => {
    const { api, clock } = await startFaultyApi([fault]);

    const error = await errorOf(get(api));

    expect(error).toMatchObject(expected);
    expect(api.server.requests).toHaveLength(1);
    expect(clock.slept).toEqual([]);
  });

  it("names the address and the reason if nothing listens there", async () => {
    const { api } = await startFaultyApi([], { settings: { maxAttempts: 2 } });
    await closeServers();

    const error = await errorOf(get(api));

    expect(error).toMatchObject({ code: "api_unreachable", status: 0 });
    expect((error as Error).message).toContain(`GET ${api.server.url}${BALANCES}: ECONNREFUSED: connect `);
  });

  it("is a timeout if the body never ends", async () => {
    const endless = await startPlainServer((_, response) => {
      response.writeHead(200, { "content-type": "application/json" }).write('{"balances":[');
    });
    const api = await startApi({ settings: { baseUrl: endless.url, maxAttempts: 1, requestTimeoutMs: 100 } });

    expect(await errorOf(get(api))).toMatchObject({ code: "api_timeout" });
  });
});
