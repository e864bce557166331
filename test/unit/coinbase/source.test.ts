import { afterEach, describe, expect, it } from "@jest/globals";
import { ApiError, DeadlineError, WalkError } from "../../../lambda/domain/errors.ts";
import {
  ACCOUNT,
  account,
  balance,
  closeServers,
  errorOf,
  noDeadline,
  startApi,
  startPlainServer,
  testClock,
} from "./harness.ts";

afterEach(closeServers);

const OTHER = "account_00000000-9846-4fe7-bfe9-ccc22d935114";
const symbolsOf = (walk: { balances: readonly { asset: { symbol: string } }[] }) =>
  walk.balances.map(({ asset }) => asset.symbol);
const expected = (assets: number) => account(assets).balances.map(({ asset }) => asset.symbol);

describe("a walk", () => {
  it("brings every balance of 40 pages, as the API gave it, with one token", async () => {
    const { server, source } = await startApi({ accounts: () => [account(793)] });

    const walk = await source().walk(ACCOUNT, noDeadline());

    expect(walk.balances.map(({ asset, amounts }) => ({ asset, amount: Object.fromEntries(amounts) }))).toEqual(
      account(793).balances,
    );
    expect([walk.pages, walk.consistency]).toEqual([40, "clean"]);
    expect(server.requests.map(({ page }) => page)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(new Set(server.requests.map(({ token }) => token)).size).toBe(1);
    expect(new Set(server.requests.map(({ query }) => query["pageSize"]))).toEqual(new Set(["20"]));
  });

  it("of an account that holds nothing is one page without balances", async () => {
    const { source } = await startApi({ accounts: () => [account(0)] });

    const walk = await source().walk(ACCOUNT, noDeadline());

    expect(walk).toMatchObject({ balances: [], pages: 1, consistency: "clean" });
  });

  it("ends at an empty token, too", async () => {
    const { server, source } = await startApi();
    server.misbehave({ kind: "empty-token" });

    const walk = await source().walk(ACCOUNT, noDeadline());

    expect(symbolsOf(walk)).toEqual(expected(45));
    expect(walk.pages).toBe(3);
  });

  it("notes when its first page was asked for, and when its last one had arrived", async () => {
    const clock = testClock("2026-11-23T10:00:00.000Z");
    const onRequest = ({ phase }: { phase: string }) => (phase === "handled" ? clock.advance(1_000) : undefined);
    const { source } = await startApi({ clock, onRequest });

    const walk = await source().walk(ACCOUNT, noDeadline());

    expect(new Date(walk.capturedAt).toISOString()).toBe("2026-11-23T10:00:00.000Z");
    expect(new Date(walk.completedAt).toISOString()).toBe("2026-11-23T10:00:03.000Z");
  });

  it("whose token is repeated ends in an error", async () => {
    const { server, source } = await startApi();
    server.misbehave({ kind: "repeat-token", on: { page: 2 } });

    const error = await errorOf(source().walk(ACCOUNT, noDeadline()));

    expect(error).toBeInstanceOf(WalkError);
    expect(error).toMatchObject({ code: "page_token_repeated", message: expect.stringContaining(ACCOUNT) });
  });

  it("of more pages than may be ends in an error, with no balance", async () => {
    const { server, source } = await startApi();

    const error = await errorOf(source({ maxPages: 2 }).walk(ACCOUNT, noDeadline()));

    expect(error).toMatchObject({ code: "too_many_pages" });
    expect(server.requests).toHaveLength(2);
  });

  it("whose page fails for good ends in that error", async () => {
    const { server, source } = await startApi();
    server.misbehave({ kind: "error", status: 403, on: { page: 3 } });

    const error = await errorOf(source().walk(ACCOUNT, noDeadline()));

    expect(error).toMatchObject({ code: "api_forbidden" });
  });

  it("goes on where a page fails for a while", async () => {
    const { server, source } = await startApi();
    server.misbehave({ kind: "error", status: 503, on: { page: 2 }, times: 2 });

    const walk = await source().walk(ACCOUNT, noDeadline());

    expect(symbolsOf(walk)).toEqual(expected(45));
    expect([walk.pages, server.requests.length]).toEqual([3, 5]);
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

    const error = await errorOf(source().walk(ACCOUNT, deadline.signal));

    expect(error).toBe(reason);
    expect(server.requests).toHaveLength(2);
  });
});

describe("an asset that is seen twice", () => {
  it("leads to a second walk, which counts with its own times if it shows none twice", async () => {
    const clock = testClock();
    const onRequest = ({ phase }: { phase: string }) => (phase === "handled" ? clock.advance(1_000) : undefined);
    const { server, source } = await startApi({ clock, onRequest });
    server.misbehave({ kind: "reorder", on: { page: 2 }, times: 1 });

    const walk = await source().walk(ACCOUNT, noDeadline());

    expect(symbolsOf(walk)).toEqual(expected(45));
    expect([walk.consistency, walk.pages]).toEqual(["rewalked", 3]);
    expect(server.requests.map(({ page }) => page)).toEqual([1, 2, 3, 1, 2, 3]);
    expect([walk.capturedAt, walk.completedAt].map((ms) => new Date(ms).toISOString())).toEqual([
      "2026-11-23T10:00:03.000Z",
      "2026-11-23T10:00:06.000Z",
    ]);
  });

  it("in two walks leads to a third", async () => {
    const { server, source } = await startApi();
    server.misbehave({ kind: "reorder", on: { page: 3 }, times: 2 });

    const walk = await source().walk(ACCOUNT, noDeadline());

    expect([walk.consistency, symbolsOf(walk).length, server.requests.length]).toEqual(["rewalked", 45, 9]);
  });

  it("in three walks is told as reordered: there is no fourth", async () => {
    const { server, source } = await startApi();
    server.misbehave({ kind: "reorder", on: { page: 2 } });

    const walk = await source().walk(ACCOUNT, noDeadline());

    expect([walk.consistency, walk.pages, server.requests.length]).toEqual(["reordered", 3, 9]);
    expect(new Set(symbolsOf(walk)).size).toBe(symbolsOf(walk).length);
  });

  it("counts as it was seen last, where all walks show one twice", async () => {
    let asked = 0;
    const held = (total: string) => ({ balances: [balance("a", "1", total)] });
    const { url } = await startPlainServer((_, response) => {
      const page = asked++ % 2;
      response.end(JSON.stringify({ ...held(page === 0 ? "1" : "2"), ...(page === 0 && { nextPageToken: "t" }) }));
    });
    const { source } = await startApi({ settings: { baseUrl: url } });

    const walk = await source().walk(ACCOUNT, noDeadline());

    expect(walk).toMatchObject({ consistency: "reordered", pages: 2 });
    expect(walk.balances.map(({ amounts }) => amounts.get("a")?.total)).toEqual(["2"]);
  });

  it("within one page leads to a second walk as well", async () => {
    const { server, source } = await startApi();
    const twice = [balance("a", "1"), balance("a", "1")];
    server.misbehave({ kind: "body", body: JSON.stringify({ balances: twice }), times: 1 });

    const walk = await source().walk(ACCOUNT, noDeadline());

    expect([walk.consistency, server.requests.length]).toEqual(["rewalked", 4]);
  });
});

describe("the page size", () => {
  const sizes = (requests: readonly { query: Record<string, string> }[]) =>
    requests.map(({ query }) => query["pageSize"]);

  it("is asked for with every page", async () => {
    const { server, source } = await startApi();

    await source({ pageSize: 30 }).walk(ACCOUNT, noDeadline());

    expect(sizes(server.requests)).toEqual(["30", "30"]);
  });

  it("that is refused falls back to 20 for the whole walk, and for all that come after", async () => {
    const { server, source } = await startApi({
      maxPageSize: 50,
      accounts: () => [account(45), account(3, { accountId: OTHER })],
    });
    const balances = source({ pageSize: 100 });

    const walk = await balances.walk(ACCOUNT, noDeadline());
    await balances.walk(OTHER, noDeadline());
    await balances.listAccounts(noDeadline());

    expect(symbolsOf(walk)).toEqual(expected(45));
    expect([walk.pages, walk.consistency]).toEqual([3, "clean"]);
    expect(sizes(server.requests)).toEqual(["100", "20", "20", "20", "20", "20"]);
    expect(server.requests.map(({ status }) => status)).toEqual([400, 200, 200, 200, 200, 200]);
  });

  it("that is refused in many walks at once falls back in each of them", async () => {
    const { source } = await startApi({ maxPageSize: 50 });
    const balances = source({ pageSize: 100 });

    const walks = await Promise.all(Array.from({ length: 5 }, () => balances.walk(ACCOUNT, noDeadline())));

    expect(walks.map((walk) => symbolsOf(walk).length)).toEqual([45, 45, 45, 45, 45]);
  });

  it("is not what another 400 is about: that is the error, and the size stays for the others", async () => {
    const { server, source } = await startApi();
    server.misbehave({ kind: "error", status: 400, message: "Simulated.", on: { account: ACCOUNT } });
    const balances = source({ pageSize: 40 });

    const error = await errorOf(balances.walk(ACCOUNT, noDeadline()));
    server.behave();
    const walk = await balances.walk(ACCOUNT, noDeadline());

    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code: "api_invalid_request", message: expect.stringContaining("Simulated") });
    expect(walk.pages).toBe(2);
    expect(sizes(server.requests)).toEqual(["40", "20", "40", "40"]);
  });

  it.each([20, 5])("of %d, which cannot be the trouble, is not asked for differently", async (pageSize) => {
    const { server, source } = await startApi();
    server.misbehave({ kind: "error", status: 400 });

    const error = await errorOf(source({ pageSize }).walk(ACCOUNT, noDeadline()));

    expect(error).toMatchObject({ code: "api_invalid_request" });
    expect(sizes(server.requests)).toEqual([String(pageSize)]);
  });

  it("is not changed in the middle of a walk", async () => {
    const { server, source } = await startApi();
    server.misbehave({ kind: "error", status: 400, on: { page: 2 } });

    const error = await errorOf(source({ pageSize: 30 }).walk(ACCOUNT, noDeadline()));

    expect(error).toMatchObject({ code: "api_invalid_request" });
    expect(sizes(server.requests)).toEqual(["30", "30"]);
  });

  it.each([403, 404])("has nothing to do with a %d", async (status) => {
    const { server, source } = await startApi();
    server.misbehave({ kind: "error", status });

    await errorOf(source({ pageSize: 100 }).walk(ACCOUNT, noDeadline()));

    expect(sizes(server.requests)).toEqual(["100"]);
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
