import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "../../../local/simulated-cdp/faults/fault.ts";
import { afterEach, describe, expect, it } from "../../support/jest.ts";
import { account, BALANCES } from "../../unit/coinbase/harness.ts";
import { close, fetchBalances, get, NOW, start } from "./harness.ts";

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

  it.each<[Fault, string]>([
    [{ kind: "drip", everyMs: 1, bytes: 400 }, CORRECT],
    [{ kind: "change", change: ({ body }) => ({ body: body.subarray(0, 9) }) }, CORRECT.slice(0, 9)],
  ])("sends a body with its length: %j", async (fault, body) => {
    const response = await fetchWithFault(fault);

    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("content-length")).toBe(String(body.length));
    expect(await response.text()).toBe(body);
  });

  it("sends an empty page token on the last page only", async () => {
    const { addFault } = await start();
    addFault({ kind: "empty-token" });

    const pages = [await get(`${BALANCES}?pageSize=44`), await get(`${BALANCES}?pageSize=45`)];

    expect(pages.map(({ body }) => body.nextPageToken)).toEqual([expect.stringMatching(/./), ""]);
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
