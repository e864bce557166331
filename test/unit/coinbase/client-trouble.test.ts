import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "@jest/globals";
import { ApiError } from "../../../core/domain/errors.ts";
import type { Fault } from "../../../local/simulated-cdp/faults/fault.ts";
import { BALANCES, closeServers, errorOf, get, startApi, startPlainServer, troubled } from "./harness.ts";

afterEach(closeServers);

const PATH = `/platform${BALANCES}`;

describe("trouble that passes", () => {
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
    ["a hang", { kind: "hang" }],
    ["a cut that shows by the content length", { kind: "cut", after: 30, announced: true }],
    ["a cut right after the head", { kind: "cut", after: 0, announced: true }],
    ["a cut that shows by the JSON alone", { kind: "cut", after: 30, announced: false }],
  ])("%s, twice: the third attempt gives the whole page", async (_, fault) => {
    const { api } = await troubled([{ ...fault, times: 2 }], { settings: { requestTimeoutMs: 600 } });

    const page = await get(api, { pageSize: "50" });

    expect(page.items).toHaveLength(45);
    expect(api.server.requests).toHaveLength(3);
  });

  it("is waited for, longer and longer", async () => {
    const { api, clock } = await troubled([{ kind: "error", status: 503, times: 3 }], { random: () => 1 });

    await get(api);

    expect(clock.slept).toEqual([500, 1_000, 2_000]);
  });

  it("is waited for as long as Retry-After asks", async () => {
    const { api, clock } = await troubled([{ kind: "error", status: 429, retryAfter: "7", times: 2 }]);

    await get(api);

    expect(clock.slept).toEqual([7_000, 7_000]);
  });

  it("is waited for until the date in Retry-After, by our clock", async () => {
    const retryAfter = "Mon, 23 Nov 2026 10:00:30 GMT";
    const { api, clock } = await troubled([{ kind: "error", status: 503, retryAfter, times: 1 }]);

    await get(api);

    expect(clock.slept).toEqual([30_000]);
  });

  it("of an endpoint that was switched off is asked about three times in a minute, no more", async () => {
    const off: Fault = { kind: "error", status: 503, errorType: "endpoint_unavailable" };
    const { api, clock, statuses } = await troubled([off], { settings: { maxAttempts: 10 } });

    const error = await errorOf(get(api));

    expect(error).toMatchObject({ code: "api_endpoint_unavailable" });
    expect(statuses()).toEqual([503, 503, 503]);
    expect(clock.slept).toEqual([30_000, 30_000]);
  });

  it("takes another token where the old one has become too old meanwhile", async () => {
    const { api, statuses } = await troubled([{ kind: "error", status: 503, retryAfter: "300", times: 1 }]);

    await get(api);

    const [one, two] = api.server.requests;
    expect(statuses()).toEqual([503, 200]);
    expect(one?.token === two?.token).toBe(false);
  });
});

describe("trouble that stays", () => {
  it.each<[string, Fault, string, number]>([
    ["503", { kind: "error", status: 503 }, "api_service_unavailable", 503],
    ["HTML", { kind: "html" }, "api_not_json", 502],
    ["a reset", { kind: "reset" }, "api_unreachable", 0],
    ["a hang", { kind: "hang" }, "api_timeout", 0],
    ["a cut", { kind: "cut", after: 30, announced: true }, "api_unreachable", 0],
  ])("%s is told after as many attempts as there may be", async (_, fault, code, status) => {
    const { api } = await troubled([fault], { settings: { maxAttempts: 3, requestTimeoutMs: 500 } });

    const error = await errorOf(get(api));

    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code, status, message: expect.stringContaining(PATH) });
    expect(api.server.requests).toHaveLength(3);
  });

  it.each<[string, Fault, string]>([
    ["400", { kind: "error", status: 400 }, "api_invalid_request"],
    ["403", { kind: "error", status: 403 }, "api_forbidden"],
    ["404", { kind: "error", status: 404 }, "api_not_found"],
    ["another shape", { kind: "body", body: '{"balances":{}}' }, "api_unexpected_shape"],
  ])("%s is told at once: there is no use in another attempt", async (_, fault, code) => {
    const { api, clock } = await troubled([fault]);

    const error = await errorOf(get(api));

    expect(error).toMatchObject({ code });
    expect(api.server.requests).toHaveLength(1);
    expect(clock.slept).toEqual([]);
  });

  it("is told with the API's correlation id", async () => {
    const { api } = await troubled([{ kind: "error", status: 403, correlationId: "41deb8d59a9dc9a7-IAD" }]);

    expect(await errorOf(get(api))).toMatchObject({ correlationId: "41deb8d59a9dc9a7-IAD" });
  });

  it("where nobody listens, is told with the address", async () => {
    const { api } = await troubled([], { settings: { maxAttempts: 2 } });
    await closeServers();

    const error = await errorOf(get(api));

    expect(error).toMatchObject({ code: "api_unreachable", status: 0 });
    expect((error as Error).message).toContain(`GET ${api.server.url}${BALANCES}: `);
  });

  // In a process of its own: jest's sandbox has another `Error` than the one that fetch throws.
  it("of the network, is told with the reason that fetch hides in its cause", async () => {
    const program = `
      import { startApi, closeServers, errorOf, noDeadline, BALANCES } from "./test/unit/coinbase/harness.ts";
      const api = await startApi({ settings: { maxAttempts: 1 } });
      const tell = async () => console.log((await errorOf(api.client.get(BALANCES, {}, String, noDeadline()))).message);
      api.server.misbehave({ kind: "reset", times: 1 });
      await tell();
      api.server.misbehave({ kind: "cut", after: 30, announced: true, times: 1 });
      await tell();
      await closeServers();
      await tell();`;
    const node = ["--import", "tsx", "--input-type=module", "--eval", program];

    const { stdout } = await promisify(execFile)(process.execPath, node, { env: { ...process.env, NODE_OPTIONS: "" } });

    const [reset, cut, refused] = stdout.trim().split("\n");
    expect(reset).toMatch(/balances: (UND_ERR_SOCKET|ECONNRESET): ./);
    expect(cut).toMatch(/balances: UND_ERR_SOCKET: other side closed/);
    expect(refused).toMatch(/balances: ECONNREFUSED: connect ECONNREFUSED 127\.0\.0\.1/);
  });

  it("where each attempt takes too long, is told with the time that it had", async () => {
    const { api } = await troubled([{ kind: "hang" }], { settings: { maxAttempts: 1, requestTimeoutMs: 80 } });

    const error = await errorOf(get(api));

    expect(error).toMatchObject({ code: "api_timeout", message: expect.stringContaining("no answer within 80 ms") });
  });

  it("where the body never ends, is within the time limit as well", async () => {
    const endless = await startPlainServer((_, response) => {
      response.writeHead(200, { "content-type": "application/json" }).write('{"balances":[');
    });
    const api = await startApi({ settings: { baseUrl: endless.url, maxAttempts: 1, requestTimeoutMs: 100 } });

    expect(await errorOf(get(api))).toMatchObject({ code: "api_timeout" });
  });
});
