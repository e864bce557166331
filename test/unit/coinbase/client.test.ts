import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "@jest/globals";
import {
  account,
  BALANCES,
  balance,
  closeServers,
  errorOf,
  get,
  startApi,
  startPlainServer,
  testClock,
  troubled,
} from "./harness.ts";

afterEach(closeServers);

const PATH = `/platform${BALANCES}`;
const MIB = 1024 * 1024;

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

  it("is as large as it is unpacked: 64 MiB in 64 KB are refused", async () => {
    const packed = gzipSync(Buffer.alloc(64 * MIB, " "));
    const { url } = await startPlainServer((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip", "content-type": "application/json" }).end(packed);
    });
    const api = await startApi({ settings: { baseUrl: url } });

    const error = await errorOf(get(api));

    expect(packed.length).toBeLessThan(MIB);
    expect(error).toMatchObject({ code: "api_body_too_large", status: 200 });
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
