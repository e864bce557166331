import { afterEach, describe, expect, it } from "@jest/globals";
import type { ApiError } from "../../../core/domain/errors.ts";
import type { Fault } from "../../../local/simulated-cdp/faults/fault.ts";
import { ACCOUNT, account, balance, closeServers, noDeadline, startApi } from "./harness.ts";

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

  it.each<[string, Fault]>([
    ["absent", { kind: "error", status: 404, errorType: "not_found" }],
    ["unknown", { kind: "error", status: 403 }],
    ["unknown", { kind: "error", status: 503, errorType: "endpoint_unavailable" }],
    ["unknown", { kind: "body", body: JSON.stringify(balance("another", "1")) }],
    // What may pass fails the walk.
    ["ApiError api_unauthorized", { kind: "error", status: 401 }],
    ["ApiError api_internal_server_error", { kind: "error", status: 500 }],
    ["ApiError api_unreachable", { kind: "reset" }],
  ])("results in %s after %j", async (expected, fault) => {
    const { server, source } = await startApi();
    server.misbehave(fault);

    const result = await source()
      .balance(ACCOUNT, "a00", noDeadline())
      .catch(({ name, code }: ApiError) => `${name} ${code}`);

    expect(result).toBe(expected);
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
