import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "@jest/globals";
import { ApiError } from "../../../core/domain/errors.ts";
import type { Fault } from "../../../local/simulated-cdp/faults/fault.ts";
import { BALANCES, closeServers, errorOf, get, startApi, startFaultyApi, startPlainServer } from "./harness.ts";

afterEach(closeServers);

const PATH = `/platform${BALANCES}`;

describe("a failure that passes", () => {
  it.each<[string, Fault]>([
    ["503", { kind: "error", status: 503 }],
    ["500", { kind: "error", status: 500 }],
    ["429", { kind: "error", status: 429 }],
    ["408", { kind: "error", status: 408, errorType: "request_timeout" }],
    ["409 account_not_ready", { kind: "error", status: 409 }],
    ["a proxy's HTML", { kind: "html" }],
    ["HTML with 200", { kind: "html", status: 200 }],
    ["an empty body", { kind: "empty" }],
    ["a reset", { kind: "reset" }],
    ["no response", { kind: "hang" }],
    ["a body shorter than its content length", { kind: "cut", after: 30, announced: true }],
    ["no body after the head", { kind: "cut", after: 0, announced: true }],
    ["incomplete JSON", { kind: "cut", after: 30, announced: false }],
  ])("is retried until the request succeeds: %s", async (_, fault) => {
    const { api } = await startFaultyApi([{ ...fault, times: 2 }], { settings: { requestTimeoutMs: 600 } });

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
  it.each<[string, Fault, string, number]>([
    ["503", { kind: "error", status: 503 }, "api_service_unavailable", 503],
    ["HTML", { kind: "html" }, "api_not_json", 502],
    ["a reset", { kind: "reset" }, "api_unreachable", 0],
    ["no response", { kind: "hang" }, "api_timeout", 0],
    ["a cut body", { kind: "cut", after: 30, announced: true }, "api_unreachable", 0],
  ])("is thrown after the last attempt: %s", async (_, fault, code, status) => {
    const { api } = await startFaultyApi([fault], { settings: { maxAttempts: 3, requestTimeoutMs: 500 } });

    const error = await errorOf(get(api));

    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code, status, message: expect.stringContaining(PATH) });
    expect(api.server.requests).toHaveLength(3);
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
    ["400", { kind: "error", status: 400 }, { code: "api_invalid_request" }],
    ["403", { kind: "error", status: 403, correlationId: "c-1" }, { code: "api_forbidden", correlationId: "c-1" }],
    ["404", { kind: "error", status: 404 }, { code: "api_not_found" }],
    ["another shape", { kind: "body", body: '{"balances":{}}' }, { code: "api_unexpected_shape" }],
  ])("is thrown without a retry if a retry does not help: %s", async (_, fault, expected) => {
    const { api, clock } = await startFaultyApi([fault]);

    const error = await errorOf(get(api));

    expect(error).toMatchObject(expected);
    expect(api.server.requests).toHaveLength(1);
    expect(clock.slept).toEqual([]);
  });

  it("names the address if nothing listens there", async () => {
    const { api } = await startFaultyApi([], { settings: { maxAttempts: 2 } });
    await closeServers();

    const error = await errorOf(get(api));

    expect(error).toMatchObject({ code: "api_unreachable", status: 0 });
    expect((error as Error).message).toContain(`GET ${api.server.url}${BALANCES}: `);
  });

  // In a separate process, because fetch throws errors that are not instances of the Error in jest's sandbox.
  it("of the network has the reason that is in the cause of fetch's error", async () => {
    const program = `
      import { startApi, closeServers, errorOf, noDeadline, BALANCES } from "./test/unit/coinbase/harness.ts";
      const api = await startApi({ settings: { maxAttempts: 1 } });
      const print = async () => console.log((await errorOf(api.client.get(BALANCES, {}, String, noDeadline()))).message);
      api.server.misbehave({ kind: "reset", times: 1 });
      await print();
      api.server.misbehave({ kind: "cut", after: 30, announced: true, times: 1 });
      await print();
      await closeServers();
      await print();`;
    const node = ["--import", "tsx", "--input-type=module", "--eval", program];

    const { stdout } = await promisify(execFile)(process.execPath, node, { env: { ...process.env, NODE_OPTIONS: "" } });

    const [reset, cut, refused] = stdout.trim().split("\n");
    expect(reset).toMatch(/balances: (UND_ERR_SOCKET|ECONNRESET): ./);
    expect(cut).toMatch(/balances: UND_ERR_SOCKET: other side closed/);
    expect(refused).toMatch(/balances: ECONNREFUSED: connect ECONNREFUSED 127\.0\.0\.1/);
  });

  it("names the time limit of an attempt that exceeded it", async () => {
    const { api } = await startFaultyApi([{ kind: "hang" }], { settings: { maxAttempts: 1, requestTimeoutMs: 80 } });

    const error = await errorOf(get(api));

    expect(error).toMatchObject({ code: "api_timeout", message: expect.stringContaining("no response within 80 ms") });
  });

  it("is a timeout if the body never ends", async () => {
    const endless = await startPlainServer((_, response) => {
      response.writeHead(200, { "content-type": "application/json" }).write('{"balances":[');
    });
    const api = await startApi({ settings: { baseUrl: endless.url, maxAttempts: 1, requestTimeoutMs: 100 } });

    expect(await errorOf(get(api))).toMatchObject({ code: "api_timeout" });
  });
});
