import { afterEach, describe, expect, it } from "@jest/globals";
import { ApiError } from "../../../core/domain/errors.ts";
import { ACCOUNT, account, closeServers, errorOf, noDeadline, startApi, startPlainServer } from "./harness.ts";

afterEach(closeServers);

const OTHER = "account_00000000-9846-4fe7-bfe9-ccc22d935114";
const LARGEST = { pageSize: undefined };
const sizes = (requests: readonly { query: Record<string, string> }[]) =>
  requests.map(({ query }) => Number(query["pageSize"]));

describe("the page size", () => {
  it("that is configured is asked for with every page", async () => {
    const { server, source } = await startApi();

    const pass = await source({ pageSize: 30 }).pass(ACCOUNT, noDeadline());

    expect([sizes(server.requests), pass.pageSize]).toEqual([[30, 30], 30]);
  });

  it("is the largest that the server takes, found once for all accounts", async () => {
    const { server, source } = await startApi({
      maxPageSize: 100,
      accounts: () => [account(145), account(3, { accountId: OTHER })],
    });
    const balances = source(LARGEST);

    const pass = await balances.pass(ACCOUNT, noDeadline());
    await balances.pass(OTHER, noDeadline());

    expect([pass.balances.length, pass.pages, pass.pageSize]).toEqual([145, 2, 100]);
    expect(sizes(server.requests)).toEqual([1000, 500, 250, 200, 100, 100, 100]);
    expect(server.requests.map(({ status }) => status)).toEqual([400, 400, 400, 400, 200, 200, 200]);
  });

  it("begins with what was taken the last time, and never with more than is configured", async () => {
    const { server, source } = await startApi({ maxPageSize: 100 });

    await source(LARGEST).pass(ACCOUNT, noDeadline());
    await source({ pageSize: 50 }).pass(ACCOUNT, noDeadline());

    expect(sizes(server.requests)).toEqual([100, 50]);
  });

  it("of the last time that is now too large is found anew, as is one between the usual sizes", async () => {
    const { server, source } = await startApi({ maxPageSize: 50 });

    const pass = await source(LARGEST).pass(ACCOUNT, noDeadline());

    expect([sizes(server.requests), pass.balances.length]).toEqual([[120, 100, 50], 45]);
  });

  it("of the list of accounts is found by itself", async () => {
    const { server, source } = await startApi({ maxPageSize: 200 });
    const balances = source(LARGEST);

    await balances.pass(ACCOUNT, noDeadline());
    await balances.listAccounts(noDeadline());
    await balances.listAccounts(noDeadline());

    expect(sizes(server.requests)).toEqual([200, 1000, 500, 250, 200, 200]);
  });

  it("that is refused in many passes at once falls back in each of them", async () => {
    const { source } = await startApi({ maxPageSize: 50 });
    const balances = source(LARGEST);

    const passes = await Promise.all(Array.from({ length: 5 }, () => balances.pass(ACCOUNT, noDeadline())));

    expect(passes.map((pass) => [pass.balances.length, pass.pageSize])).toEqual(Array(5).fill([45, 50]));
  });

  it("is smaller where a page is larger than the client takes", async () => {
    const { url, requests } = await startPlainServer(({ url: asked }, response) => {
      const size = Number(new URL(asked ?? "", "http://host").searchParams.get("pageSize"));
      response.end(size > 100 ? Buffer.alloc(17 * 1024 * 1024, 32) : '{"balances":[]}');
    });
    const { source } = await startApi({ settings: { baseUrl: url, maxAttempts: 1, requestTimeoutMs: 30_000 } });

    const pass = await source({ pageSize: 200 }).pass(ACCOUNT, noDeadline());

    expect([pass.pageSize, requests.length]).toEqual([100, 2]);
  });

  it("is not what another 400 is about: that is the error, and the size stays for the others", async () => {
    const { server, source } = await startApi();
    server.misbehave({ kind: "error", status: 400, message: "Simulated.", on: { account: ACCOUNT } });
    const balances = source({ pageSize: 40 });

    const error = await errorOf(balances.pass(ACCOUNT, noDeadline()));
    server.behave();
    const pass = await balances.pass(ACCOUNT, noDeadline());

    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code: "api_invalid_request", message: expect.stringContaining("Simulated") });
    expect(pass.pages).toBe(2);
    expect(sizes(server.requests)).toEqual([40, 20, 40, 40]);
  });

  it.each([20, 5])("of %d, which cannot be the trouble, is not asked for differently", async (pageSize) => {
    const { server, source } = await startApi();
    server.misbehave({ kind: "error", status: 400 });

    const error = await errorOf(source({ pageSize }).pass(ACCOUNT, noDeadline()));

    expect(error).toMatchObject({ code: "api_invalid_request" });
    expect(sizes(server.requests)).toEqual([pageSize]);
  });

  it("is not changed in the middle of a pass", async () => {
    const { server, source } = await startApi();
    server.misbehave({ kind: "error", status: 400, on: { page: 2 } });

    const error = await errorOf(source({ pageSize: 30 }).pass(ACCOUNT, noDeadline()));

    expect(error).toMatchObject({ code: "api_invalid_request" });
    expect(sizes(server.requests)).toEqual([30, 30]);
  });

  it.each([403, 404])("has nothing to do with a %d", async (status) => {
    const { server, source } = await startApi();
    server.misbehave({ kind: "error", status });

    await errorOf(source({ pageSize: 100 }).pass(ACCOUNT, noDeadline()));

    expect(sizes(server.requests)).toEqual([100]);
  });
});
