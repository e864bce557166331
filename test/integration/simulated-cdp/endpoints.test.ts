import { afterEach, describe, expect, it } from "@jest/globals";
import {
  account,
  BALANCES,
  balance,
  close,
  get,
  ID,
  jwt,
  NOW,
  OTHER_ID,
  pageAfter,
  start,
  symbols,
} from "./harness.ts";

const CUSTOMER = "customer_af2937b0-9846-4fe7-bfe9-ccc22d935114";
const OTHER_CUSTOMER = "customer_bf2937b0-9846-4fe7-bfe9-ccc22d935114";

afterEach(close);

describe("an endpoint", () => {
  it.each([
    ["", [20, 20, 5]],
    ["pageSize=10", [10, 10, 10, 10, 5]],
    ["pageSize=15", [15, 15, 15]],
    ["pageSize=100", [45]],
  ])("lists 45 balances over several pages with %j", async (query, sizes) => {
    const { requests } = await start();
    const path = `${BALANCES}?${query}`;

    const pages = [(await get(path)).body];
    for (let last = pages[0]; last?.nextPageToken !== undefined; last = pages.at(-1)) {
      pages.push((await get(pageAfter(path, last))).body);
    }

    expect(pages.map(({ balances }) => balances.length)).toEqual(sizes);
    expect(pages.flatMap(({ balances }) => balances)).toEqual(account(45).balances);
    expect(requests.map(({ page }) => page)).toEqual(sizes.map((_, i) => i + 1));
  });

  it("sorts balances by exact value and puts unpriced ones last", async () => {
    const balances = [
      balance("none-b"),
      balance("small", "9.99"),
      balance("big", "123456789012345678901234567890.02"),
      balance("bigger", "123456789012345678901234567890.03"),
      balance("none-a"),
    ];
    await start({ accounts: () => [account(0, { balances })] });

    const { body } = await get(BALANCES);

    expect(symbols(body)).toEqual(["bigger", "big", "small", "none-a", "none-b"]);
    expect(body.balances[2]).toEqual(balances[1]);
  });

  it("sorts again for each page", async () => {
    let accounts = [account(4)];
    await start({ accounts: () => accounts });
    const first = await get(`${BALANCES}?pageSize=2`);
    accounts = [account(4, { balances: [...account(3).balances, balance("a03", "5000")] })];

    const second = await get(pageAfter(`${BALANCES}?pageSize=2`, first.body));

    expect([...symbols(first.body), ...symbols(second.body)]).toEqual(["a00", "a01", "a01", "a02"]);
  });

  it("returns an empty list without a page token", async () => {
    await start({ accounts: () => [account(0)] });

    const { body } = await get(BALANCES);

    expect(body).toEqual({ balances: [] });
  });

  it.each([
    `${BALANCES}?pageSize=101`,
    `${BALANCES}?pageSize=0`,
    `${BALANCES}?pageSize=ten`,
    `${BALANCES}?pageToken=broken`,
    `${BALANCES}?pageToken=`,
    "/v2/accounts/account_1/balances",
    "/v2/accounts/nobody",
    "/v2/accounts?type=bank",
    "/v2/accounts?owner=someone",
    `${BALANCES}/${"x".repeat(43)}`,
    `${BALANCES}/%E0%A4%A`,
  ])("returns 400 for %s", async (path) => {
    await start();

    const { response, body } = await get(path);

    expect([response.status, body.errorType]).toEqual([400, "invalid_request"]);
  });

  it("returns 400 for another list's page token", async () => {
    await start({ accounts: () => [account(45), account(45, { accountId: OTHER_ID })] });
    const first = await get(`${BALANCES}?pageSize=20`);

    const { response } = await get(pageAfter(`/v2/accounts/${OTHER_ID}/balances?pageSize=20`, first.body));

    expect(response.status).toBe(400);
  });

  it.each([`/v2/accounts/${OTHER_ID}/balances`, `/v2/accounts/${OTHER_ID}`, `${BALANCES}/nothing`, "/v2/wallets"])(
    "returns 404 for %s",
    async (path) => {
      await start();

      const { response, body } = await get(path);

      expect([response.status, body.errorType]).toEqual([404, "not_found"]);
    },
  );

  it("returns 405 for a method other than GET", async () => {
    const { url } = await start();
    const uris = [`POST ${url.slice("http://".length)}${BALANCES}`];

    const authorization = `Bearer ${jwt(url, BALANCES, { claims: { uris } })}`;
    const { response, body } = await get(BALANCES, undefined, { method: "POST", headers: { authorization } });

    expect([response.status, body.errorType]).toEqual([405, "invalid_request"]);
  });

  it("returns one account or one balance with unchanged amounts", async () => {
    await start();
    const { balances: _, ...plain } = account(0);

    const one = await get(`/v2/accounts/${ID}`);
    const held = await get(`${BALANCES}/a07`);

    expect(one.body).toEqual(plain);
    expect(held.body).toEqual(account(45).balances[7]);
  });

  it.each([
    ["", ["4", "3", "2", "1"]],
    ["?type=cdp", ["3", "2"]],
    ["?owner=entity", ["4", "1"]],
    ["?owner=customer", ["3", "2"]],
    [`?owner=entity,${CUSTOMER}`, ["4", "2", "1"]],
    [`?owner=${OTHER_CUSTOMER}&type=prime`, []],
    ["?pageSize=3", ["4", "3", "2"]],
  ])("lists accounts, newest first, with %j", async (query, names) => {
    const accounts = [
      account(1, { name: "1", createdAt: "2026-01-01T00:00:00Z" }),
      account(1, { name: "3", createdAt: "2026-03-01T00:00:00Z", type: "cdp", owner: OTHER_CUSTOMER }),
      account(1, { name: "2", createdAt: "2026-02-01T00:00:00Z", type: "cdp", owner: CUSTOMER }),
      account(1, { name: "4", createdAt: "2026-03-01T00:00:00.500Z", type: "business" }),
    ];
    await start({ accounts: () => accounts });

    const { body } = await get(`/v2/accounts${query}`);

    expect(body.accounts.map(({ name }) => name)).toEqual(names);
    expect(body.accounts.some((found) => "balances" in found)).toBe(false);
  });
});

describe("the rate limit", () => {
  it("rejects reads above the limit until the oldest read is 10 s old", async () => {
    let now = NOW;
    const { url } = await start({ now: () => now, readsPerTenSeconds: 2 });
    const token = jwt(url, BALANCES);
    const read = async () => (await get(BALANCES, token)).response.status;
    const within = [await read(), await read()];
    now += 9_999;
    const rejected = await get(BALANCES, token);
    now += 1;

    const later = [await read(), await read(), await read()];

    expect(within).toEqual([200, 200]);
    expect([rejected.response.status, rejected.body.errorType]).toEqual([429, "rate_limit_exceeded"]);
    expect(later).toEqual([200, 200, 429]);
  });
});
