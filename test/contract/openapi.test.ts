import { ENV } from "../../core/names/environment.ts";
import { createMarket } from "../../local/simulated-cdp/market/market.ts";
import type { SimulatedAccount } from "../../local/simulated-cdp/server.ts";
import { close, fetchBalances, get, keys, OTHER_ID, start } from "../integration/simulated-cdp/harness.ts";
import { makeAccount, makeBalance, makeBalances } from "../support/accounts.ts";
import { STACK, startDoctorWorld, withKeyFile } from "../support/doctor.ts";
import { type Exchange, recordExchanges } from "../support/exchanges.ts";
import { afterEach, describe, expect, it } from "../support/jest.ts";
import { makeEd25519Key } from "../support/keys.ts";
import { newFolder } from "../support/new-folder.ts";
import { type Contract, findContract } from "../support/openapi.ts";
import { BALANCES } from "../unit/coinbase/harness.ts";

// What the job and the doctor request, and what the simulated API answers, against Coinbase's own OpenAPI documents.

const found = findContract();
const contract = found as Contract;
const describeContract = found === undefined ? describe.skip : describe;

const withOwner = (account: SimulatedAccount): SimulatedAccount => ({
  ...account,
  owner: account.owner.replace("entity", "customer"),
  name: "Payouts of customer-7",
});
/** Returns a page of balances without its last entry. */
function withoutLast(page: Buffer): Buffer {
  const { balances, ...rest } = JSON.parse(String(page));
  return Buffer.from(JSON.stringify({ balances: balances.slice(0, -1), ...rest }));
}

const large = makeAccount([...makeBalances(130), makeBalance("a/b é%", "1")]);
const closing = withOwner(makeAccount(makeBalances(3), "cdp"));
const empty = makeAccount([], "business");

describeContract("the OpenAPI document describes", () => {
  it("every request of the job and its answer", async () => {
    let accounts = [large, closing, empty];
    const world = await startDoctorWorld(() => accounts);
    const exchanges = recordExchanges(world.servers.cdp.server);

    await world.runSlot("2026-11-23T09:00:00.000Z");
    // An account is closed, and assets are sold.
    accounts = [{ ...large, balances: large.balances.slice(0, 127) }, empty];
    await world.runSlot("2026-11-23T10:00:00.000Z");
    // The list lacks an asset that is held.
    world.servers.cdp.addFault({
      kind: "change",
      on: { page: 2 },
      change: ({ body }) => ({ body: withoutLast(body) }),
    });
    await world.runManually({ [ENV.accountsOwner]: `entity,${closing.owner}`, [ENV.accountsType]: "prime" });

    await world.close();
    expect(contract.operations(exchanges)).toEqual([
      "getBalanceByAsset 200",
      "getBalanceByAsset 404",
      "getFoundationAccountById 200",
      "getFoundationAccountById 404",
      "listBalances 200",
      "listFoundationAccounts 200",
    ]);
    expect(contract.problems(exchanges)).toEqual([]);
  });

  it("every request of the doctor and its answer, also with --probe and with a key that is refused", async () => {
    const world = await startDoctorWorld(() => [large, closing, empty]);
    const exchanges = recordExchanges(world.servers.cdp.server);

    await world.runCommand(["--stack", STACK, "--probe"], newFolder());
    await world.check({ stack: STACK, ...withKeyFile(makeEd25519Key().file) });

    await world.close();
    expect(contract.operations(exchanges)).toEqual([
      "getBalanceByAsset 200",
      "getBalanceByAsset 404",
      "getFoundationAccountById 200",
      "getFoundationAccountById 404",
      "listBalances 200",
      "listBalances 400",
      "listBalances 404",
      "listFoundationAccounts 200",
      "listFoundationAccounts 401",
      "listTransfers 200",
    ]);
    expect(contract.problems(exchanges)).toEqual([]);
  });
});

describeContract("the OpenAPI documents allow", () => {
  afterEach(close);

  it("the demo's accounts, balances and transfers", async () => {
    // Most transfers are concealed, because it takes long to check all of them.
    const market = createMarket({ seed: 17, ticks: 90, concealedShare: 0.9 });
    const cdp = await start({ accounts: () => market.accounts(), transfers: () => market.transfers() });
    const exchanges = recordExchanges(cdp.server);

    for (const { accountId, balances } of market.accounts()) {
      await get(`/v2/accounts/${accountId}`);
      await get(`/v2/accounts/${accountId}/balances`);
      await get(`/v2/accounts/${accountId}/balances/${balances[0]?.asset.symbol}`);
    }
    for (const status of ["completed", "quoted", "processing", "failed"]) {
      const { body } = await get(`/v2/transfers?status=${status}`);
      expect(body.transfers).not.toEqual([]);
    }
    await get(`/v2/transfers/${market.transfers()[0]?.transferId}`);

    expect(contract.operations(exchanges)).toEqual([
      "getBalanceByAsset 200",
      "getFoundationAccountById 200",
      "getTransferById 200",
      "listBalances 200",
      "listTransfers 200",
    ]);
    expect(contract.problems(exchanges)).toEqual([]);
  });

  it.each([
    `${BALANCES}?pageSize=ten`,
    `${BALANCES}?pageToken=broken`,
    "/v2/accounts/account_1/balances",
    "/v2/accounts?owner=someone",
    `/v2/accounts/${OTHER_ID}`,
    `${BALANCES}/%E0%A4%A`,
    "/v2/wallets",
    "/v2/transfers?createdAfter=yesterday",
    "/v2/transfers/transfer_af2937b0-9846-4fe7-bfe9-ccc22d935114",
  ])("the simulated API's rejection of %s", async (path) => {
    const exchanges = recordExchanges((await start()).server);

    const { response } = await get(path);

    expect([400, 404]).toContain(response.status);
    expect(contract.problems(exchanges, "responses")).toEqual([]);
  });

  it("the simulated API's errors", async () => {
    const statuses = [400, 401, 403, 404, 405, 408, 409, 429, 500, 502, 503, 504];
    const cdp = await start({ keys: () => keys.map((key) => ({ ...key, mayReadTransfers: false })) });
    const exchanges = recordExchanges(cdp.server);

    for (const status of statuses) {
      cdp.addFault({ kind: "error", status, times: 1 });
      await fetchBalances(cdp.url);
    }
    await get("/v2/transfers");

    expect(exchanges.map((exchange) => exchange.status)).toEqual([...statuses, 403]);
    expect(contract.problems(exchanges)).toEqual([]);
  });
});

describeContract("the OpenAPI document rejects", () => {
  const valid = (changes: Partial<Exchange>): Exchange => ({
    ...{ method: "GET", path: `/platform${BALANCES}`, search: "", status: 200, contentType: "application/json" },
    body: '{"balances": []}',
    ...changes,
  });
  const balance = (changes: object) =>
    JSON.stringify({ balances: [{ ...makeBalance("btc", "1"), ...changes }], nextPageToken: "" });

  it.each<[string, Partial<Exchange>, RegExp]>([
    ["a parameter that does not exist", { search: "page_size=5" }, /unknown query parameter page_size/],
    ["a page size that is not a number", { search: "pageSize=ten" }, /pageSize must be integer/],
    ["an invalid account", { path: "/platform/v2/accounts/me" }, /accountId must match pattern/],
    ["a missing field", { body: balance({ amount: undefined }) }, /must have required property 'amount'/],
    ["a number as an amount", { body: balance({ amount: { btc: { available: 1, total: "1" } } }) }, /must be string/],
    ["an undocumented field", { body: balance({ price: "1" }) }, /must NOT have unevaluated properties/],
    ["an error in HTML", { status: 502, contentType: "text/html", body: "<html>" }, /content type text\/html/],
  ])("%s", (_, changes, expected) => {
    expect(contract.problems([valid({})])).toEqual([]);
    expect(contract.problems([valid(changes)]).join("\n")).toMatch(expected);
  });
});
