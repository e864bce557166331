import { afterEach, describe, expect, it } from "@jest/globals";
import { ACCOUNT, account, closeServers, errorOf, noDeadline, startApi, startPlainServer } from "./harness.ts";

afterEach(closeServers);

const OTHER = "account_00000000-9846-4fe7-bfe9-ccc22d935114";
const DEFAULT = { pageSize: undefined };
const sizes = (requests: readonly { query: Record<string, string> }[]) =>
  requests.map(({ query }) => Number(query["pageSize"]));

describe("the page size", () => {
  it.each([
    ["100 if the API accepts it", DEFAULT, 100, [100, 100]],
    ["20 if the API rejects 100", DEFAULT, 50, [100, ...Array(8).fill(20)]],
    ["the configured size if the API accepts it", { pageSize: 60 }, 100, [60, 60, 60]],
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

  it("falls back if a page is larger than the client accepts", async () => {
    const { url, requests } = await startPlainServer(({ url: path }, response) => {
      const size = Number(new URL(path ?? "", "http://host").searchParams.get("pageSize"));
      response.end(size > 50 ? Buffer.alloc(17 * 1024 * 1024, 32) : '{"balances":[]}');
    });
    const { source } = await startApi({ settings: { baseUrl: url, maxAttempts: 1 } });

    await source(DEFAULT).pass(ACCOUNT, noDeadline());

    expect(requests).toHaveLength(2);
  });

  it("falls back after a 400 with an unknown error type", async () => {
    const { server, source } = await startApi();
    server.misbehave({ kind: "error", status: 400, errorType: "page_size_too_large", times: 1 });

    const pass = await source(DEFAULT).pass(ACCOUNT, noDeadline());

    expect(sizes(server.requests).slice(0, 2)).toEqual([100, 20]);
    expect(pass.balances).toHaveLength(45);
  });

  it("stays large for other accounts after one account's page was larger than the client accepts", async () => {
    const { url, requests } = await startPlainServer(({ url: path }, response) => {
      const isLarge = path?.includes(ACCOUNT) && path.includes("pageSize=100");
      response.end(isLarge ? Buffer.alloc(17 * 1024 * 1024, 32) : '{"balances":[]}');
    });
    const { source } = await startApi({ settings: { baseUrl: url } });
    const balances = source(DEFAULT);

    await balances.pass(ACCOUNT, noDeadline());
    await balances.pass(OTHER, noDeadline());

    const queries = requests.map(({ url: path }) => new URL(path ?? "", url).searchParams.get("pageSize"));
    expect(queries).toEqual(["100", "20", "100"]);
  });

  it("does not change after a 400 that a smaller page does not avoid", async () => {
    const { server, source } = await startApi();
    server.misbehave({ kind: "error", status: 400, message: "Simulated.", on: { account: ACCOUNT } });
    const balances = source({ pageSize: 40 });

    const error = await errorOf(balances.pass(ACCOUNT, noDeadline()));
    server.behave();
    await balances.pass(ACCOUNT, noDeadline());

    expect(error).toMatchObject({ code: "api_invalid_request", message: expect.stringContaining("Simulated") });
    expect(sizes(server.requests)).toEqual([40, 20, 40, 40]);
  });

  it.each([
    ["a 400 for 20 balances", { pageSize: 20 }, { status: 400 }, [20]],
    ["a 400 for a later page", { pageSize: 30 }, { status: 400, on: { page: 2 } }, [30, 30]],
  ])("does not fall back after %s", async (_, settings, fault, expected) => {
    const { server, source } = await startApi();
    server.misbehave({ kind: "error", ...fault });

    await errorOf(source(settings).pass(ACCOUNT, noDeadline()));

    expect(sizes(server.requests)).toEqual(expected);
  });
});
