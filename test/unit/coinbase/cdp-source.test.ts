import { randomUUID } from "node:crypto";
import type { ApiError } from "../../../core/domain/errors.ts";
import type { Fault } from "../../../local/simulated-cdp/faults/fault.ts";
import { afterEach, describe, expect, it, jest } from "../../support/jest.ts";
import { ACCOUNT, account, balance, closeServers, errorOf, noDeadline, startApi } from "./harness.ts";

afterEach(async () => {
  jest.restoreAllMocks();
  await closeServers();
});

describe("pass", () => {
  it("returns every balance of 40 pages unchanged, and signs one token for them", async () => {
    const { server, source } = await startApi({ accounts: () => [account(793)] });

    const pass = await source({ maxPages: 40 }).pass(ACCOUNT, noDeadline());

    expect(pass.balances.map(({ asset, amounts }) => ({ asset, amount: Object.fromEntries(amounts) }))).toEqual(
      account(793).balances,
    );
    expect(pass.pages).toBe(40);
    expect(server.requests.map(({ page }) => page)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(new Set(server.requests.map(({ token }) => token)).size).toBe(1);
    expect(new Set(server.requests.map(({ query }) => query["pageSize"]))).toEqual(new Set(["20"]));
  });
});

const ERROR_IN_200 = '{"errorType":"internal_server_error","errorMessage":"Oh.","correlationId":"c-1"}';

describe("balance", () => {
  const asset = (symbol: string) => account(0, { balances: [balance(symbol, "7.00")] });

  it.each(["a00", "a/b?c#d", "ü €"])("requests the asset %j by its escaped symbol", async (symbol) => {
    const { server, source } = await startApi({ accounts: () => [asset(symbol)] });

    const held = await source().balance(ACCOUNT, symbol, noDeadline());

    expect(held).toEqual({
      asset: asset(symbol).balances[0]?.asset,
      amounts: new Map(Object.entries(asset(symbol).balances[0]?.amount ?? {})),
    });
    expect(server.requests.map(({ path, query }) => [path, query])).toEqual([
      [`/platform/v2/accounts/${ACCOUNT}/balances/${encodeURIComponent(symbol)}`, {}],
    ]);
  });

  it.each<[string, Fault]>([
    ["absent", { kind: "error", status: 404, errorType: "not_found" }],
    ["unknown", { kind: "error", status: 503, errorType: "endpoint_unavailable" }],
    ["unknown", { kind: "body", body: "{}" }],
    ["absent", { kind: "body", body: '{"errorType":"not_found","errorMessage":"No."}' }],
    // What may pass fails the walk.
    ["ApiError api_internal_server_error", { kind: "error", status: 500 }],
    ["ApiError api_internal_server_error", { kind: "body", body: ERROR_IN_200 }],
  ])("results in %s after %j", async (expected, fault) => {
    const { server, source } = await startApi();
    server.addFault(fault);

    const result = await source()
      .balance(ACCOUNT, "a00", noDeadline())
      .catch(({ name, code }: ApiError) => `${name} ${code}`);

    expect(result).toBe(expected);
  });

  it("has the symbol of the response if the API has renamed the asset", async () => {
    const { server, source } = await startApi();
    server.addFault({ kind: "body", body: JSON.stringify(balance("pol", "1")) });

    const renamed = await source().balance(ACCOUNT, "matic", noDeadline());

    expect(renamed).toMatchObject({ asset: { symbol: "pol" } });
  });
});

describe("listAccounts", () => {
  it("reads a list with more pages than an account may have", async () => {
    const accountIds = Array.from({ length: 45 }, () => `account_${randomUUID()}`);
    const { source } = await startApi({ accounts: () => accountIds.map((accountId) => account(0, { accountId })) });

    const listed = await source({ maxPages: 2 }).listAccounts(noDeadline());

    expect(new Set(listed.map(({ accountId }) => accountId))).toEqual(new Set(accountIds));
  });

  const uuid = (i: number) => `af2937b0-9846-4fe7-bfe9-${String(i).padStart(12, "0")}`;
  const ENTITY = `entity_${uuid(1)}`;
  const CUSTOMER = `customer_${uuid(2)}`;
  const accounts = Array.from({ length: 50 }, (_, i) =>
    account(0, {
      accountId: `account_${uuid(i)}`,
      type: ["prime", "business", "cdp"][i % 3] ?? "",
      owner: i % 2 === 0 ? ENTITY : CUSTOMER,
      createdAt: new Date(Date.UTC(2026, 0, 1) - i * 1000).toISOString(),
    }),
  );
  const ids = (keep: (i: number) => boolean) => accounts.filter((_, i) => keep(i)).map(({ accountId }) => accountId);
  const idsOf = (listed: readonly { accountId: string }[]) => listed.map(({ accountId }) => accountId);

  it.each<[string, { owner?: string; type?: string }, (i: number) => boolean]>([
    ["without a filter", {}, () => true],
    ["of an owner and a type", { owner: ENTITY, type: "prime" }, (i) => i % 6 === 0],
  ])("returns the accounts of all pages %s", async (_, filters, keep) => {
    const { server, source } = await startApi({ accounts: () => accounts });

    const listed = await source({ pageSize: 5, ...filters }).listAccounts(noDeadline());

    expect(idsOf(listed)).toEqual(ids(keep));
    expect(listed[0]).toMatchObject({ type: "prime", owner: ENTITY });
    expect(server.requests.length).toBeGreaterThan(1);
    for (const { query } of server.requests) {
      const { pageToken: _, ...others } = query;
      expect(others).toEqual({ ...filters, pageSize: "5" });
    }
  });

  it("returns an account that was on two pages once", async () => {
    const { server, source } = await startApi({ accounts: () => accounts });
    server.addFault({ kind: "reorder", on: { page: 2 }, times: 1 });

    const listed = await source().listAccounts(noDeadline());

    expect(new Set(idsOf(listed)).size).toBe(listed.length);
  });

  it("needs no description, so that an unexpected one fails no run", async () => {
    const { server, source } = await startApi();
    const { accountId } = account(0);
    server.addFault({ kind: "body", body: JSON.stringify({ accounts: [{ accountId, type: 7, owner: null }] }) });

    expect(await source().listAccounts(noDeadline())).toEqual([{ accountId, name: "" }]);
  });
});

const OTHER = "account_00000000-9846-4fe7-bfe9-ccc22d935114";
const DEFAULT = { pageSize: undefined };
const sizes = (requests: readonly { query: Record<string, string> }[]) =>
  requests.map(({ query }) => Number(query["pageSize"]));

describe("the page size", () => {
  it.each([
    ["100 if the API accepts it", DEFAULT, 100, [100, 100]],
    ["20 if the API rejects 100", DEFAULT, 50, [100, ...Array(8).fill(20)]],
    ["20 if the API rejects the configured size", { pageSize: 500 }, 200, [500, ...Array(8).fill(20)]],
  ])("is %s", async (_, settings, maxPageSize, expected) => {
    const { server, source } = await startApi({ maxPageSize, accounts: () => [account(145)] });

    const pass = await source(settings).pass(ACCOUNT, noDeadline());

    expect(sizes(server.requests)).toEqual(expected);
    expect(pass.balances).toHaveLength(145);
  });

  it("is remembered for all accounts once 100 was rejected, and separately for the list of accounts", async () => {
    const accounts = () => [account(3), account(3, { accountId: OTHER })];
    const { server, source } = await startApi({ maxPageSize: 50, accounts });
    const balances = source(DEFAULT);

    await balances.pass(ACCOUNT, noDeadline());
    await balances.pass(OTHER, noDeadline());
    await balances.listAccounts(noDeadline());
    await balances.listAccounts(noDeadline());

    expect(sizes(server.requests)).toEqual([100, 20, 20, 100, 20, 20]);
  });

  it("falls back after a 400 with an unknown error type", async () => {
    const { server, source } = await startApi();
    server.addFault({ kind: "error", status: 400, errorType: "page_size_too_large", times: 1 });

    const pass = await source(DEFAULT).pass(ACCOUNT, noDeadline());

    expect(sizes(server.requests).slice(0, 2)).toEqual([100, 20]);
    expect(pass.balances).toHaveLength(45);
  });

  it("falls back to 20 for one account only after its page was larger than the client accepts", async () => {
    const { server, source } = await startApi({ accounts: () => [account(3), account(3, { accountId: OTHER })] });
    const balances = source(DEFAULT);
    server.addFault({ kind: "body", body: " ".repeat(17 * 1024 * 1024), times: 1 });

    const pass = await balances.pass(ACCOUNT, noDeadline());
    await balances.pass(OTHER, noDeadline());

    expect(pass.balances).toHaveLength(3);
    expect(sizes(server.requests)).toEqual([100, 20, 100]);
  });

  it("does not change after a 400 that a smaller page does not avoid", async () => {
    const { server, source } = await startApi();
    server.addFault({ kind: "error", status: 400, message: "Simulated.", on: { account: ACCOUNT } });
    const balances = source({ pageSize: 40 });

    const error = await errorOf(balances.pass(ACCOUNT, noDeadline()));
    server.clearFaults();
    await balances.pass(ACCOUNT, noDeadline());

    expect(error).toMatchObject({ code: "api_invalid_request", message: expect.stringContaining("Simulated") });
    expect(sizes(server.requests)).toEqual([40, 20, 40, 40]);
  });

  it.each([
    ["a 400 for 20 balances", { pageSize: 20 }, { status: 400 }, [20]],
    ["a 400 for a later page", { pageSize: 30 }, { status: 400, on: { page: 2 } }, [30, 30]],
  ])("does not fall back after %s", async (_, settings, fault, expected) => {
    const { server, source } = await startApi();
    server.addFault({ kind: "error", ...fault });

    await errorOf(source(settings).pass(ACCOUNT, noDeadline()));

    expect(sizes(server.requests)).toEqual(expected);
  });
});
