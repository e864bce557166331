import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "@jest/globals";
import { systemClock } from "../../../lambda/clock.ts";
import { decodeBalancesPage } from "../../../lambda/coinbase/schema.ts";
import { ApiError, DeadlineError, KeyError } from "../../../lambda/domain/errors.ts";
import type { Fault } from "../../../local/cdp/faults.ts";
import { makeEd25519Key } from "../../support/keys.ts";
import {
  type Api,
  type ApiOptions,
  account,
  BALANCES,
  balance,
  closeServers,
  errorOf,
  key,
  noDeadline,
  startApi,
  startPlainServer,
  testClock,
} from "./harness.ts";

afterEach(closeServers);

const PATH = `/platform${BALANCES}`;
const MIB = 1024 * 1024;

const get = ({ client }: Api, query: Record<string, string> = {}, deadline = noDeadline()) =>
  client.get(BALANCES, query, decodeBalancesPage, deadline);

/** An API that misbehaves, and the time that passes on it. */
async function troubled(faults: Fault[], options: ApiOptions = {}) {
  const clock = testClock();
  const api = await startApi({ clock, ...options });
  for (const fault of faults) api.server.misbehave(fault);
  return { api, clock, statuses: () => api.server.requests.map(({ status }) => status) };
}

/** A deadline that a test brings about. */
function deadlineToCome() {
  const controller = new AbortController();
  const reason = new DeadlineError("deadline_exceeded", "The function's time was nearly over.");
  return { signal: controller.signal, come: () => controller.abort(reason), reason };
}

describe("a request", () => {
  it("is answered with what the decoder reads", async () => {
    const api = await startApi();

    const page = await get(api, { pageSize: "2" });

    expect(page.items.map(({ asset }) => asset.symbol)).toEqual(["a00", "a01"]);
    expect(api.server.requests).toMatchObject([{ method: "GET", path: PATH, query: { pageSize: "2" }, status: 200 }]);
  });

  it("for page two is signed without its query string, with the token of page one, and the page token arrives as it is", async () => {
    const api = await startApi();
    const first = await get(api, { pageSize: "20" });

    const second = await get(api, { pageSize: "20", pageToken: first.next ?? "" });

    expect(first.next).toMatch(/[+/=]/);
    expect(second.items[0]?.asset.symbol).toBe("a20");
    const [one, two] = api.server.requests;
    expect([one?.status, two?.status, two?.query["pageToken"]]).toEqual([200, 200, first.next]);
    expect(one?.token !== "" && one?.token === two?.token).toBe(true);
  });

  it("carries a page token of any characters as it is", async () => {
    const { api } = await troubled([{ kind: "body", body: '{"balances":[]}' }]);
    const pageToken = "a+b/c==&pageSize=1#é %2B";

    await get(api, { pageSize: "20", pageToken });

    expect(api.server.requests[0]?.query).toEqual({ pageSize: "20", pageToken });
  });

  it("is told apart by its user agent, and asks for JSON", async () => {
    const clock = testClock();
    const other = await startPlainServer((_, response) => void response.end('{"balances":[]}'));
    const { api } = await troubled([], { clock });
    const elsewhere = await startApi({ clock, settings: { baseUrl: `${other.url}/platform` } });

    await get(api);
    await get(elsewhere);

    expect(other.requests[0]?.headers).toMatchObject({
      "user-agent": "cdp-balance-snapshots",
      accept: "application/json",
    });
    expect(other.requests[0]?.url).toBe(PATH);
  });

  it("is never sent after a redirect: the token does not reach the other host", async () => {
    const other = await startPlainServer((_, response) => void response.end('{"balances":[]}'));
    const { api, statuses } = await troubled([{ kind: "redirect", location: `${other.url}${PATH}` }]);

    const error = await errorOf(get(api));

    expect(error).toMatchObject({ code: "api_redirect", status: 302 });
    expect(other.requests).toEqual([]);
    expect(statuses()).toEqual([302]);
  });

  it("is not sent where the redirect leads to the same host either", async () => {
    const { api, statuses } = await troubled([{ kind: "redirect", location: PATH, times: 1 }]);

    const error = await errorOf(get(api));

    expect(error).toMatchObject({ code: "api_redirect" });
    expect(statuses()).toEqual([302]);
  });

  it("keeps to the limit", async () => {
    const clock = testClock();
    const api = await startApi({ clock, limit: 3, readsPerTenSeconds: 3 });

    await Promise.all(Array.from({ length: 7 }, () => get(api)));

    expect(api.server.requests.map(({ status }) => status)).toEqual(Array(7).fill(200));
    expect(clock.slept.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(20_000);
  });
});

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
    const { api } = await troubled([{ ...fault, times: 2 }], { settings: { requestTimeoutMs: 150 } });

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

describe("every failed attempt", () => {
  it("is told, whether it is tried again or not; a right answer is not", async () => {
    const told: string[] = [];
    const { api } = await troubled(
      [
        { kind: "error", status: 503, times: 2 },
        { kind: "empty", times: 1 },
      ],
      {
        onFailure: ({ code }) => void told.push(code),
      },
    );
    await get(api);
    api.server.misbehave({ kind: "error", status: 403 });

    await errorOf(get(api));

    expect(told).toEqual(["api_service_unavailable", "api_service_unavailable", "api_empty_body", "api_forbidden"]);
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
    const { api } = await troubled([fault], { settings: { maxAttempts: 3, requestTimeoutMs: 100 } });

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
    const { api } = await troubled([{ kind: "slow", ms: 5_000 }], {
      settings: { maxAttempts: 1, requestTimeoutMs: 80 },
    });
    const before = performance.now();

    const error = await errorOf(get(api));

    expect(error).toMatchObject({ code: "api_timeout", message: expect.stringContaining("no answer within 80 ms") });
    expect(performance.now() - before).toBeLessThan(2_000);
  });

  it("where the body never ends, is within the time limit as well", async () => {
    const endless = await startPlainServer((_, response) => {
      response.writeHead(200, { "content-type": "application/json" }).write('{"balances":[');
    });
    const api = await startApi({ settings: { baseUrl: endless.url, maxAttempts: 1, requestTimeoutMs: 100 } });

    expect(await errorOf(get(api))).toMatchObject({ code: "api_timeout" });
  });
});

describe("a body", () => {
  it("of 16 MiB is read", async () => {
    const body = Buffer.alloc(16 * MIB, " ");
    body.write('{"balances":[]}');
    const { api } = await troubled([{ kind: "body", body }]);

    expect(await get(api)).toEqual({ items: [], next: undefined });
  });

  it("of one byte more is refused, and not asked for again", async () => {
    const body = Buffer.alloc(16 * MIB + 1, " ");
    body.write('{"balances":[]}');
    const { api } = await troubled([{ kind: "body", body }]);

    const error = await errorOf(get(api));

    expect(error).toMatchObject({ code: "api_body_too_large", status: 200 });
    expect((error as Error).message).toContain(`${16 * MIB} bytes`);
    expect(api.server.requests).toHaveLength(1);
  });
});

describe("a key that is refused", () => {
  const next = makeEd25519Key();

  it("and was rotated, is replaced: the request succeeds at once with the new one", async () => {
    let secret = key.file;
    const known = [key, next];
    const { api, clock, statuses } = await troubled([], { secret: () => secret, keys: () => known });
    await get(api);
    api.server.requests.length = 0;
    secret = next.file;
    known.splice(0, 1);

    const page = await get(api);

    expect(page.items).toHaveLength(20);
    expect(statuses()).toEqual([401, 200]);
    expect(api.secretReads()).toBe(2);
    expect(clock.slept).toEqual([]);
  });

  it("and was rotated, is replaced on the last attempt too", async () => {
    let reads = 0;
    const { api, statuses } = await troubled([], {
      secret: () => (reads++ === 0 ? key.file : next.file),
      keys: () => [next],
      settings: { maxAttempts: 1 },
    });

    await get(api);

    expect(statuses()).toEqual([401, 200]);
  });

  it("and is still the same, is final after one more read of the secret", async () => {
    const { api, statuses } = await troubled([], { keys: () => [next] });

    const error = await errorOf(get(api));

    expect(error).toMatchObject({ code: "api_unauthorized", status: 401 });
    expect(statuses()).toEqual([401]);
    expect(api.secretReads()).toBe(2);
  });

  it("and whose successor is refused as well, is final: there is no third attempt", async () => {
    let reads = 0;
    const secret = () => (reads++ === 0 ? key.file : makeEd25519Key().file);
    const { api, statuses } = await troubled([], { secret, keys: () => [] });

    const error = await errorOf(get(api));

    expect(error).toMatchObject({ code: "api_unauthorized" });
    expect(statuses()).toEqual([401, 401]);
    expect(api.secretReads()).toBe(2);
  });

  it("by many requests at once, costs one more read of the secret, and no request its answer", async () => {
    let reads = 0;
    const { api } = await troubled([], {
      secret: () => (reads++ === 0 ? key.file : next.file),
      keys: () => [next],
    });

    const pages = await Promise.all(Array.from({ length: 30 }, () => get(api)));

    expect(pages.map(({ items }) => items.length)).toEqual(Array(30).fill(20));
    expect(api.secretReads()).toBe(2);
  });

  it("because it cannot be read, is told as that, and nothing is sent", async () => {
    const { api } = await troubled([], { secret: () => `${key.file.slice(0, -1)}` });

    const error = await errorOf(get(api));

    expect(error).toBeInstanceOf(KeyError);
    expect(api.server.requests).toEqual([]);
  });

  it("for the clock is off, tells by how much", async () => {
    const clock = testClock();
    const { api } = await troubled([], { clock, now: () => clock.now() + 3_600_000 });

    const error = await errorOf(get(api));

    expect((error as Error).message).toContain("clock is -3600 s off the server's");
  });
});

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
    });
    const before = performance.now();

    const error = await errorOf(get(api, {}, signal));

    expect(error).toBe(reason);
    expect(performance.now() - before).toBeLessThan(2_000);
  });

  it("while waiting for another attempt ends that at once, and tells the last answer", async () => {
    const { signal, come } = deadlineToCome();
    const { api } = await troubled([{ kind: "error", status: 503, retryAfter: "60", correlationId: "c-1" }], {
      clock: systemClock,
      onRequest: ({ phase }) => (phase === "answered" ? void setTimeout(come, 50) : undefined),
    });
    const before = performance.now();

    const error = await errorOf(get(api, {}, signal));

    expect(error).toBeInstanceOf(DeadlineError);
    expect(error).toMatchObject({ code: "deadline_exceeded", correlationId: "c-1" });
    expect((error as Error).message).toMatch(
      /^The function's time was nearly over\. The last answer until then: api_service_unavailable: GET .* HTTP 503/,
    );
    expect(api.server.requests).toHaveLength(1);
    expect(performance.now() - before).toBeLessThan(2_000);
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
    await get(api);
    const before = performance.now();
    setTimeout(come, 50);

    const error = await errorOf(get(api, {}, signal));

    expect(error).toBe(reason);
    expect(performance.now() - before).toBeLessThan(2_000);
    expect(api.server.requests).toHaveLength(1);
  });
});

describe("a page", () => {
  it("with a symbol that has to be escaped everywhere arrives as it is", async () => {
    const symbol = "a b/é?&=%";
    const { api } = await troubled([], { accounts: () => [account(0, { balances: [balance(symbol, "1")] })] });

    const { items } = await get(api);

    expect(items[0]?.amounts.get(symbol)).toEqual({ available: "1.500", total: "3.00" });
  });
});
