import { afterEach, describe, expect, it } from "@jest/globals";
import { DeadlineError, WalkError } from "../../../core/domain/errors.ts";
import type { Fault } from "../../../local/simulated-cdp/faults/fault.ts";
import { ACCOUNT, account, balance, closeServers, errorOf, noDeadline, startApi } from "./harness.ts";

afterEach(closeServers);

const symbolsOf = (pass: { balances: readonly { asset: { symbol: string } }[] }) =>
  pass.balances.map(({ asset }) => asset.symbol);
const expected = (assets: number) => account(assets).balances.map(({ asset }) => asset.symbol);

describe("a pass over an account's balances", () => {
  it("brings every balance of 40 pages, as the API gave it, with one token", async () => {
    const { server, source } = await startApi({ accounts: () => [account(793)] });

    const pass = await source().pass(ACCOUNT, undefined, noDeadline());

    expect(pass.balances.map(({ asset, amounts }) => ({ asset, amount: Object.fromEntries(amounts) }))).toEqual(
      account(793).balances,
    );
    expect([pass.pages, pass.pageSize]).toEqual([40, 20]);
    expect(server.requests.map(({ page }) => page)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(new Set(server.requests.map(({ token }) => token)).size).toBe(1);
    expect(new Set(server.requests.map(({ query }) => query["pageSize"]))).toEqual(new Set(["20"]));
  });

  it("of an account that holds nothing is one page without balances", async () => {
    const { source } = await startApi({ accounts: () => [account(0)] });

    const pass = await source().pass(ACCOUNT, undefined, noDeadline());

    expect(pass).toEqual({ balances: [], pages: 1, pageSize: 20 });
  });

  it("ends at an empty token, too", async () => {
    const { server, source } = await startApi();
    server.misbehave({ kind: "empty-token" });

    const pass = await source().pass(ACCOUNT, undefined, noDeadline());

    expect(symbolsOf(pass)).toEqual(expected(45));
    expect(pass.pages).toBe(3);
  });

  it("whose token is repeated ends in an error", async () => {
    const { server, source } = await startApi();
    server.misbehave({ kind: "repeat-token", on: { page: 2 } });

    const error = await errorOf(source().pass(ACCOUNT, undefined, noDeadline()));

    expect(error).toBeInstanceOf(WalkError);
    expect(error).toMatchObject({ code: "page_token_repeated", message: expect.stringContaining(ACCOUNT) });
  });

  it("of more pages than may be ends in an error, with no balance", async () => {
    const { server, source } = await startApi();

    const error = await errorOf(source({ maxPages: 2 }).pass(ACCOUNT, undefined, noDeadline()));

    expect(error).toMatchObject({ code: "too_many_pages" });
    expect(server.requests).toHaveLength(2);
  });

  it("whose page fails for good ends in that error", async () => {
    const { server, source } = await startApi();
    server.misbehave({ kind: "error", status: 403, on: { page: 3 } });

    const error = await errorOf(source().pass(ACCOUNT, undefined, noDeadline()));

    expect(error).toMatchObject({ code: "api_forbidden" });
  });

  it("goes on where a page fails for a while", async () => {
    const { server, source } = await startApi();
    server.misbehave({ kind: "error", status: 503, on: { page: 2 }, times: 2 });

    const pass = await source().pass(ACCOUNT, undefined, noDeadline());

    expect(symbolsOf(pass)).toEqual(expected(45));
    expect([pass.pages, server.requests.length]).toEqual([3, 5]);
  });

  it("ends with the deadline's error as soon as it comes", async () => {
    const deadline = new AbortController();
    const reason = new DeadlineError("deadline_exceeded", "…");
    let handled = 0;
    const { server, source } = await startApi({
      onRequest: ({ phase }) => {
        if (phase === "handled" && ++handled === 2) deadline.abort(reason);
      },
    });

    const error = await errorOf(source().pass(ACCOUNT, undefined, deadline.signal));

    expect(error).toBe(reason);
    expect(server.requests).toHaveLength(2);
  });
});

describe("a single balance", () => {
  const asset = (symbol: string) => account(0, { balances: [balance(symbol, "7.00")] });

  it.each(["a00", "a/b?c#d", "ü €", "42"])("is asked for by its symbol: %j", async (symbol) => {
    const { server, source } = await startApi({ accounts: () => [asset(symbol)] });

    const answer = await source().balance(ACCOUNT, symbol, noDeadline());

    expect(answer).toEqual({
      asset: asset(symbol).balances[0]?.asset,
      amounts: new Map(Object.entries(asset(symbol).balances[0]?.amount ?? {})),
    });
    expect(server.requests.map(({ path, query }) => [path, query])).toEqual([
      [`/platform/v2/accounts/${ACCOUNT}/balances/${encodeURIComponent(symbol)}`, {}],
    ]);
  });

  it("that the API does not find is gone", async () => {
    const { source } = await startApi();

    expect(await source().balance(ACCOUNT, "zzz", noDeadline())).toBe("gone");
  });

  it.each<Fault>([
    { kind: "error", status: 400 },
    { kind: "error", status: 403 },
    { kind: "error", status: 503, errorType: "endpoint_unavailable" },
    { kind: "body", body: "{}" },
    { kind: "body", body: JSON.stringify(balance("another", "1")) },
  ])("of which the API will never tell is untold: %j", async (trouble) => {
    const { server, source } = await startApi();
    server.misbehave(trouble);

    expect(await source().balance(ACCOUNT, "a00", noDeadline())).toBe("untold");
  });

  it.each<[Fault, string]>([
    [{ kind: "error", status: 401 }, "api_unauthorized"],
    [{ kind: "error", status: 429 }, "api_rate_limit_exceeded"],
    [{ kind: "error", status: 500 }, "api_internal_server_error"],
    [{ kind: "reset" }, "api_unreachable"],
    [{ kind: "html", status: 502 }, "api_not_json"],
  ])("that may be told another time is an error: %j", async (trouble, code) => {
    const { server, source } = await startApi();
    server.misbehave(trouble);

    expect(await errorOf(source().balance(ACCOUNT, "a00", noDeadline()))).toMatchObject({ code });
  });
});

describe("the list of accounts", () => {
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

  it("is walked over all its pages, without a filter", async () => {
    const { server, source } = await startApi({ accounts: () => accounts });

    const listed = await source().listAccounts(noDeadline());

    expect(listed).toEqual(ids(() => true));
    expect(server.requests.map(({ query, page }) => [page, "owner" in query || "type" in query])).toEqual([
      [1, false],
      [2, false],
      [3, false],
    ]);
  });

  it.each<[string, { owner?: string; type?: string }, (i: number) => boolean]>([
    ["an owner", { owner: CUSTOMER }, (i) => i % 2 === 1],
    ["two owners", { owner: `entity,${CUSTOMER}` }, () => true],
    ["a type", { type: "cdp" }, (i) => i % 3 === 2],
    ["both", { owner: ENTITY, type: "prime" }, (i) => i % 6 === 0],
  ])("is that of the filters, on every page: %s", async (_, filters, keep) => {
    const { server, source } = await startApi({ accounts: () => accounts });

    const listed = await source({ pageSize: 5, ...filters }).listAccounts(noDeadline());

    expect(listed).toEqual(ids(keep));
    expect(server.requests.length).toBeGreaterThan(1);
    for (const { query } of server.requests) expect(query).toMatchObject({ ...filters, pageSize: "5" });
  });

  it("names an account once that was seen on two pages", async () => {
    const { server, source } = await startApi({ accounts: () => accounts });
    server.misbehave({ kind: "reorder", on: { page: 2 }, times: 1 });

    const listed = await source().listAccounts(noDeadline());

    expect(new Set(listed).size).toBe(listed.length);
  });

  it("with a filter that the API refuses is an error", async () => {
    const { source } = await startApi({ accounts: () => accounts });

    const error = await errorOf(source({ pageSize: 100, owner: "someone" }).listAccounts(noDeadline()));

    expect(error).toMatchObject({ code: "api_invalid_request", message: expect.stringContaining("owner") });
  });
});
