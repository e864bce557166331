import type { SimulatedCdpOptions, WireTransfer } from "../../../local/simulated-cdp/server.ts";
import { afterEach, describe, expect, it } from "../../support/jest.ts";
import { ACCOUNT, account } from "../../unit/coinbase/harness.ts";
import { close, get, keys, OTHER_ID, start } from "./harness.ts";

afterEach(close);

const THIRD_ID = "account_11111111-9846-4fe7-bfe9-ccc22d935114";
const ADDRESS = "0x742d35Cc6634C0532925a3b844Bc454e4438f44e";
const NETWORK = { network: "base", asset: "usdc" };
const id = (number: number) => `transfer_${String(number).padStart(8, "0")}-9846-4fe7-bfe9-ccc22d935114`;

/** Transfers 1 to 5: each was created on that day of November, and updated ten days later. */
const TRANSFERS = [
  transfer(1, { source: { accountId: ACCOUNT, asset: "usd" }, target: { accountId: OTHER_ID, asset: "usd" } }),
  transfer(2, { source: { accountId: OTHER_ID, asset: "usd" }, target: { accountId: ACCOUNT, asset: "usd" } }),
  transfer(3, { source: { accountId: THIRD_ID, asset: "usdc" }, target: { address: ADDRESS, ...NETWORK } }),
  transfer(4, { source: { address: ADDRESS, ...NETWORK }, sourceAsset: "usdc", status: "processing" }),
  transfer(5, { target: { email: "recipient@example.com", asset: "eur" }, targetAsset: "eur" }),
];

function transfer(day: number, changes: Partial<WireTransfer>): WireTransfer {
  return {
    ...{ transferId: id(day), status: "completed", sourceAmount: "1.50", sourceAsset: "usd" },
    ...{ source: { accountId: THIRD_ID, asset: "usd" }, target: { accountId: THIRD_ID, asset: "usd" } },
    ...{ targetAmount: "1.50", targetAsset: "usd", fees: [] },
    createdAt: `2026-11-0${day}T10:00:00.000Z`,
    updatedAt: `2026-11-1${day}T10:00:00.000Z`,
    ...changes,
  } as WireTransfer;
}

function startWithTransfers(options: Partial<SimulatedCdpOptions> = {}) {
  return start({ accounts: () => [account(1)], transfers: () => TRANSFERS, ...options });
}

/** Returns the days of the listed transfers. */
async function days(query: string): Promise<number[]> {
  const { body } = await get(`/v2/transfers?${query}`);
  return body.transfers.map(({ transferId }) => TRANSFERS.findIndex((one) => one.transferId === transferId) + 1);
}

describe("the list of transfers", () => {
  it("is empty by default", async () => {
    await start();

    expect((await get("/v2/transfers")).body).toEqual({ transfers: [] });
  });

  it.each<[string, number[]]>([
    ["", [5, 4, 3, 2, 1]],
    [`accountId=${ACCOUNT}`, [2, 1]],
    [`sourceAccountId=${ACCOUNT}`, [1]],
    [`targetAccountId=${ACCOUNT}`, [2]],
    [`sourceAccountId=${ACCOUNT}&targetAccountId=${THIRD_ID}`, []],
    ["status=processing", [4]],
    ["status=failed", []],
    ["createdAfter=2026-11-04T10:00:00Z", [5, 4]],
    ["createdAfter=2026-11-04T10:00:00.001Z", [5]],
    ["createdBefore=2026-11-02T10:00:00Z", [2, 1]],
    ["createdBefore=2026-11-02T10:59:59%2B01:00", [1]],
    ["updatedAfter=2026-11-14T10:00:00Z", [5, 4]],
    ["updatedAfter=2026-11-14T10:00:00.001Z", [5]],
    ["updatedBefore=2026-11-12T10:00:00Z", [2, 1]],
    ["sourceAsset=usdc", [4]],
    ["targetAsset=eur", [5]],
    [`sourceAddress=${ADDRESS}`, [4]],
    [`targetAddress=${ADDRESS}`, [3]],
    ["targetEmail=recipient@example.com", [5]],
    [`transferId=${id(3)}`, [3]],
    [`transferId=${id(3)}&pageToken=ignored&pageSize=0`, [3]],
    [`transferId=${id(6)}`, []],
    [`accountId=${ACCOUNT}&createdAfter=2026-11-02T00:00:00Z`, [2]],
  ])("has for the query %j the transfers %j, newest first", async (query, expected) => {
    await startWithTransfers();

    expect(await days(query)).toEqual(expected);
  });

  it("sorts transfers of the same time by id", async () => {
    const same = [3, 1, 2].map((number) => transfer(number, { createdAt: "2026-11-01T10:00:00.000Z" }));
    await startWithTransfers({ transfers: () => same });

    expect((await get("/v2/transfers")).body.transfers.map((one) => one.transferId)).toEqual([id(1), id(2), id(3)]);
  });

  it("has pages, whose tokens are valid only for the same filters", async () => {
    await startWithTransfers();

    const first = await get("/v2/transfers?pageSize=2&sourceAsset=usd");
    const token = `pageSize=2&pageToken=${encodeURIComponent(first.body.nextPageToken ?? "")}`;
    const second = await get(`/v2/transfers?sourceAsset=usd&${token}`);
    const other = await get(`/v2/transfers?sourceAsset=usdc&${token}`);

    expect(first.body.transfers).toEqual([TRANSFERS[4], TRANSFERS[2]]);
    expect(second.body).toEqual({ transfers: [TRANSFERS[1], TRANSFERS[0]] });
    expect(other.response.status).toBe(400);
  });

  it.each<[string, RegExp]>([
    [`accountId=${ACCOUNT}&sourceAccountId=${OTHER_ID}`, /cannot be combined/],
    [`accountId=${ACCOUNT}&targetAccountId=${ACCOUNT}`, /cannot be combined/],
    ["accountId=account_1", /: accountId\./],
    ["sourceAccountId=me&targetAccountId=", /: sourceAccountId, targetAccountId\./],
    ["status=done", /: status\./],
    ["createdAfter=2026-11-01", /: createdAfter\./],
    ["createdBefore=2026-11-01T10:00:00", /: createdBefore\./],
    ["updatedAfter=2026-13-01T10:00:00Z", /: updatedAfter\./],
    ["updatedBefore=now", /: updatedBefore\./],
    ["sourceAddress=", /: sourceAddress\./],
    [`targetAddress=${"x".repeat(129)}`, /: targetAddress\./],
    ["targetEmail=recipient", /: targetEmail\./],
    ["transferId=1", /: transferId\./],
    ["pageSize=101", /pageSize/],
    ["pageToken=broken", /page token/],
  ])("rejects the query %s", async (query, message) => {
    await startWithTransfers();

    const { response, body } = await get(`/v2/transfers?${query}`);

    expect(response.status).toBe(400);
    expect(body).toMatchObject({ errorType: "invalid_request", errorMessage: expect.stringMatching(message) });
  });
});

it.each([
  [id(2), 200, TRANSFERS[1]],
  [id(6), 404, { errorType: "not_found" }],
  ["2", 400, { errorType: "invalid_request" }],
])("the transfer %s answers with status %d", async (transferId, status, expected) => {
  await startWithTransfers();

  const { response, body } = await get(`/v2/transfers/${transferId}`);

  expect(response.status).toBe(status);
  expect(body).toMatchObject(expected as object);
});

describe("a key", () => {
  it("without the permission reads balances, but no transfers", async () => {
    await startWithTransfers({ keys: () => keys.map((key) => ({ ...key, mayReadTransfers: false })) });

    const paths = ["/v2/transfers?status=done", `/v2/transfers/${id(1)}`, `/v2/accounts/${ACCOUNT}/balances`];
    const answers = await Promise.all(paths.map((path) => get(path)));

    expect(answers.map(({ response, body }) => [response.status, body.errorType])).toEqual([
      [403, "forbidden"],
      [403, "forbidden"],
      [200, undefined],
    ]);
  });

  it("for some accounts reads the transfers from and to them", async () => {
    await startWithTransfers({ keys: () => keys.map((key) => ({ ...key, accountIds: [OTHER_ID] })) });

    expect(await days("")).toEqual([2, 1]);
    expect(await days(`accountId=${THIRD_ID}`)).toEqual([]);
    expect((await get(`/v2/transfers/${id(3)}`)).response.status).toBe(404);
  });
});

describe("a fault of the list of transfers", () => {
  it("applies to one page, and the page number is recorded", async () => {
    const { addFault, requests } = await startWithTransfers();
    addFault({ kind: "error", status: 503, on: { path: "/transfers", page: 2 } });

    const first = await get("/v2/transfers?pageSize=2");
    const second = await get(
      `/v2/transfers?pageSize=2&pageToken=${encodeURIComponent(first.body.nextPageToken ?? "")}`,
    );

    expect([first.response.status, second.response.status]).toEqual([200, 503]);
    expect(requests.map(({ page, fault }) => [page, fault])).toEqual([
      [1, undefined],
      [2, "error"],
    ]);
  });

  it("applies to the account in the query", async () => {
    const { addFault } = await startWithTransfers();
    addFault({ kind: "error", status: 503, on: { account: ACCOUNT } });

    const one = await get(`/v2/transfers?accountId=${ACCOUNT}`);
    const other = await get(`/v2/transfers?accountId=${OTHER_ID}`);

    expect([one.response.status, other.response.status]).toEqual([503, 200]);
  });

  it("reverses the order, repeats a page token, and sends an empty one", async () => {
    const { addFault, clearFaults } = await startWithTransfers();

    addFault({ kind: "reorder" });
    const reversed = await days("");
    clearFaults();
    addFault({ kind: "repeat-token" });
    const { nextPageToken = "" } = (await get("/v2/transfers?pageSize=2")).body;
    const second = await get(`/v2/transfers?pageSize=2&pageToken=${encodeURIComponent(nextPageToken)}`);
    clearFaults();
    addFault({ kind: "empty-token" });
    const last = await get("/v2/transfers");

    expect(reversed).toEqual([1, 2, 3, 4, 5]);
    expect(second.body.nextPageToken).toBe(nextPageToken);
    expect(last.body.nextPageToken).toBe("");
  });
});
