import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "@jest/globals";
import { BALANCES, closeServers, errorOf, get, startApi, startFaultyApi, startPlainServer } from "./harness.ts";

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

  it("is not sent again after a redirect to another host", async () => {
    const other = await startPlainServer((_, response) => void response.end('{"balances":[]}'));
    const { api, statuses } = await startFaultyApi([{ kind: "redirect", location: `${other.url}${PATH}`, times: 1 }]);

    const error = await errorOf(get(api));

    expect(error).toMatchObject({ code: "api_redirect", status: 302 });
    expect(other.requests).toEqual([]);
    expect(statuses()).toEqual([302]);
  });
});

describe("a body", () => {
  const paddedBody = (bytes: number) => Buffer.from('{"balances":[]}'.padEnd(bytes));

  it("of 16 MiB is accepted, and a larger one is rejected without a retry", async () => {
    const { api } = await startFaultyApi([
      { kind: "body", body: paddedBody(16 * MIB), times: 1 },
      { kind: "body", body: paddedBody(16 * MIB + 1) },
    ]);

    const page = await get(api);
    const error = await errorOf(get(api));

    expect(page).toEqual({ items: [], next: undefined });
    expect(error).toMatchObject({ code: "api_body_too_large", status: 200 });
    expect((error as Error).message).toContain(`${16 * MIB} bytes`);
    expect(api.server.requests).toHaveLength(2);
  });

  it("is measured uncompressed: 17 MiB in 17 KB are rejected", async () => {
    const packed = gzipSync(Buffer.alloc(17 * MIB, " "));
    const { url } = await startPlainServer((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip", "content-type": "application/json" }).end(packed);
    });
    const api = await startApi({ settings: { baseUrl: url } });

    const error = await errorOf(get(api));

    expect(packed.length).toBeLessThan(MIB);
    expect(error).toMatchObject({ code: "api_body_too_large", status: 200 });
  });
});
