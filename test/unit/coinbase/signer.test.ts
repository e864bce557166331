import fc from "fast-check";
import { Signer } from "../../../core/coinbase/signer.ts";
import type { ApiKey } from "../../../core/domain/api-key.ts";
import { checkToken } from "../../../local/simulated-cdp/auth.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { makeEcKey, makeEd25519Key, type TestKey } from "../../support/keys.ts";
import { BALANCES, testClock } from "./harness.ts";

const HOST = "api.cdp.coinbase.com";
const URL_OF_PAGE_1 = new URL(`https://${HOST}/platform${BALANCES}?pageSize=100`);
const TARGET = `GET ${HOST}/platform${BALANCES}`;

const ed = makeEd25519Key();
const ec = makeEcKey();

const apiKey = (of: TestKey): ApiKey => ({
  id: of.id,
  privateKey: of.privateKey,
  algorithm: of === ec ? "ES256" : "EdDSA",
});
const apiKeyOfEd = apiKey(ed);
const KEYS = [apiKeyOfEd, apiKey(ec)];

function parts(token: string): { header: Record<string, unknown>; claims: Record<string, unknown> } {
  const [header, claims] = token.split(".").map((part) => Buffer.from(part, "base64url").toString());
  return { header: JSON.parse(header ?? ""), claims: JSON.parse(claims ?? "") };
}

describe("token", () => {
  it.each([
    ["EdDSA", ed],
    ["ES256", ec],
  ])("returns a valid %s token with the documented header and claims", async (alg, key) => {
    const clock = testClock("2026-11-23T10:00:00.999Z");

    const token = await new Signer(clock).token(apiKey(key), URL_OF_PAGE_1);

    const seconds = Date.parse("2026-11-23T10:00:00Z") / 1000;
    expect(() => checkToken({ token, keys: [ed, ec], target: TARGET, now: clock.now() })).not.toThrow();
    const { header, claims } = parts(token);
    expect(header).toEqual({ alg, kid: key.id, typ: "JWT", nonce: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(claims).toEqual({
      iss: "cdp",
      sub: key.id,
      iat: seconds,
      nbf: seconds,
      exp: seconds + 120,
      uris: [TARGET],
    });
  });

  it("returns another token for another path, host or port", async () => {
    const signer = new Signer(testClock());
    const local = new URL("http://127.0.0.1:8080/platform/v2/accounts?pageSize=100&pageToken=a%2Bb");

    const tokens = await Promise.all([signer.token(apiKeyOfEd, URL_OF_PAGE_1), signer.token(apiKeyOfEd, local)]);

    expect(tokens.map((token) => parts(token).claims["uris"])).toEqual([
      [TARGET],
      ["GET 127.0.0.1:8080/platform/v2/accounts"],
    ]);
  });

  it("returns the same token for a minute, but another one for another key object with the same id", async () => {
    const clock = testClock();
    const signer = new Signer(clock);
    const first = await signer.token(apiKeyOfEd, URL_OF_PAGE_1);
    clock.advance(59_999);
    const within = await signer.token(apiKeyOfEd, URL_OF_PAGE_1);
    clock.advance(1);

    const after = await signer.token(apiKeyOfEd, URL_OF_PAGE_1);
    const ofAnotherKey = await signer.token({ ...apiKeyOfEd }, URL_OF_PAGE_1);

    expect(within === first).toBe(true);
    expect(after === first).toBe(false);
    expect(ofAnotherKey === after).toBe(false);
  });

  it("returns a valid token for any order and timing of calls", async () => {
    const calls = fc.array(
      fc.record({ delayMs: fc.nat(90_000), path: fc.constantFrom("/a", "/b", "/c"), key: fc.constantFrom(0, 1) }),
      { minLength: 1, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(calls, async (steps) => {
        const clock = testClock();
        const signer = new Signer(clock);
        for (const { delayMs, path, key } of steps) {
          clock.advance(delayMs);
          const url = new URL(`https://${HOST}${path}?x=${delayMs}`);
          const token = await signer.token(KEYS[key] ?? apiKeyOfEd, url);
          // Valid for another 55 s, to cover latency and clock skew.
          checkToken({ token, keys: [key === 1 ? ec : ed], target: `GET ${HOST}${path}`, now: clock.now() + 55_000 });
        }
      }),
      { numRuns: 30 },
    );
  });
});
