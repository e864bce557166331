import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { Fault } from "../../../local/simulated-cdp/faults/fault.ts";
import { afterEach, describe, expect, it } from "../../support/jest.ts";
import { account, BALANCES } from "../../unit/coinbase/harness.ts";
import { close, fetchBalances, get, NOW, OTHER_ID, pageAfter, start, symbols } from "./harness.ts";

// The tests of the fault matrix in test/faults show the effects of the other faults.

afterEach(close);

const CORRECT = JSON.stringify({ balances: account(20).balances });

/** Fetches a page of 20 assets while a fault is active. */
async function fetchWithFault(fault: Fault): Promise<Response> {
  const { url, addFault } = await start({ accounts: () => [account(20)] });
  addFault(fault);
  return await fetchBalances(url);
}

describe("a fault", () => {
  it("sends an error in the API's shape", async () => {
    const response = await fetchWithFault({ kind: "error", status: 503, retryAfter: "7", message: "Switched off." });

    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("7");
    expect(response.headers.get("date")).toBe(new Date(NOW).toUTCString());
    expect(await response.json()).toEqual({
      errorType: "service_unavailable",
      errorMessage: "Switched off.",
      correlationId: expect.stringMatching(/^[0-9a-f]{16}-IAD$/),
      errorLink: "https://docs.cdp.coinbase.com/api-reference/v2/errors#service-unavailable",
    });
  });

  const JSON_TYPE = "application/json";
  it.each<[Fault, string, string, string]>([
    [{ kind: "drip", everyMs: 1, bytes: 400 }, JSON_TYPE, String(CORRECT.length), CORRECT],
    [{ kind: "gzip", how: "whole" }, JSON_TYPE, String(gzipSync(CORRECT).length), CORRECT],
    [{ kind: "pad", bytes: 9 }, JSON_TYPE, String(CORRECT.length + 9), CORRECT + " ".repeat(9)],
    [{ kind: "mislabel", contentType: "text/plain" }, "text/plain", String(CORRECT.length), CORRECT],
    [
      { kind: "replace", text: '"1.500"', by: '""' },
      JSON_TYPE,
      String(CORRECT.length - 5),
      CORRECT.replace("1.500", ""),
    ],
  ])("leaves the response readable: %j", async (fault, contentType, length, body) => {
    const response = await fetchWithFault(fault);

    expect(response.headers.get("content-type")).toBe(contentType);
    expect(response.headers.get("content-length")).toBe(length);
    expect(await response.text()).toBe(body);
  });

  it("is an error if the text to replace does not occur", async () => {
    const response = await fetchWithFault({ kind: "replace", text: "nowhere", by: "" });

    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ errorMessage: expect.stringContaining("nowhere") });
  });

  it("hangs a request, and the server can still be closed", async () => {
    const { addFault, requests } = await start();
    addFault({ kind: "hang" });
    const outcome = get(BALANCES).catch(() => "connection closed");
    while (requests.length === 0) await sleep(5);

    await close();

    expect(await outcome).toBe("connection closed");
    expect(requests[0]).toMatchObject({ status: 0, answeredAt: 0 });
  });

  it("sends an empty page token on the last page only", async () => {
    const { addFault } = await start();
    addFault({ kind: "empty-token" });

    const pages = [await get(`${BALANCES}?pageSize=44`), await get(`${BALANCES}?pageSize=45`)];

    expect(pages.map(({ body }) => body.nextPageToken)).toEqual([expect.stringMatching(/./), ""]);
  });

  it("reorders a page and all later pages", async () => {
    const { addFault } = await start();
    addFault({ kind: "reorder", on: { page: 2 } });
    const path = `${BALANCES}?pageSize=20`;

    const first = await get(path);
    const second = await get(pageAfter(path, first.body));
    const third = await get(pageAfter(path, second.body));

    const seen = [first, second, third].flatMap(({ body }) => symbols(body));
    expect([seen[0], seen.at(-1), seen.length]).toEqual(["a00", "a00", 45]);
    expect(new Set(seen).size).toBe(25);
  });

  it("applies to matching requests, a number of times, until it is cleared", async () => {
    const { addFault, clearFaults } = await start({
      accounts: () => [account(1), account(1, { accountId: OTHER_ID })],
    });
    addFault({ kind: "error", status: 500, on: { account: OTHER_ID, path: /balances$/g }, times: 2 });
    addFault({ kind: "error", status: 403, on: { path: "/a00" } });
    const other = `/v2/accounts/${OTHER_ID}`;
    const otherBalances = `${other}/balances`;

    const statuses: number[] = [];
    for (const path of [BALANCES, other, otherBalances, otherBalances, otherBalances, `${BALANCES}/a00`]) {
      statuses.push((await get(path)).response.status);
    }
    clearFaults();
    const afterwards = await get(`${BALANCES}/a00`);

    expect(statuses).toEqual([200, 200, 500, 500, 200, 403]);
    expect(afterwards.response.status).toBe(200);
  });

  it("never hides a wrong token", async () => {
    const { addFault } = await start();
    addFault({ kind: "error", status: 500 });

    expect((await get(BALANCES, "a.b.c")).response.status).toBe(401);
  });
});

it("awaits the request hook at each step", async () => {
  const steps: string[] = [];
  const { requests } = await start({
    onRequest: async ({ phase }) => {
      await sleep(5);
      steps.push(`${phase} ${requests[0]?.status}`);
    },
  });

  await get(BALANCES);
  while (steps.length < 3) await sleep(5);

  expect(steps).toEqual(["received 0", "handled 0", "answered 200"]);
});
