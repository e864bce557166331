import { afterEach, describe, expect, it } from "@jest/globals";
import {
  account,
  BALANCES,
  close,
  deferred,
  fetchBalances,
  fetchWithFault,
  get,
  NOW,
  OTHER_ID,
  pageAfter,
  start,
  symbols,
} from "./harness.ts";

afterEach(close);

describe("faults that replace the response", () => {
  it("send an error in the API's shape", async () => {
    const response = await fetchWithFault({ kind: "error", status: 503, retryAfter: "7" });

    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("7");
    expect(response.headers.get("date")).toBe(new Date(NOW).toUTCString());
    expect(await response.json()).toEqual({
      errorType: "service_unavailable",
      errorMessage: expect.any(String),
      correlationId: expect.stringMatching(/^[0-9a-f]{16}-IAD$/),
      errorLink: "https://docs.cdp.coinbase.com/api-reference/v2/errors#service-unavailable",
    });
  });

  it("send an error with the given details", async () => {
    const response = await fetchWithFault({
      kind: "error",
      status: 503,
      errorType: "endpoint_unavailable",
      message: "Switched off.",
      correlationId: "c-1",
    });

    expect(await response.json()).toMatchObject({
      errorType: "endpoint_unavailable",
      errorMessage: "Switched off.",
      correlationId: "c-1",
    });
  });

  it("send HTML, no body, a redirect or any body, one after the other", async () => {
    const { url, misbehave } = await start();
    misbehave({ kind: "html", times: 1 });
    misbehave({ kind: "empty", times: 1 });
    misbehave({ kind: "redirect", location: "https://example.com/", times: 1 });
    misbehave({ kind: "body", body: "{", contentType: "text/plain", status: 201, times: 1 });
    const next = () => fetchBalances(url);

    const [html, empty, redirect, body] = [await next(), await next(), await next(), await next()];

    expect([html.status, html.headers.get("content-type")]).toEqual([502, "text/html"]);
    expect(await html.text()).toContain("<html>");
    expect([empty.status, await empty.text()]).toEqual([200, ""]);
    expect([redirect.status, redirect.headers.get("location")]).toEqual([302, "https://example.com/"]);
    expect([body.status, await body.text()]).toEqual([201, "{"]);
    expect((await next()).status).toBe(200);
  });
});

describe("faults of the connection", () => {
  it("hang a request, and the server can still be closed", async () => {
    const handled = deferred();
    const { misbehave, close, requests } = await start({
      onRequest: ({ phase }) => (phase === "handled" ? handled.resolve() : undefined),
    });
    misbehave({ kind: "hang" });
    const outcome = get(BALANCES).catch(() => "connection closed");
    await handled.promise;

    await close();

    expect(await outcome).toBe("connection closed");
    expect(requests[0]).toMatchObject({ status: 0, answeredAt: 0 });
  });

  it("reset the connection", async () => {
    await expect(fetchWithFault({ kind: "reset" })).rejects.toThrow("fetch failed");
  });

  it.each([0, 10, 1_000_000])("cut an announced body after %d bytes", async (bytes) => {
    const response = await fetchWithFault({ kind: "cut", after: bytes, announced: true });

    expect(Number(response.headers.get("content-length"))).toBeGreaterThan(bytes === 1_000_000 ? 1_000 : bytes);
    await expect(response.text()).rejects.toThrow("terminated");
  });

  it("cut a body that is not announced", async () => {
    const response = await fetchWithFault({ kind: "cut", after: 12, announced: false });

    expect([response.status, await response.text()]).toEqual([200, '{"balances":']);
  });

  it("delay a response in addition to another fault", async () => {
    const { misbehave } = await start({ latencyMs: 10 });
    misbehave({ kind: "slow", ms: 40 });
    misbehave({ kind: "error", status: 500 });
    const before = performance.now();

    const { response } = await get(BALANCES);

    expect(response.status).toBe(500);
    expect(performance.now() - before).toBeGreaterThan(45);
  });
});

describe("faults of paging", () => {
  const FIRST_PAGE = `${BALANCES}?pageSize=20`;

  it("repeat a page token", async () => {
    const { misbehave, requests } = await start();
    misbehave({ kind: "repeat-token", on: { page: 2 } });

    const first = await get(FIRST_PAGE);
    const second = await get(pageAfter(FIRST_PAGE, first.body));
    const third = await get(pageAfter(FIRST_PAGE, second.body));

    expect(second.body.nextPageToken).toBe(first.body.nextPageToken);
    expect(third.body).toEqual(second.body);
    expect(requests.map(({ page }) => page)).toEqual([1, 2, 2]);
  });

  it("repeat the page token of a list with one page", async () => {
    const { misbehave } = await start();
    misbehave({ kind: "repeat-token" });
    const path = `${BALANCES}?pageSize=100`;

    const first = await get(path);
    const second = await get(pageAfter(path, first.body));

    expect(second.body).toEqual(first.body);
  });

  it("send an empty token on the last page only", async () => {
    const { misbehave } = await start();
    misbehave({ kind: "empty-token" });

    const pages = [await get(`${BALANCES}?pageSize=44`), await get(`${BALANCES}?pageSize=45`)];

    expect(pages.map(({ body }) => body.nextPageToken)).toEqual([expect.stringMatching(/./), ""]);
  });

  it("reorder a page and all later pages", async () => {
    const { misbehave } = await start();
    misbehave({ kind: "reorder", on: { page: 2 } });

    const first = await get(FIRST_PAGE);
    const second = await get(pageAfter(FIRST_PAGE, first.body));
    const third = await get(pageAfter(FIRST_PAGE, second.body));

    const seen = [first, second, third].flatMap(({ body }) => symbols(body));
    expect(seen.length).toBe(45);
    expect(symbols(first.body)[0]).toBe("a00");
    expect(symbols(third.body).at(-1)).toBe("a00");
    expect(new Set(seen).size).toBe(25);
  });
});

describe("the scope of a fault", () => {
  it("limits it to matching requests and to a number of them", async () => {
    const { misbehave, behave } = await start({
      accounts: () => [account(1), account(1, { accountId: OTHER_ID })],
    });
    misbehave({ kind: "error", status: 500, on: { account: OTHER_ID, path: /balances$/g }, times: 2 });
    misbehave({ kind: "error", status: 403, on: { path: "/a00" } });
    const other = `/v2/accounts/${OTHER_ID}`;
    const otherBalances = `${other}/balances`;

    const statuses: number[] = [];
    for (const path of [BALANCES, other, otherBalances, otherBalances, otherBalances, `${BALANCES}/a00`]) {
      statuses.push((await get(path)).response.status);
    }
    behave();
    const afterwards = await get(`${BALANCES}/a00`);

    expect(statuses).toEqual([200, 200, 500, 500, 200, 403]);
    expect(afterwards.response.status).toBe(200);
  });

  it("excludes a request with a wrong token", async () => {
    const { misbehave } = await start();
    misbehave({ kind: "error", status: 500 });

    const { response } = await get(BALANCES, "a.b.c");

    expect(response.status).toBe(401);
  });
});
