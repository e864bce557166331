import { generateKeyPairSync } from "node:crypto";
import { afterEach, describe, expect, it } from "@jest/globals";
import { BALANCES, close, ec, get, ID, type Jwt, jwt, NOW, SECONDS, start } from "./harness.ts";

afterEach(close);

describe("authentication", () => {
  it("accepts a correct token of either algorithm", async () => {
    const { url, requests } = await start();
    const changes = { header: { alg: "ES256", kid: "ec-key" }, claims: { sub: "ec-key" }, key: ec.privateKey };
    const token = jwt(url, BALANCES, changes);

    const statuses = [(await get(BALANCES)).response.status, (await get(BALANCES, token)).response.status];

    expect(statuses).toEqual([200, 200]);
    const path = `/platform${BALANCES}`;
    expect(requests[1]).toMatchObject({ method: "GET", path, accountId: ID, page: 1, token, receivedAt: NOW });
  });

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
