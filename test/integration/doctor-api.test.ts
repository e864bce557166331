import { createServer, type RequestListener, type Server } from "node:http";
import type { CheckResult } from "../../cli/doctor/check-result.ts";
import { type JobConfig, readJobConfig } from "../../core/config.ts";
import { ENV } from "../../core/names/environment.ts";
import { listenOnLoopback } from "../../local/loopback-server.ts";
import type { Fault } from "../../local/simulated-cdp/faults/fault.ts";
import type { SimulatedAccount } from "../../local/simulated-cdp/server.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import {
  type DoctorWorld,
  RESOURCES,
  STACK,
  STACK_WITHOUT_TABLE,
  startDoctorWorld,
  statusByCheck,
  textOf,
  withKeyFile,
} from "../support/doctor.ts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "../support/jest.ts";
import { makeEd25519Key } from "../support/keys.ts";
import { replaceEnv } from "../support/replace-env.ts";
import { DENIED, NO_SECRET_VALUE } from "../support/world/aws.ts";

// The checks of the key and the API, against a simulated API that verifies every token.

const threeAccounts = [makeAccount(makeBalances(31)), makeAccount(makeBalances(120)), makeAccount([])];
let accounts: readonly SimulatedAccount[] = threeAccounts;
const withoutTransfers = makeEd25519Key();
let world: DoctorWorld;
let server: Server | undefined;

beforeAll(async () => {
  const key = makeEd25519Key();
  world = await startDoctorWorld(() => accounts, key, [key, { ...withoutTransfers, mayReadTransfers: false }]);
});
beforeEach(() => {
  accounts = threeAccounts;
  world.reset();
});
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});
afterAll(() => world.close());

const validKey = () => withKeyFile(world.servers.key.file);
const unknownKey = () => withKeyFile(makeEd25519Key().file);
const apiAt = (baseUrl: string) => ({ api: { baseUrl, setting: "--api" } });
const keyAndApi = () => ({ ...validKey(), ...apiAt(world.servers.cdp.url) });

async function checkServer(listener: RequestListener, config?: JobConfig): Promise<readonly CheckResult[]> {
  server = createServer(listener);
  const api = apiAt(`${await listenOnLoopback(server)}/platform`);
  return world.check({ ...validKey(), ...api, ...(config && { config }) });
}

describe("the check of the key", () => {
  it("fails for a damaged file, and skips only what needs the key", async () => {
    const results = await world.check({ ...withKeyFile('{"id": "x", "privateKey": "MC4'), stack: STACK });

    expect(textOf(results, "key")).toMatch(/^failed: --key-file cdp_api_key\.json: .*JSON.* → .*CDP portal/);
    for (const check of ["authentication", "permission", "allowlist", "accounts", "page size", "balances"] as const) {
      expect(textOf(results, check)).toBe('skipped: not checked: the check "key" failed');
    }
    expect(statusByCheck(results)).toMatchObject({ api: "passed", clock: "passed", table: "passed", alarms: "passed" });
  });

  it.each([
    ["has no value", NO_SECRET_VALUE, /^failed: the secret \S+ has no value yet → .*put-secret-value/],
    ["may not be read", DENIED, /^failed: .* do not allow .* → Allow .*--key-file.*its own role/],
  ])("fails if the stack's secret %s", async (_, refusal, expected) => {
    world.aws.reply("secretsmanager:GetSecretValue", refusal);

    expect(await world.textOf("key", STACK_WITHOUT_TABLE)).toMatch(expected);
  });

  it("reads a secret without a stack", async () => {
    const results = await world.check({ key: { secret: "mine" }, ...apiAt(world.servers.cdp.url) });

    expect(textOf(results, "key")).toMatch(/^passed: Ed25519 key, .*; read from the secret mine$/);
    expect(statusByCheck(results)).toMatchObject({ balances: "passed", stack: "skipped", alarms: "skipped" });
  });
});

describe("the check of the API", () => {
  const redirect: RequestListener = (_, to) => to.writeHead(302, { location: "https://x.example" }).end();
  const html: RequestListener = (_, to) => to.writeHead(200, { "content-type": "text/html" }).end("<html>");

  it.each<[string, RequestListener, RegExp]>([
    ["fails for a redirect", redirect, /^failed: .* 302 .* to https:\/\/x\.example → Check --api\. The .* https:/],
    ["fails for a wrong path", (_, to) => to.writeHead(404).end(), /^failed: .* 404 .* path \/plat.* → Check --api/],
    ["fails for a broken server", (_, to) => to.writeHead(502).end(), /^failed: .* HTTP 502 .* → .*status\.coinbase/],
    ["warns of a different server", html, /^warning: .*text\/html\) → A proxy/],
    ["fails for a reset", (request) => request.socket.destroy(), /^failed: cannot connect .* → .*firewall/],
  ])("%s", async (_, listener, expected) => {
    expect(textOf(await checkServer(listener), "api")).toMatch(expected);
  });

  it.each([
    ["an unknown host", (url: string) => url.replace("http://127.0.0.1", "https://api.cdp.invalid"), /→ .*DNS/],
    ["a server without TLS", (url: string) => url.replace("http:", "https:"), /→ .*proxy.*clock or certificates/],
    ["a closed port", () => "http://127.0.0.1:1/platform", /→ A firewall or a proxy/],
  ])("fails for %s, and skips what needs the API", async (_, change, expected) => {
    const results = await world.check({ ...validKey(), ...apiAt(change(world.servers.cdp.url)) });

    expect(textOf(results, "api")).toMatch(/^failed: cannot connect to/);
    expect(textOf(results, "api")).toMatch(expected);
    expect(textOf(results, "balances")).toBe('skipped: not checked: the check "api" failed');
  });

  it("names a proxy that Node.js does not use, without its password", async () => {
    const restoreEnv = replaceEnv({ ...process.env, HTTPS_PROXY: "http://jo:s3cret@proxy.example:3128" });

    const text = await world.textOf("api", { ...validKey(), ...apiAt("https://api.cdp.invalid/platform") });

    restoreEnv();
    expect(text).toMatch(/^failed: cannot connect .* → HTTPS_PROXY names a proxy .*NODE_USE_ENV_PROXY=1.* DNS/);
    expect(text).not.toMatch(/s3cret|proxy\.example/);
  });

  it("fails after the request timeout", async () => {
    const config = readJobConfig({ [ENV.tableName]: "-", [ENV.requestTimeoutMs]: "50" }, { keyElsewhere: true });

    expect(textOf(await checkServer(() => {}, config), "api")).toMatch(/^failed: .* did not answer within 50 ms →/);
  });

  it("uses the stack's API unless another one is given", async () => {
    world.setStack({ outputs: { ApiBaseUrl: "http://127.0.0.1:1/platform" } });

    expect(await world.textOf("api", STACK_WITHOUT_TABLE)).toMatch(/^failed/);
    expect(await world.textOf("api", { ...STACK_WITHOUT_TABLE, ...apiAt(world.servers.cdp.url) })).toMatch(/^passed/);
  });
});

describe("the check of the clock", () => {
  it.each([
    [3_600_000, /^failed: 3600 s ahead of/],
    [-12_000, /^warning: 12 s behind/],
    [3000, /^passed: 3 s ahead of/],
    [0, /^passed: within 1 s of/],
  ])("judges a clock that is %p ms ahead", async (aheadMs, expected) => {
    expect(await world.textOf("clock", keyAndApi(), aheadMs)).toMatch(expected);
  });

  it("warns if the server sends no Date", async () => {
    const results = await checkServer((_, to) => {
      to.sendDate = false;
      to.writeHead(401, { "content-type": "application/json" });
      to.end('{"errorType":"unauthorized","errorMessage":"No."}');
    });

    expect(textOf(results, "api")).toMatch(/^passed: .*because no token was sent/);
    expect(textOf(results, "clock")).toMatch(/^warning: cannot check/);
  });
});

describe("the checks of authentication, permission and allowlist", () => {
  it("suspect the key if the API refuses it like one that does not exist", async () => {
    const results = await world.check({ ...keyAndApi(), ...unknownKey() });

    expect(textOf(results, "authentication")).toMatch(/^failed: .*HTTP 401.* the same answer to a key that does not/);
    expect(textOf(results, "authentication")).toMatch(/\(1\) the key is revoked.*\(2\) the key's IP allowlist/);
    for (const check of ["permission", "allowlist", "accounts", "transfers"] as const) {
      expect(textOf(results, check)).toBe('skipped: not checked: the check "authentication" failed');
    }
  });

  it("suspect the allowlist if the API refuses the key in a different way", async () => {
    world.servers.cdp.addFault({ kind: "error", status: 401, message: "Unauthorized." });

    const text = await world.textOf("authentication", keyAndApi());

    expect(text).toMatch(/a different answer to a key that does not exist\. →.*\(1\) the key's IP allowlist/);
  });

  it("do not compare a 401 with an outage", async () => {
    // Without a token, with two tokens, and with that of a key that does not exist.
    const statuses = [401, 401, 401, 503];
    const results = await checkServer((_, to) => {
      to.writeHead(statuses.shift() ?? 500, { "content-type": "application/json" });
      to.end('{"errorType":"unauthorized","errorMessage":"No.","correlationId":"1-IAD"}');
    });

    expect(textOf(results, "authentication")).toMatch(/unauthorized: No .* → .* the key is revoked.* IP allowlist/);
    expect(textOf(results, "authentication")).not.toContain("a key that does not exist");
  });

  it("suspect the allowlist if the stack has a fixed address, which the allowlist must contain", async () => {
    world.setStack({ outputs: { EgressAddress: "203.0.113.7" } });

    expect(await world.textOf("authentication", { ...STACK_WITHOUT_TABLE, ...unknownKey() })).toMatch(
      /\(1\) the key's IP allowlist.*\(2\) the key is revoked/,
    );
    expect(await world.textOf("allowlist", STACK_WITHOUT_TABLE)).toMatch(
      /^passed: .*; the function calls from 203\.0\.113\.7: .* must/,
    );
  });

  it("do not say that a function has no fixed address if it runs in a network, or may", async () => {
    const allowlist = () => world.textOf("allowlist", STACK_WITHOUT_TABLE);
    expect(await allowlist()).toContain("the function has no fixed address");
    world.setStack({ resources: { ...RESOURCES, "AWS::EC2::SecurityGroup": ["sg-0a1b2c3d"] } });
    const inNetwork = await allowlist();
    world.aws.reply("cloudformation:ListStackResources", DENIED);
    const unknown = await allowlist();

    expect(inNetwork).toMatch(/^passed: .*; the function calls from a different address$/);
    expect(unknown).toBe(inNetwork);
  });

  it("suspect the permission for a 403, then the allowlist", async () => {
    world.servers.cdp.addFault({ kind: "error", status: 403 });

    const results = await world.check(keyAndApi());

    expect(textOf(results, "permission")).toMatch(/^failed: .* → .*accounts:read@entity.*IP allowlist/);
    expect(statusByCheck(results)).toMatchObject({ authentication: "passed", balances: "skipped" });
  });

  it("distinguish an outage from a refusal, send each request once, and still read the given accounts", async () => {
    const [{ accountId }] = threeAccounts as [SimulatedAccount];
    world.servers.cdp.addFault({ kind: "error", status: 503, retryAfter: "600", on: { path: /\/v2\/accounts$/ } });

    const results = await world.check({ ...keyAndApi(), accounts: [accountId] });

    expect(textOf(results, "authentication")).toMatch(/^failed: cannot check: .*HTTP 503.* → .*status\.coinbase\.com/);
    expect(textOf(results, "balances")).toMatch(`passed ${accountId}: 31 assets on one page`);
    expect(world.clock.slept).toEqual([]);
  });
});

describe("the checks of accounts, page size and balances", () => {
  const [first, second, third] = threeAccounts.map(({ accountId }) => accountId) as [string, string, string];

  it("report each account that cannot be read, with its suggested fix", async () => {
    const { cdp } = world.servers;
    cdp.addFault({ kind: "error", status: 404, on: { account: first } });
    cdp.addFault({ kind: "error", status: 503, errorType: "endpoint_unavailable", on: { account: second } });
    cdp.addFault({ kind: "body", body: '{"balances": [{"asset": {}}]}', on: { account: third } });

    const results = await world.check(keyAndApi());

    const text = textOf(results, "balances");
    expect(text).toMatch(new RegExp(`^failed ${first}: .*HTTP 404.* → Check the account id`, "m"));
    expect(text).toMatch(new RegExp(`^failed ${second}: .*HTTP 503.* → Coinbase has switched this endpoint off`, "m"));
    expect(text).toMatch(new RegExp(`^failed ${third}: .*balances\\.0\\.asset\\.symbol.* → .*report it`, "m"));
    expect(textOf(results, "page size")).toBe("skipped: not checked: no account could be read");
  });

  it("fail if the key sees no accounts", async () => {
    accounts = [];

    const results = await world.check(keyAndApi());

    expect(textOf(results, "accounts")).toMatch(/^failed: the key sees no accounts → .*--sandbox/);
    expect(textOf(results, "balances")).toBe("skipped: not checked: the key sees no accounts");
  });

  it("fail if the list of accounts cannot be read beyond its first page", async () => {
    accounts = Array.from({ length: 25 }, () => makeAccount(makeBalances(1)));
    world.servers.cdp.addFault({ kind: "error", status: 500, on: { path: /\/v2\/accounts$/, page: 2 } });

    const results = await world.check(keyAndApi());

    expect(statusByCheck(results)).toMatchObject({ authentication: "passed", accounts: "failed", balances: "skipped" });
  });
});

describe("the check of transfers", () => {
  it("passes a key with the permission, after one request for one transfer", async () => {
    world.servers.cdp.requests.length = 0;

    const text = await world.textOf("transfers", keyAndApi());

    expect(text).toBe("passed: the key may read transfers, which only balances reconcile needs");
    const asked = world.servers.cdp.requests.filter(({ path }) => path.endsWith("/v2/transfers"));
    expect(asked.map(({ query, status }) => [query, status])).toEqual([[{ pageSize: "1" }, 200]]);
  });

  it("is skipped for a key without the permission, which changes no other check", async () => {
    const results = await world.check({ ...keyAndApi(), ...withKeyFile(withoutTransfers.file) });

    expect(textOf(results, "transfers")).toBe(
      "skipped: not checked: the key lacks transfers:read, which only balances reconcile needs",
    );
    expect(results.filter(({ status }) => status === "failed")).toEqual([]);
    expect(statusByCheck(results)).toMatchObject({ permission: "passed", balances: "passed" });
  });

  it.each<[Fault, RegExp]>([
    [{ kind: "error", status: 503 }, /^warning: cannot check: GET .*transfers: HTTP 503 .* → .*status\.coinbase\.com/],
    [{ kind: "body", body: '{"transfers": 1}' }, /^warning: cannot check: .* transfers: expected array.* → /],
  ])("warns after %j, because the job needs no transfers", async (fault, expected) => {
    world.servers.cdp.addFault({ ...fault, on: { path: "/v2/transfers" } });

    expect(await world.textOf("transfers", keyAndApi())).toMatch(expected);
  });
});
