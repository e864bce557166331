import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { CheckResult } from "../../cli/doctor/check-result.ts";
import { type Config, readConfig } from "../../core/config.ts";
import { ENV } from "../../core/names/environment.ts";
import type { SimulatedAccount } from "../../local/simulated-cdp/server.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { type DoctorWorld, of, STACK, startDoctorWorld, statuses, withFile } from "../support/doctor.ts";

// The doctor on the way to the API, and on what it lists, against a real server that checks every token.

const three = [makeAccount(makeBalances(31)), makeAccount(makeBalances(120)), makeAccount([])];
let accounts: readonly SimulatedAccount[] = three;
let world: DoctorWorld;

beforeAll(async () => {
  world = await startDoctorWorld(() => accounts);
});
beforeEach(() => {
  accounts = three;
  world.servers.cdp.behave();
  world.restore();
});
afterAll(() => world.close());

const ofServer = () => withFile(world.servers.key.file);

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

async function examineAt(listener: RequestListener, config?: Config): Promise<readonly CheckResult[]> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  const { port } = started.address() as AddressInfo;
  const apiBaseUrl = `http://127.0.0.1:${port}/platform`;
  return world.examine({ ...ofServer(), apiBaseUrl, ...(config && { config }) });
}

describe("api", () => {
  it.each<[string, RequestListener, string, RegExp, RegExp]>([
    [
      "redirects",
      (_, to) => to.writeHead(302, { location: "https://x.example" }).end(),
      "failed",
      /302.*x\.example/,
      /--api/,
    ],
    ["knows no such path", (_, to) => to.writeHead(404).end(), "failed", /404.*no such path/, /--api/],
    ["is broken", (_, to) => to.writeHead(502).end("<html>"), "failed", /HTTP 502/, /status\.coinbase\.com/],
    [
      "is another",
      (_, to) => to.writeHead(200, { "content-type": "text/html" }).end("<html>"),
      "warning",
      /text\/html/,
      /proxy/,
    ],
    ["resets", (request) => request.socket.destroy(), "failed", /cannot be reached/, /firewall|proxy/],
  ])("says when a server %s", async (_, listener, status, found, remedy) => {
    const [api] = of(await examineAt(listener), "api");

    expect(api).toMatchObject({ status, found: expect.stringMatching(found), remedy: expect.stringMatching(remedy) });
  });

  it.each([
    ["is none", (url: string) => url.replace("http://127.0.0.1", "https://api.cdp.invalid"), /DNS/],
    ["speaks no TLS", (url: string) => url.replace("http:", "https:"), /proxy.*clock or certificates/],
    ["does not listen", () => "http://127.0.0.1:1/platform", /firewall or a proxy/],
  ])("says when there %s, and skips what needs the API", async (_, spoil, remedy) => {
    const findings = await world.examine({ ...ofServer(), apiBaseUrl: spoil(world.servers.cdp.url) });

    expect(of(findings, "api")).toMatchObject([{ status: "failed", remedy: expect.stringMatching(remedy) }]);
    expect(of(findings, "clock")).toMatchObject([{ status: "skipped", found: "not checked: the step api failed" }]);
    expect(of(findings, "account")).toMatchObject([{ status: "skipped", found: "not checked: the step api failed" }]);
  });

  it("is the stack's, unless another one is given", async () => {
    world.stack({ outputs: { ApiBaseUrl: "http://127.0.0.1:1/platform" } });

    const ofStack = await world.examine();
    const given = await world.examine({ stack: STACK, apiBaseUrl: world.servers.cdp.url });

    expect([statuses(ofStack)["api"], statuses(given)["api"]]).toEqual(["failed", "ok"]);
  });

  it("does not wait for ever", async () => {
    const config = readConfig({ [ENV.tableName]: "-", [ENV.requestTimeoutMs]: "50" }, { keyElsewhere: true });

    const [api] = of(await examineAt(() => {}, config), "api");

    expect(api).toMatchObject({ status: "failed", found: expect.stringMatching(/does not answer within 50 ms$/) });
  });

  it("takes the server's Date for the clock, and cannot tell without one", async () => {
    const findings = await examineAt((_, to) => {
      to.sendDate = false;
      to.writeHead(401, { "content-type": "application/json" }).end(
        '{"errorType":"unauthorized","errorMessage":"No."}',
      );
    });

    expect(of(findings, "api")).toMatchObject([{ status: "ok", found: expect.stringContaining("no token was sent") }]);
    expect(of(findings, "clock")).toMatchObject([{ status: "warning", found: expect.stringContaining("cannot tell") }]);
  });
});

it("a 401 is not compared with what is no refusal of a key", async () => {
  const statusOf = [401, 401, 503];
  const findings = await examineAt((_, to) => {
    to.writeHead(statusOf.shift() ?? 500, { "content-type": "application/json" });
    to.end('{"errorType":"unauthorized","errorMessage":"No.","correlationId":"1-IAD"}');
  });

  expect(of(findings, "signature")).toMatchObject([
    { status: "failed", found: expect.stringMatching(/unauthorized: No \(correlation id 1-IAD\)$/) },
  ]);
  expect(of(findings, "signature")[0]?.remedy).toMatch(/the key is revoked.*IP allowlist/);
});

describe("clock", () => {
  it.each([
    [3_600_000, "failed", "3600 s ahead of the server's"],
    [-90_000, "failed", "90 s behind the server's"],
    [-12_000, "warning", "12 s behind the server's"],
    [3000, "ok", "3 s ahead of the server's"],
    [0, "ok", "within a second of the server's"],
  ])("is %p ms ahead", async (ahead, status, found) => {
    const [clock] = of(await world.examine(ofServer(), ahead), "clock");

    expect(clock).toMatchObject({ status, found });
  });

  it("that is off is the likeliest cause of a 401", async () => {
    const [signature] = of(await world.examine({ stack: STACK }, 3_600_000), "signature");

    expect(signature).toMatchObject({
      status: "failed",
      remedy: expect.stringMatching(/^Likeliest first: \(1\) the clock/),
    });
  });
});

describe("accounts and pages", () => {
  const api = () => ({ ...ofServer(), apiBaseUrl: world.servers.cdp.url });

  it("looks at the first page of every account that the key sees", async () => {
    const findings = await world.examine(api());

    expect(of(findings, "accounts")).toMatchObject([{ status: "ok", found: "the key sees 3" }]);
    expect(of(findings, "page")).toMatchObject([{ status: "ok", found: "the server takes 100 balances a page" }]);
    expect(Object.fromEntries(of(findings, "account").map(({ accountId, found }) => [accountId, found]))).toEqual({
      [three[0]?.accountId ?? ""]: "31 assets, all on one page",
      [three[1]?.accountId ?? ""]: "100 assets on its first page, and more to follow",
      [three[2]?.accountId ?? ""]: "holds nothing",
    });
  });

  it("tells each account that cannot be read, with what there is to do", async () => {
    const [missing, gone, odd] = three.map(({ accountId }) => accountId) as [string, string, string];
    const faults = [
      { kind: "error", status: 404, on: { account: missing } },
      { kind: "error", status: 503, errorType: "endpoint_unavailable", on: { account: gone } },
      { kind: "body", body: '{"balances": [{"asset": {}}]}', on: { account: odd } },
    ] as const;
    for (const fault of faults) world.servers.cdp.misbehave(fault);

    const findings = await world.examine(api());

    const told = new Map(of(findings, "account").map((finding) => [finding.accountId, finding]));
    expect(told.get(missing)).toMatchObject({ status: "failed", remedy: expect.stringContaining("closed") });
    expect(told.get(gone)).toMatchObject({
      status: "failed",
      remedy: expect.stringContaining("switched this endpoint off"),
    });
    expect(told.get(odd)).toMatchObject({
      status: "failed",
      found: expect.stringContaining("balances.0.asset.symbol"),
      remedy: expect.stringContaining("report it"),
    });
    expect(of(findings, "page")).toMatchObject([{ status: "skipped", found: "not checked: no account answers" }]);
  });

  it("says when the key sees none", async () => {
    accounts = [];

    const findings = await world.examine(api());

    expect(of(findings, "accounts")).toMatchObject([
      { status: "failed", remedy: expect.stringContaining("--sandbox") },
    ]);
    expect(of(findings, "account")).toMatchObject([
      { status: "skipped", found: "not checked: the key sees no account" },
    ]);
  });

  it("says when the list of accounts breaks off after its first page", async () => {
    accounts = Array.from({ length: 25 }, () => makeAccount(makeBalances(1)));
    world.servers.cdp.misbehave({ kind: "error", status: 500, on: { path: /\/v2\/accounts$/, page: 2 } });

    const findings = await world.examine(api());

    expect(statuses(findings)).toMatchObject({ signature: "ok", accounts: "failed", account: "skipped" });
  });
});
