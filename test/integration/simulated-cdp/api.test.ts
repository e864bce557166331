import { generateKeyPairSync } from "node:crypto";
import { makeBalance } from "../../support/accounts.ts";
import { afterEach, describe, expect, it } from "../../support/jest.ts";
import { account, BALANCES, balance } from "../../unit/coinbase/harness.ts";
import { close, get, type Jwt, jwt, OTHER_ID, SECONDS, start, symbols } from "./harness.ts";

afterEach(close);

describe("authentication", () => {
  it.each<[string, Jwt, RegExp]>([
    ["alg none", { header: { alg: "none" } }, /alg must be EdDSA/],
    ["alg of the other key type", { header: { alg: "ES256" } }, /alg must be EdDSA/],
    ["typ", { header: { typ: undefined } }, /typ/],
    ["kid", { header: { kid: "stranger" } }, /kid "stranger"/],
    ["nonce", { header: { nonce: "0123" } }, /nonce/],
    ["signature", { key: generateKeyPairSync("ed25519").privateKey }, /signature/],
    ["iss", { claims: { iss: "coinbase-cloud" } }, /iss/],
    ["sub", { claims: { sub: "ec-key" } }, /sub/],
    ["iat in the future", { claims: { iat: SECONDS + 6 } }, /iat is in the future/],
    ["nbf in the future", { claims: { nbf: SECONDS + 6 } }, /nbf is in the future/],
    ["no nbf", { claims: { nbf: undefined } }, /nbf must be a number/],
    ["exp in the past", { claims: { exp: SECONDS } }, /exp is in the past/],
    ["exp too far away", { claims: { exp: SECONDS + 121 } }, /more than 120 s/],
    ["uris not an array", { claims: { uris: "GET x" } }, /uris must be an array/],
    ["uris of another path", { claims: { uris: ["GET 127.0.0.1/platform/v2/accounts"] } }, /uris must contain/],
    ["uris with a query string", { claims: { uris: [`GET x${BALANCES}?pageSize=5`] } }, /query string/],
  ])("rejects a token with a wrong field: %s", async (_, changes, message) => {
    const { url } = await start();

    const { response, body } = await get(BALANCES, jwt(url, BALANCES, changes));

    expect(response.status).toBe(401);
    expect(body).toMatchObject({ errorType: "unauthorized", errorMessage: expect.stringMatching(message) });
  });

  it.each(["", "a.b", "a.b.c.d", "a.b.c=", "a.b.c"])("rejects the malformed token %j", async (token) => {
    await start();

    expect((await get(BALANCES, token)).response.status).toBe(401);
  });
});

describe("an endpoint", () => {
  it("sorts balances by exact value and puts unpriced ones last", async () => {
    const balances = [
      makeBalance("none-b", "1"),
      balance("small", "9.99"),
      balance("big", "123456789012345678901234567890.02"),
      balance("bigger", "123456789012345678901234567890.03"),
      makeBalance("none-a", "1"),
    ];
    await start({ accounts: () => [account(0, { balances })] });

    const { body } = await get(BALANCES);

    expect(symbols(body)).toEqual(["bigger", "big", "small", "none-a", "none-b"]);
    expect(body.balances[2]).toEqual(balances[1]);
  });

  const otherList = { list: `/platform/v2/accounts/${OTHER_ID}/balances`, offset: 20, page: 2 };
  const otherToken = Buffer.from(JSON.stringify(otherList)).toString("base64");

  it.each([
    [400, "invalid_request", `${BALANCES}?pageSize=101`],
    [400, "invalid_request", `${BALANCES}?pageSize=0`],
    [400, "invalid_request", `${BALANCES}?pageSize=ten`],
    [400, "invalid_request", `${BALANCES}?pageToken=broken`],
    [400, "invalid_request", `${BALANCES}?pageToken=`],
    [400, "invalid_request", `${BALANCES}?pageToken=${encodeURIComponent(otherToken)}`],
    [400, "invalid_request", "/v2/accounts/account_1/balances"],
    [400, "invalid_request", "/v2/accounts/nobody"],
    [400, "invalid_request", "/v2/accounts?type=bank"],
    [400, "invalid_request", "/v2/accounts?owner=someone"],
    [400, "invalid_request", `${BALANCES}/${"x".repeat(43)}`],
    [400, "invalid_request", `${BALANCES}/%E0%A4%A`],
    [404, "not_found", `/v2/accounts/${OTHER_ID}/balances`],
    [404, "not_found", `/v2/accounts/${OTHER_ID}`],
    [404, "not_found", `${BALANCES}/nothing`],
    [404, "not_found", "/v2/wallets"],
  ])("returns %d %s for %s", async (status, errorType, path) => {
    await start();

    const { response, body } = await get(path);

    expect([response.status, body.errorType]).toEqual([status, errorType]);
  });

  it("lists accounts, newest first", async () => {
    const accounts = [
      "2026-01-01T00:00:00Z",
      "2026-03-01T00:00:00Z",
      "2026-03-01T00:00:00.500Z",
      "2026-02-01T00:00:00Z",
    ];
    await start({ accounts: () => accounts.map((createdAt) => account(1, { createdAt })) });

    const { body } = await get("/v2/accounts?pageSize=3");

    expect(body.accounts.map(({ createdAt }) => createdAt)).toEqual([accounts[2], accounts[1], accounts[3]]);
    expect(body.accounts.some((found) => "balances" in found)).toBe(false);
  });

  it("returns 429 above the rate limit", async () => {
    await start({ readsPerTenSeconds: 2 });

    const statuses = [await get(BALANCES), await get(BALANCES), await get(BALANCES)].map((one) => one.response.status);

    expect(statuses).toEqual([200, 200, 429]);
  });
});
