import { generateKeyPairSync, sign } from "node:crypto";
import { afterEach, describe, expect, it } from "@jest/globals";
import { BALANCES, close, ec, get, ID, type Jwt, jwt, keys, NOW, SECONDS, start } from "./harness.ts";

afterEach(close);

describe("authentication", () => {
  it("accepts a correct token of either algorithm", async () => {
    const { url, requests } = await start();
    const ecToken = jwt(url, BALANCES, {
      header: { alg: "ES256", kid: "ec-key" },
      claims: { sub: "ec-key" },
      key: ec.privateKey,
    });

    const statuses = [(await get(BALANCES)).response.status, (await get(BALANCES, ecToken)).response.status];

    expect(statuses).toEqual([200, 200]);
    expect(requests[1]).toMatchObject({
      method: "GET",
      path: `/platform${BALANCES}`,
      accountId: ID,
      page: 1,
      token: ecToken,
      status: 200,
      receivedAt: NOW,
    });
  });

  const wrongTokens: [string, Jwt, RegExp][] = [
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
  ];
  it.each(wrongTokens)("rejects a token with a wrong field: %s", async (_, changes, message) => {
    const { url } = await start();

    const { response, body } = await get(BALANCES, jwt(url, BALANCES, changes));

    expect(response.status).toBe(401);
    expect(body).toMatchObject({
      errorType: "unauthorized",
      errorMessage: expect.stringMatching(message),
      correlationId: expect.any(String),
      errorLink: expect.stringContaining("#unauthorized"),
    });
  });

  it("rejects a query string in uris, even if the correct target is signed as well", async () => {
    const { url } = await start();
    const correct = `GET ${url.slice("http://".length)}${BALANCES}`;

    const { response, body } = await get(
      BALANCES,
      jwt(url, BALANCES, { claims: { uris: [correct, `${correct}?pageSize=5`] } }),
    );

    expect(response.status).toBe(401);
    expect(body.errorMessage).toContain("query string");
  });

  it.each(["", "a.b", "a.b.c.d", "a.b.c=", "a.b.c"])("rejects the malformed token %j", async (token) => {
    await start();

    const { response } = await get(BALANCES, token);

    expect(response.status).toBe(401);
  });

  it("rejects an ES256 signature in DER format", async () => {
    const { url } = await start();
    const correct = jwt(url, BALANCES, {
      header: { alg: "ES256", kid: "ec-key" },
      claims: { sub: "ec-key" },
      key: ec.privateKey,
    });
    const signed = correct.slice(0, correct.lastIndexOf("."));
    const der = sign("sha256", Buffer.from(signed), ec.privateKey).toString("base64url");

    const { body } = await get(BALANCES, `${signed}.${der}`);

    expect(body.errorMessage).toContain("signature");
  });

  it("rejects the old key after a rotation", async () => {
    let authorizedKeys = keys;
    await start({ keys: () => authorizedKeys });
    const before = await get(BALANCES);
    authorizedKeys = [];

    const { response } = await get(BALANCES);

    expect([before.response.status, response.status]).toEqual([200, 401]);
  });
});
