import { afterEach, describe, expect, it } from "@jest/globals";
import type { Fault } from "../../../local/simulated-cdp/faults/fault.ts";
import { ACCOUNT, account, balance, closeServers, errorOf, noDeadline, startApi } from "./harness.ts";

afterEach(closeServers);

describe("pass", () => {
  it("returns every balance of 40 pages unchanged, and signs one token for them", async () => {
    const { server, source } = await startApi({ accounts: () => [account(793)] });

    const pass = await source().pass(ACCOUNT, noDeadline());

    expect(pass.balances.map(({ asset, amounts }) => ({ asset, amount: Object.fromEntries(amounts) }))).toEqual(
      account(793).balances,
    );
    expect(pass.pages).toBe(40);
    expect(server.requests.map(({ page }) => page)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(new Set(server.requests.map(({ token }) => token)).size).toBe(1);
    expect(new Set(server.requests.map(({ query }) => query["pageSize"]))).toEqual(new Set(["20"]));
  });

  it("returns one page without balances for an account that holds nothing", async () => {
    const { source } = await startApi({ accounts: () => [account(0)] });

    expect(await source().pass(ACCOUNT, noDeadline())).toEqual({ balances: [], pages: 1 });
  });

  it("ends at an empty page token", async () => {
    const { server, source } = await startApi();
    server.misbehave({ kind: "empty-token" });

    expect(await source().pass(ACCOUNT, noDeadline())).toMatchObject({ balances: { length: 45 }, pages: 3 });
  });

  it.each<[string, Fault[], { maxPages?: number }, number]>([
    ["page_token_repeated", [{ kind: "repeat-token", on: { page: 2 } }], {}, 2],
    ["too_many_pages", [], { maxPages: 2 }, 2],
    ["api_forbidden", [{ kind: "error", status: 403, on: { page: 3 } }], {}, 3],
  ])("throws %s, and names the account", async (code, faults, settings, requests) => {
    const { server, source } = await startApi();
    for (const fault of faults) server.misbehave(fault);

    const error = await errorOf(source(settings).pass(ACCOUNT, noDeadline()));

    expect(error).toMatchObject({ code, message: expect.stringContaining(ACCOUNT) });
    expect(server.requests).toHaveLength(requests);
  });
});

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

  it("returns absent if the API does not find the asset", async () => {
    const { source } = await startApi();

    expect(await source().balance(ACCOUNT, "zzz", noDeadline())).toBe("absent");
  });

  it.each<Fault>([
    { kind: "error", status: 403 },
    { kind: "error", status: 503, errorType: "endpoint_unavailable" },
    { kind: "body", body: "{}" },
    { kind: "body", body: JSON.stringify(balance("another", "1")) },
  ])("returns unknown after a failure that lasts: %j", async (fault) => {
    const { server, source } = await startApi();
    server.misbehave(fault);

    expect(await source().balance(ACCOUNT, "a00", noDeadline())).toBe("unknown");
  });

  it.each<[Fault, string]>([
    [{ kind: "error", status: 401 }, "api_unauthorized"],
    [{ kind: "error", status: 500 }, "api_internal_server_error"],
    [{ kind: "reset" }, "api_unreachable"],
  ])("throws after a failure that may pass: %j", async (fault, code) => {
    const { server, source } = await startApi();
    server.misbehave(fault);

    expect(await errorOf(source().balance(ACCOUNT, "a00", noDeadline()))).toMatchObject({ code });
  });
});

describe("listAccounts", () => {
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

  it.each<[string, { owner?: string; type?: string }, (i: number) => boolean]>([
    ["without a filter", {}, () => true],
    ["of an owner", { owner: CUSTOMER }, (i) => i % 2 === 1],
    ["of an owner and a type", { owner: ENTITY, type: "prime" }, (i) => i % 6 === 0],
  ])("returns the accounts of all pages %s", async (_, filters, keep) => {
    const { server, source } = await startApi({ accounts: () => accounts });

    const listed = await source({ pageSize: 5, ...filters }).listAccounts(noDeadline());

    expect(listed).toEqual(ids(keep));
    expect(server.requests.length).toBeGreaterThan(1);
    for (const { query } of server.requests) {
      const { pageToken: _, ...others } = query;
      expect(others).toEqual({ ...filters, pageSize: "5" });
    }
  });

  it("returns an account that was on two pages once", async () => {
    const { server, source } = await startApi({ accounts: () => accounts });
    server.misbehave({ kind: "reorder", on: { page: 2 }, times: 1 });

    const listed = await source().listAccounts(noDeadline());

    expect(new Set(listed).size).toBe(listed.length);
  });
});
