import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { recordProbe } from "../../cli/doctor/probe/record.ts";
import { RateLimiter } from "../../core/coinbase/limiter.ts";
import { LIMIT_WINDOW_MS } from "../../core/domain/limits.ts";
import { parseApiKey } from "../../core/key/api-key.ts";
import { closeServer, listenOnLoopback } from "../../local/loopback-server.ts";
import type { SimulatedAccount, WireTransfer } from "../../local/simulated-cdp/server.ts";
import { makeAccount, makeBalance, makeBalances } from "../support/accounts.ts";
import { type DoctorWorld, STACK, startDoctorWorld } from "../support/doctor.ts";
import { expectFailure } from "../support/history-cli.ts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "../support/jest.ts";
import { makeEd25519Key } from "../support/keys.ts";
import { sawOutput } from "../support/leak-watch.ts";
import { newFolder } from "../support/new-folder.ts";

// The record that `balances doctor --probe` prints for a bug report.

const named = (account: SimulatedAccount, name: string) => ({ ...account, name });
const accounts = [
  named(makeAccount([...makeBalances(30), makeBalance("rare-x", "7.512345")]), "Treasury of Example"),
  named(makeAccount(makeBalances(3)), "Payouts of Example"),
];
const ids = accounts.map(({ accountId }) => accountId);
const [sender = "", receiver = ""] = ids;
const TRANSFER: WireTransfer = {
  ...{ transferId: `transfer_${randomUUID()}`, status: "completed" },
  source: { accountId: sender, asset: "rare-y" },
  target: { accountId: receiver, asset: "rare-z" },
  ...{ sourceAmount: "7.512346", sourceAsset: "rare-y", targetAmount: "7.512347", targetAsset: "rare-z" },
  fees: [{ type: "network", amount: "7.512348", asset: "rare-y" }],
  ...{ createdAt: "2026-11-23T09:00:01Z", completedAt: "2026-11-23T09:00:02Z", updatedAt: "2026-11-23T09:00:03Z" },
};
let world: DoctorWorld;

beforeAll(async () => {
  world = await startDoctorWorld(() => accounts, undefined, undefined, [TRANSFER]);
});
beforeEach(() => world.reset());
afterAll(() => world.close());

const probe = (...args: string[]) => world.runCommand([...args, "--probe"], newFolder());

interface Recorded {
  readonly findings: Record<string, unknown>;
  readonly headers: Record<string, { values?: string[] }>;
  readonly fields: Record<string, Record<string, unknown>>;
  readonly responses: { request: string; variant?: string; status: number; code?: string; next?: string }[];
}

/** Records the answers of an API without the doctor's checks. */
async function record(baseUrl = world.servers.cdp.url, accountIds: readonly string[] = []): Promise<string> {
  const { clock, servers } = world;
  const text = await recordProbe(
    {
      ...{
        clock,
        config: { requestTimeoutMs: 10_000 },
        api: { baseUrl, setting: "-", clockIsOff: false },
      },
      ...{ key: parseApiKey(servers.key.file), limiter: new RateLimiter(600, LIMIT_WINDOW_MS, clock), replaceKey: "-" },
    },
    accountIds,
    "0.0.0",
  );
  sawOutput(text);
  return text;
}

/** What the record says about itself. */
const ABOUT = ["version", "node", "date", "api"];

const parse = (text: string) => JSON.parse(text) as Recorded;
const askedAbout = ({ responses }: Recorded, variant: string) =>
  responses.filter((response) => response.variant === variant);

describe("balances doctor --probe", () => {
  it("prints a record without ids, names, symbols, amounts, tokens and keys on stdout, and the checks on stderr", async () => {
    world.servers.cdp.requests.length = 0;

    const ended = await probe("--stack", STACK);

    const recorded = parse(ended.stdout);
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/^passed {3}authentication .*^passed {3}subscribers .*^21 passed, 1 warning$/ms);
    expect(recorded).toMatchObject({ version: "0.1.0", node: process.version, date: "2026-11-23", api: "other" });
    expect(recorded.findings).toMatchObject({
      accountsReadTwice: "same order",
      balances: { balances: 31, withUsd: 30, zeroTotals: 1, repeatedSymbols: 0 },
      balancesByValue: { outOfOrder: 0, unpriced: 1, unpricedBeforePriced: 0 },
      balancesReadTwice: "same order",
      defaultPageSize: 20,
      pageToken: { encoding: "base64", jsonFields: ["offset", "page"], otherJsonFields: 1 },
      pageTokenReadTwice: "same token",
      secondPage: "continues the list",
      pageTokenUsedTwice: "continues the list",
      pageTokenWithOtherPageSize: "continues the list",
      balanceAlone: "as in the list",
    });
    expect(askedAbout(recorded, "page size 101")).toMatchObject([{ status: 400, code: "api_invalid_request" }]);
    expect(askedAbout(recorded, "a key that does not exist")).toMatchObject([{ status: 401 }]);
    expect(recorded.headers["content-type"]).toEqual({ responses: 24, values: ["application/json"] });
    expect(recorded.fields["asset"]).toMatchObject({ symbol: { string: expect.any(Number) } });
    expect(recorded.fields["transfer"]).toMatchObject({ sourceAmount: { string: 1 }, fees: { list: 1 } });
    expect(recorded.fields["party"]).toEqual({ accountId: { string: 2 }, asset: { string: 2 } });
    expect(recorded.fields["fee"]).toEqual({ type: { string: 1 }, amount: { string: 1 }, asset: { string: 1 } });
    expect(recorded.responses.length).toBe(24);
    expect(world.servers.cdp.requests.filter(({ method }) => method !== "GET")).toEqual([]);
    expect([...secretsOfWorld()].filter((secret) => ended.stdout.includes(secret))).toEqual([]);
  });

  /** Everything of the API that the record must not contain, with the tokens of all requests. */
  function secretsOfWorld(): Set<string> {
    const { key, cdp } = world.servers;
    const account = accounts.flatMap(({ accountId, owner, name }) =>
      [accountId, owner, name].flatMap((id) => id.split("_")),
    );
    const balances = accounts.flatMap(({ balances }) => balances);
    const amounts = balances.flatMap(({ amount }) => Object.values(amount).flatMap(({ total }) => total));
    const assets = balances.flatMap(({ asset }) => [`"${asset.symbol}"`, asset.name]);
    const tokens = cdp.requests.flatMap(({ token, query }) => [token, query["pageToken"] ?? token]);
    const transfer = [TRANSFER.transferId.slice(9), "rare-y", "rare-z", "7.51234", TRANSFER.createdAt.slice(0, -4)];
    const others = [...tokens, key.id, new URL(cdp.url).port, "127.0.0.1"];
    const secrets = new Set([...account, ...assets, ...amounts, ...transfer, ...others]);
    for (const harmless of ["account", "entity", ""]) secrets.delete(harmless);
    expect(secrets.size).toBeGreaterThan(100);
    return secrets;
  }

  it("records how the API refuses the key, and fails with the checks", async () => {
    world.aws.reply("secretsmanager:GetSecretValue", { SecretString: makeEd25519Key().file });

    const ended = await probe("--stack", STACK);

    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/^FAILED {3}authentication/m);
    expect(parse(ended.stdout).responses.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
  });

  it("says why there is no record if the API does not answer", async () => {
    world.setStack({ outputs: { ApiBaseUrl: "http://127.0.0.1:1/platform" } });

    expectFailure(await probe("--stack", STACK), 1, /^No record of the API: the check "api" failed\.$/m);
  });

  it("requires a key", async () => {
    expectFailure(await probe("--table", "any"), 2, /--probe requires --key-file, --secret or --stack\./);
  });
});

it("docs/doctor.md shows the record, and docs/assumptions.md names each finding (to update: WRITE_DOCS=1 npm test -- test/integration/doctor-probe)", async () => {
  const document = new URL("../../docs/doctor.md", import.meta.url);
  const output = /(```\n\$ .* --probe \| head -(\d+)\n)([\s\S]*?)(```)/;
  const read = () => readFileSync(document, "utf8");
  const assumptions = readFileSync(new URL("../../docs/assumptions.md", import.meta.url), "utf8");
  const printed = await record();
  const shown = printed
    .split("\n")
    .slice(0, Number(output.exec(read())?.[2]))
    .join("\n");
  const text = `${shown}\n`
    .replace(/"version": ".*?"/, '"version": "0.1.0"')
    .replace(process.version, "v24.11.0")
    .replace('"other"', '"production"');
  if (process.env["WRITE_DOCS"] !== undefined) {
    writeFileSync(
      document,
      read().replace(output, (_, head, __, ___, end) => `${head}${text}${end}`),
    );
  }

  expect(output.exec(read())?.[3]).toBe(text);
  const { findings, headers: _, ...parts } = parse(printed);
  const names = [...Object.keys(findings), "headers", ...Object.keys(parts)].filter((name) => !ABOUT.includes(name));
  expect(names.filter((name) => !assumptions.includes(`\`${name}\``))).toEqual([]);
});

describe("the record", () => {
  it("shows where the API differs from the simulated one", async () => {
    const { cdp } = world.servers;
    cdp.addFault({ kind: "empty-token" });
    cdp.addFault({ kind: "reorder", on: { path: /balances$/, page: 2 } });
    cdp.addFault({ kind: "error", status: 403, errorType: "new_error", on: { path: /account_[^/]*$/ } });
    const limit = { "x-ratelimit-remaining": "599", "retry-after": "soon" };
    cdp.addFault({ kind: "change", change: ({ headers }) => ({ headers: { ...headers, ...limit } }) });

    const recorded = parse(await record());

    expect(askedAbout(recorded, "page size 100").map(({ next }) => next)).toEqual(["empty", "empty", "empty"]);
    expect(recorded.findings).toMatchObject({ secondPage: "14 of 15 items repeated, 14 missing" });
    expect(recorded.headers).toMatchObject({
      "x-ratelimit-remaining": { values: ["599"] },
      "retry-after": { values: ["other"] },
    });
    const [alone] = recorded.responses.filter(({ request }) => request === "/v2/accounts/{account}");
    expect(alone).toMatchObject({ status: 403, code: "api_new_error" });
  });

  it("asks about the given account if the API does not list accounts", async () => {
    world.servers.cdp.addFault({ kind: "error", status: 403, on: { path: /accounts$/ } });

    const recorded = parse(await record(undefined, ids.slice(1)));

    expect(recorded.findings).toMatchObject({ balances: { balances: 3 }, secondPage: "continues the list" });
  });
});

describe("the record of an API that puts data where none belongs", () => {
  const CANARY = "Canary-7";
  const text = `${CANARY} 91.5`;
  let server: Server | undefined;
  afterEach(() => server && closeServer(server));

  const asset = {
    symbol: CANARY,
    type: CANARY,
    name: CANARY,
    decimals: 3,
    [text]: CANARY,
    nested: { [CANARY]: CANARY },
  };
  const amount = { available: "91.5", total: "91.5", [text]: text };
  const balances = [{ asset, amount: { [CANARY]: amount, [text]: amount }, [text]: text }];
  const account = { accountId: ids[0], name: text, type: text, owner: text, [text]: { [text]: text } };
  const transfers = [{ transferId: text, source: { [text]: text, x: text }, fees: [{ [text]: text }], [text]: text }];
  const wrongBalances = [{ asset: text, amount: text }, text, [text], null];
  const wrongTransfers = [{ transferId: [text], source: text, target: [text], fees: text }];
  const token = Buffer.from(JSON.stringify({ [text]: text })).toString("base64");

  it.each<[string, number, unknown]>([
    [
      "valid answers",
      200,
      { ...account, balances, accounts: [account], transfers, nextPageToken: token, [text]: text },
    ],
    ["answers that are not valid", 200, { balances: wrongBalances, accounts: text, transfers: wrongTransfers }],
    ["an error", 400, { errorType: text, errorMessage: text, correlationId: text, errorLink: text, [text]: text }],
    ["a text", 502, text],
    ["names of JavaScript", 200, { balances: [{ asset: { constructor: text }, amount: { toString: text } }] }],
  ])("contains no data of %s", async (_, status, body) => {
    const headers = {
      "content-type": text,
      "retry-after": text,
      "set-cookie": text,
      "x-rate-limit": CANARY,
      age: text,
    };
    server = createServer((_, to) => to.writeHead(status, headers).end(JSON.stringify(body)));

    const printed = await record(`${await listenOnLoopback(server)}/platform`, ids);

    expect(parse(printed).responses.length).toBeGreaterThan(3);
    expect(printed).not.toContain(CANARY);
    expect(printed).not.toContain("91.5");
    expect(printed).not.toContain(token);
  });
});
