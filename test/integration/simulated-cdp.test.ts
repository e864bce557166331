import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { afterEach, describe, expect, it } from "@jest/globals";
import { type Fault, parseFault } from "../../local/cdp/faults.ts";
import { createMarket } from "../../local/cdp/market.ts";
import {
  type SimulatedAccount,
  type SimulatedCdp,
  type SimulatedCdpOptions,
  startSimulatedCdp,
  type WireBalance,
} from "../../local/cdp/server.ts";

const NOW = Date.UTC(2026, 10, 23, 10);
const SECONDS = NOW / 1000;
const ID = "account_af2937b0-9846-4fe7-bfe9-ccc22d935114";
const OTHER_ID = "account_00000000-9846-4fe7-bfe9-ccc22d935114";
const ENTITY = "entity_af2937b0-9846-4fe7-bfe9-ccc22d935114";
const CUSTOMER = "customer_af2937b0-9846-4fe7-bfe9-ccc22d935114";
const OTHER_CUSTOMER = "customer_bf2937b0-9846-4fe7-bfe9-ccc22d935114";
const BALANCES = `/v2/accounts/${ID}/balances`;

const ed = generateKeyPairSync("ed25519");
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const keys = [
  { id: "ed-key", publicKey: ed.publicKey },
  { id: "ec-key", publicKey: ec.publicKey },
];

let cdp: SimulatedCdp | undefined;
afterEach(async () => {
  await cdp?.close();
  cdp = undefined;
});

async function start(options: Partial<SimulatedCdpOptions> = {}): Promise<SimulatedCdp> {
  cdp = await startSimulatedCdp({
    accounts: () => [account(45)],
    keys: () => keys,
    now: () => NOW,
    ...options,
  });
  return cdp;
}

function account(assets: number, changes: Partial<SimulatedAccount> = {}): SimulatedAccount {
  return {
    accountId: ID,
    type: "prime",
    owner: ENTITY,
    name: "Treasury",
    createdAt: "2026-01-01T00:00:00Z",
    updatedAt: "2026-01-01T00:00:00Z",
    balances: Array.from({ length: assets }, (_, i) => balance(`a${String(i).padStart(2, "0")}`, `${1000 - i}.50`)),
    ...changes,
  };
}

function balance(symbol: string, usd?: string): WireBalance {
  const own = { available: "1.500", total: "3.00" };
  return {
    asset: { symbol, type: "crypto", name: symbol.toUpperCase(), decimals: 8 },
    amount: {
      [symbol]: own,
      ...(usd !== undefined && { usd: { available: usd, total: usd } }),
    },
  };
}

interface Jwt {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  key?: KeyObject;
}

/** Signs by hand a token for a path; undefined in `header` or `claims` leaves a field out. */
function jwt(url: string, path: string, { header = {}, claims = {}, key = ed.privateKey }: Jwt = {}): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const base = new URL(url);
  const uris = [`GET ${base.host}${base.pathname}${path.split("?")[0]}`];
  const times = { iat: SECONDS, nbf: SECONDS, exp: SECONDS + 120 };
  const signed = [
    encode({
      alg: "EdDSA",
      typ: "JWT",
      kid: "ed-key",
      nonce: "0123456789abcdef0123456789abcdef",
      ...header,
    }),
    encode({ iss: "cdp", sub: "ed-key", ...times, uris, ...claims }),
  ].join(".");
  const eddsa = key.asymmetricKeyType === "ed25519";
  const signature = sign(eddsa ? null : "sha256", Buffer.from(signed), {
    key,
    dsaEncoding: "ieee-p1363",
  });
  return `${signed}.${signature.toString("base64url")}`;
}

interface Page {
  balances: WireBalance[];
  accounts: SimulatedAccount[];
  nextPageToken?: string;
  errorType: string;
  errorMessage: string;
}

async function get(path: string, token?: string, init: RequestInit = {}): Promise<{ response: Response; body: Page }> {
  const { url } = cdp as SimulatedCdp;
  const headers = { authorization: `Bearer ${token ?? jwt(url, path)}` };
  const response = await fetch(url + path, { headers, ...init });
  return { response, body: (await response.json()) as Page };
}

const symbols = (body: Page) => body.balances.map(({ asset }) => asset.symbol);
const pageAfter = (path: string, body: Page) => `${path}&pageToken=${encodeURIComponent(body.nextPageToken ?? "")}`;

describe("the token", () => {
  it("is accepted if it is right, for both algorithms", async () => {
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

  const wrong: [string, Jwt, RegExp][] = [
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
    ["uris no array", { claims: { uris: "GET x" } }, /uris must be an array/],
    ["uris of another path", { claims: { uris: ["GET 127.0.0.1/platform/v2/accounts"] } }, /uris must contain/],
  ];
  it.each(wrong)("is refused with a wrong %s", async (_, changes, message) => {
    const { url } = await start();

    const { response, body } = await get(BALANCES, jwt(url, BALANCES, changes));

    expect(response.status).toBe(401);
    expect(body).toMatchObject({
      errorType: "unauthorized",
      errorMessage: expect.stringMatching(message),
    });
    expect(body).toMatchObject({
      correlationId: expect.any(String),
      errorLink: expect.stringContaining("#unauthorized"),
    });
  });

  it("is refused with a query string in uris, even beside the right one", async () => {
    const { url } = await start();
    const right = `GET ${url.slice("http://".length)}${BALANCES}`;

    const { response, body } = await get(
      BALANCES,
      jwt(url, BALANCES, { claims: { uris: [right, `${right}?pageSize=5`] } }),
    );

    expect(response.status).toBe(401);
    expect(body.errorMessage).toContain("query string");
  });

  it.each(["", "a.b", "a.b.c.d", "a.b.c=", "a.b.c"])("is refused if it is %j", async (token) => {
    await start();

    const { response } = await get(BALANCES, token);

    expect(response.status).toBe(401);
  });

  it("is refused with an ES256 signature in DER", async () => {
    const { url } = await start();
    const right = jwt(url, BALANCES, {
      header: { alg: "ES256", kid: "ec-key" },
      claims: { sub: "ec-key" },
      key: ec.privateKey,
    });
    const signed = right.slice(0, right.lastIndexOf("."));
    const der = sign("sha256", Buffer.from(signed), ec.privateKey).toString("base64url");

    const { body } = await get(BALANCES, `${signed}.${der}`);

    expect(body.errorMessage).toContain("signature");
  });

  it("is refused once its key was rotated", async () => {
    let known = keys;
    await start({ keys: () => known });
    const before = await get(BALANCES);
    known = [];

    const { response } = await get(BALANCES);

    expect([before.response.status, response.status]).toEqual([200, 401]);
  });
});

describe("the endpoints", () => {
  it.each([
    ["", [20, 20, 5]],
    ["pageSize=10", [10, 10, 10, 10, 5]],
    ["pageSize=15", [15, 15, 15]],
    ["pageSize=100", [45]],
  ])("walk 45 balances with %j", async (query, sizes) => {
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

  it("sort balances by exact value, those without one last", async () => {
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

  it("sort anew at each page", async () => {
    let accounts = [account(4)];
    await start({ accounts: () => accounts });
    const first = await get(`${BALANCES}?pageSize=2`);
    accounts = [
      account(4, {
        balances: [...account(3).balances, balance("a03", "5000")],
      }),
    ];

    const second = await get(pageAfter(`${BALANCES}?pageSize=2`, first.body));

    expect([...symbols(first.body), ...symbols(second.body)]).toEqual(["a00", "a01", "a01", "a02"]);
  });

  it("give an empty list without a token", async () => {
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
  ])("answer 400 to %s", async (path) => {
    await start();

    const { response, body } = await get(path);

    expect([response.status, body.errorType]).toEqual([400, "invalid_request"]);
  });

  it("answer 400 to another list's page token", async () => {
    await start({
      accounts: () => [account(45), account(45, { accountId: OTHER_ID })],
    });
    const first = await get(`${BALANCES}?pageSize=20`);

    const { response } = await get(pageAfter(`/v2/accounts/${OTHER_ID}/balances?pageSize=20`, first.body));

    expect(response.status).toBe(400);
  });

  it.each([`/v2/accounts/${OTHER_ID}/balances`, `/v2/accounts/${OTHER_ID}`, `${BALANCES}/nothing`, "/v2/wallets"])(
    "answer 404 to %s",
    async (path) => {
      await start();

      const { response, body } = await get(path);

      expect([response.status, body.errorType]).toEqual([404, "not_found"]);
    },
  );

  it("answer 405 to another method", async () => {
    const { url } = await start();
    const uris = [`POST ${url.slice("http://".length)}${BALANCES}`];

    const authorization = `Bearer ${jwt(url, BALANCES, { claims: { uris } })}`;
    const { response, body } = await get(BALANCES, undefined, {
      method: "POST",
      headers: { authorization },
    });

    expect([response.status, body.errorType]).toEqual([405, "invalid_request"]);
  });

  it("give one account and one balance, with the amounts untouched", async () => {
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
  ])("list accounts, newest first, with %j", async (query, names) => {
    const accounts = [
      account(1, { name: "1", createdAt: "2026-01-01T00:00:00Z" }),
      account(1, {
        name: "3",
        createdAt: "2026-03-01T00:00:00Z",
        type: "cdp",
        owner: OTHER_CUSTOMER,
      }),
      account(1, {
        name: "2",
        createdAt: "2026-02-01T00:00:00Z",
        type: "cdp",
        owner: CUSTOMER,
      }),
      account(1, {
        name: "4",
        createdAt: "2026-03-01T00:00:00.500Z",
        type: "business",
      }),
    ];
    await start({ accounts: () => accounts });

    const { body } = await get(`/v2/accounts${query}`);

    expect(body.accounts.map(({ name }) => name)).toEqual(names);
    expect(body.accounts.some((found) => "balances" in found)).toBe(false);
  });
});

describe("the limit", () => {
  it("refuses the 601st read within 10 s, and accepts one when the first is 10 s old", async () => {
    let now = NOW;
    const { url, requests } = await start({
      now: () => now,
      accounts: () => [account(1)],
    });
    const token = jwt(url, BALANCES);
    const read = async () => (await get(BALANCES, token)).response.status;
    await read();
    now += 4_000;
    for (let i = 0; i < 6; i++) await Promise.all(Array.from({ length: i < 5 ? 100 : 99 }, read));
    now += 5_999;
    const refused = await get(BALANCES, token);
    now += 1;

    const later = [await read(), await read()];

    expect(requests.slice(0, 600).every(({ status }) => status === 200)).toBe(true);
    expect([refused.response.status, refused.body.errorType]).toEqual([429, "rate_limit_exceeded"]);
    expect(later).toEqual([200, 429]);
  });
});

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
    const html = await struck({ kind: "html", times: 1 });
    cdp?.misbehave({ kind: "empty", times: 1 });
    cdp?.misbehave({
      kind: "redirect",
      location: "https://example.com/",
      times: 1,
    });
    cdp?.misbehave({
      kind: "body",
      body: "{",
      contentType: "text/plain",
      status: 201,
      times: 1,
    });
    const headers = {
      authorization: `Bearer ${jwt(cdp?.url ?? "", BALANCES)}`,
    };
    const next = async () => await fetch(cdp?.url + BALANCES, { headers, redirect: "manual" });

    const [empty, redirect, anything] = [await next(), await next(), await next()];

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

describe("the hook", () => {
  it("is told of each step and awaited", async () => {
    const steps: string[] = [];
    let told: () => void = () => {};
    const answered = new Promise<void>((resolve) => {
      told = resolve;
    });
    const { requests } = await start({
      onRequest: async ({ path, phase }) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        steps.push(`${phase} ${path} ${requests[0]?.status}`);
        if (phase === "answered") told();
      },
    });

    await get(BALANCES);
    await answered;

    const path = `/platform${BALANCES}`;
    expect(steps).toEqual([`received ${path} 0`, `handled ${path} 0`, `answered ${path} 200`]);
  });

  it("resets the connection if it throws", async () => {
    await start({
      onRequest: () => {
        throw new Error("crash");
      },
    });

    await expect(get(BALANCES)).rejects.toThrow("fetch failed");
  });
});

describe("parseFault", () => {
  it.each<[string, Fault]>([
    [
      `kind=error,status=503,errorType=service_unavailable,account=${ID},page=2,times=3`,
      {
        kind: "error",
        status: 503,
        errorType: "service_unavailable",
        on: { account: ID, page: 2 },
        times: 3,
      },
    ],
    ["kind=hang", { kind: "hang" }],
    ["kind=cut,after=10,announced=true", { kind: "cut", after: 10, announced: true }],
    ["kind=slow,ms=250,path=/balances", { kind: "slow", ms: 250, on: { path: "/balances" } }],
    ['kind=body,body={"a":1,"b":"x=y"},status=200', { kind: "body", body: '{"a":1,"b":"x=y"}', status: 200 }],
    [
      "kind=error,status=429,retryAfter=Mon, 23 Nov 2026",
      { kind: "error", status: 429, retryAfter: "Mon, 23 Nov 2026" },
    ],
  ])("reads %s", (text, fault) => {
    expect(parseFault(text)).toEqual(fault);
  });

  it.each([
    ["kind=explode", /"kind=explode": possible are error, html, empty/],
    ["status=503", /"kind=": possible are error/],
    ["kind=html,colour=red", /"colour" is no key of a fault of the kind html: possible are kind, .*times, status/],
    ["kind=hang,status=500", /"status" is no key of a fault of the kind hang/],
    ["kind=error", /"status" is missing/],
    ["kind=error,status=999", /"status=999": possible are integers from 200 to 599/],
    ["kind=cut,after=1,announced=maybe", /"announced=maybe": possible .*true\|false/],
    ["kind=hang,account=mine", /"account=mine": possible .*account_/],
    ["kind=hang,times=0", /"times=0": possible are integers from 1/],
    ["kind=hang,page=1,page=2", /"page" is given twice/],
    ["hang", /"hang" is not of the form key=value/],
  ])("refuses %s", (text, message) => {
    expect(() => parseFault(text)).toThrow(message);
  });
});

describe("the market", () => {
  it("is the same for a seed, and can be continued", () => {
    const market = createMarket({ seed: 7 });
    const before = market.accounts();
    for (let i = 0; i < 30; i++) market.tick();

    const continued = createMarket({ seed: 7, ticks: 30 });

    expect(continued.accounts()).toEqual(market.accounts());
    expect(market.accounts()).not.toEqual(before);
    expect(market.accounts().map(({ accountId }) => accountId)).toEqual(before.map(({ accountId }) => accountId));
    expect(createMarket({ seed: 8 }).accounts()[0]?.accountId).not.toBe(before[0]?.accountId);
  });

  it("has three accounts with well-formed amounts, and holds that are never negative", () => {
    const accounts = createMarket({ seed: 1, ticks: 200 }).accounts();

    const all = accounts.flatMap(({ balances }) => balances);
    const amounts = all.flatMap(({ asset, amount }) =>
      Object.entries(amount).map(([symbol, pair]) => ({
        ...pair,
        decimals: symbol === "usd" ? 2 : asset.decimals,
      })),
    );
    const scaled = (amount: string, decimals: number) => {
      const [whole = "", digits = ""] = amount.split(".");
      return BigInt(whole + digits.padEnd(decimals, "0"));
    };
    const holds = amounts.map(
      ({ available, total, decimals }) => scaled(total, decimals) - scaled(available, decimals),
    );

    expect(accounts.map(({ type, balances }) => [type, balances.length])).toEqual([
      ["prime", 31],
      ["business", 8],
      ["cdp", 2],
    ]);
    for (const { accountId, name } of accounts) {
      expect(accountId).toMatch(/^account_[a-f0-9-]{36}$/);
      expect(name).toMatch(/^[a-zA-Z0-9 -]{1,64}$/);
    }
    for (const { available, total, decimals } of amounts) {
      expect(available).toMatch(new RegExp(`^(0|[1-9]\\d*)(\\.\\d{1,${decimals}})?$`));
      expect(total).toMatch(new RegExp(`^(0|[1-9]\\d*)(\\.\\d{1,${decimals}})?$`));
    }
    expect(holds.every((hold) => hold >= 0n)).toBe(true);
    expect(holds.some((hold) => hold > 0n)).toBe(true);
    expect(all.filter(({ amount }) => !("usd" in amount)).map(({ asset }) => asset.symbol)).toEqual(["rep"]);
    const fiat = all.filter(({ asset }) => asset.type === "fiat").map(({ amount }) => Object.keys(amount).sort());
    expect(fiat).toEqual([["usd"], ["eur", "usd"], ["usd"], ["eur", "usd"]]);
  });
});
