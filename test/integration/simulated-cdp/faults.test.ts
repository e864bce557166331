import { afterEach, describe, expect, it } from "@jest/globals";
import type { Fault } from "../../../local/simulated-cdp/faults/fault.ts";
import { account, BALANCES, close, get, jwt, NOW, OTHER_ID, pageAfter, start, symbols } from "./harness.ts";

afterEach(close);

describe("a fault", () => {
  const TOKEN_PATH = `${BALANCES}?pageSize=20`;

  async function struck(fault: Fault) {
    const server = await start();
    server.misbehave(fault);
    const authorization = `Bearer ${jwt(server.url, BALANCES)}`;
    return await fetch(server.url + BALANCES, {
      headers: { authorization },
      redirect: "manual",
    });
  }

  it("answers an error in the API's shape", async () => {
    const response = await struck({
      kind: "error",
      status: 503,
      retryAfter: "7",
    });

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

  it("answers an error as it is told", async () => {
    const details = {
      errorType: "endpoint_unavailable",
      message: "Switched off.",
      correlationId: "c-1",
    };

    const response = await struck({ kind: "error", status: 503, ...details });

    expect(await response.json()).toMatchObject({
      errorType: "endpoint_unavailable",
      errorMessage: "Switched off.",
      correlationId: "c-1",
    });
  });

  it("answers HTML, nothing, a redirection or anything", async () => {
    const { url, misbehave } = await start();
    misbehave({ kind: "html", times: 1 });
    misbehave({ kind: "empty", times: 1 });
    misbehave({ kind: "redirect", location: "https://example.com/", times: 1 });
    misbehave({ kind: "body", body: "{", contentType: "text/plain", status: 201, times: 1 });
    const headers = { authorization: `Bearer ${jwt(url, BALANCES)}` };
    const next = async () => await fetch(url + BALANCES, { headers, redirect: "manual" });

    const [html, empty, redirect, anything] = [await next(), await next(), await next(), await next()];

    expect([html.status, html.headers.get("content-type")]).toEqual([502, "text/html"]);
    expect(await html.text()).toContain("<html>");
    expect([empty.status, await empty.text()]).toEqual([200, ""]);
    expect([redirect.status, redirect.headers.get("location")]).toEqual([302, "https://example.com/"]);
    expect([anything.status, await anything.text()]).toEqual([201, "{"]);
    expect((await next()).status).toBe(200);
  });

  it("hangs, and the server can be closed nevertheless", async () => {
    let told: () => void = () => {};
    const handled = new Promise<void>((resolve) => {
      told = resolve;
    });
    const { misbehave, close, requests } = await start({
      onRequest: ({ phase }) => (phase === "handled" ? told() : undefined),
    });
    misbehave({ kind: "hang" });
    const outcome = get(BALANCES).catch(() => "broken off");
    await handled;

    await close();

    expect(await outcome).toBe("broken off");
    expect(requests[0]).toMatchObject({ status: 0, answeredAt: 0 });
  });

  it("resets the connection", async () => {
    await expect(struck({ kind: "reset" })).rejects.toThrow("fetch failed");
  });

  it.each([0, 10, 1_000_000])("cuts an announced body after %d bytes", async (bytes) => {
    const response = await struck({
      kind: "cut",
      after: bytes,
      announced: true,
    });

    expect(Number(response.headers.get("content-length"))).toBeGreaterThan(bytes === 1_000_000 ? 1_000 : bytes);
    await expect(response.text()).rejects.toThrow("terminated");
  });

  it("cuts a body that is not announced", async () => {
    const response = await struck({ kind: "cut", after: 12, announced: false });

    expect([response.status, await response.text()]).toEqual([200, '{"balances":']);
  });

  it("repeats a token", async () => {
    const { misbehave, requests } = await start();
    misbehave({ kind: "repeat-token", on: { page: 2 } });

    const first = await get(TOKEN_PATH);
    const second = await get(pageAfter(TOKEN_PATH, first.body));
    const third = await get(pageAfter(TOKEN_PATH, second.body));

    expect(second.body.nextPageToken).toBe(first.body.nextPageToken);
    expect(third.body).toEqual(second.body);
    expect(requests.map(({ page }) => page)).toEqual([1, 2, 2]);
  });

  it("repeats the token of a list of one page, too", async () => {
    const { misbehave } = await start();
    misbehave({ kind: "repeat-token" });
    const path = `${BALANCES}?pageSize=100`;

    const first = await get(path);
    const second = await get(pageAfter(path, first.body));

    expect(second.body).toEqual(first.body);
  });

  it("gives an empty token on the last page only", async () => {
    const { misbehave } = await start();
    misbehave({ kind: "empty-token" });

    const tokens = [await get(`${BALANCES}?pageSize=44`), await get(`${BALANCES}?pageSize=45`)];

    expect(tokens.map(({ body }) => body.nextPageToken)).toEqual([expect.stringMatching(/./), ""]);
  });

  it("reorders a page and the later ones", async () => {
    const { misbehave } = await start();
    misbehave({ kind: "reorder", on: { page: 2 } });

    const first = await get(TOKEN_PATH);
    const second = await get(pageAfter(TOKEN_PATH, first.body));
    const third = await get(pageAfter(TOKEN_PATH, second.body));

    const seen = [first, second, third].flatMap(({ body }) => symbols(body));
    expect(seen.length).toBe(45);
    expect(symbols(first.body)[0]).toBe("a00");
    expect(symbols(third.body).at(-1)).toBe("a00");
    expect(new Set(seen).size).toBe(25);
  });

  it("slows an answer down, together with another fault", async () => {
    const { misbehave } = await start({ latencyMs: 10 });
    misbehave({ kind: "slow", ms: 40 });
    misbehave({ kind: "error", status: 500 });
    const before = performance.now();

    const { response } = await get(BALANCES);

    expect(response.status).toBe(500);
    expect(performance.now() - before).toBeGreaterThan(45);
  });

  it("strikes what it is meant for, as often as it is meant to", async () => {
    const { misbehave, behave } = await start({
      accounts: () => [account(1), account(1, { accountId: OTHER_ID })],
    });
    misbehave({
      kind: "error",
      status: 500,
      on: { account: OTHER_ID, path: /balances$/g },
      times: 2,
    });
    misbehave({ kind: "error", status: 403, on: { path: "/a00" } });
    const other = `/v2/accounts/${OTHER_ID}`;

    const statuses: number[] = [];
    for (const path of [
      BALANCES,
      other,
      `${other}/balances`,
      `${other}/balances`,
      `${other}/balances`,
      `${BALANCES}/a00`,
    ]) {
      statuses.push((await get(path)).response.status);
    }
    behave();
    const afterwards = await get(`${BALANCES}/a00`);

    expect(statuses).toEqual([200, 200, 500, 500, 200, 403]);
    expect(afterwards.response.status).toBe(200);
  });

  it("never hides a wrong token", async () => {
    const { misbehave } = await start();
    misbehave({ kind: "error", status: 500 });

    const { response } = await get(BALANCES, "a.b.c");

    expect(response.status).toBe(401);
  });
});
