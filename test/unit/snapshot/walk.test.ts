import { afterEach, describe, expect, it } from "@jest/globals";
import type { Walk } from "../../../core/domain/snapshot.ts";
import { type Previous, walk } from "../../../core/snapshot/walk.ts";
import type { SimulatedAccount } from "../../../local/simulated-cdp/server.ts";
import {
  ACCOUNT,
  type Api,
  type ApiOptions,
  account,
  balance,
  closeServers,
  noDeadline,
  startApi,
  startPlainServer,
  testClock,
} from "../coinbase/harness.ts";

afterEach(closeServers);

const symbolsOf = ({ balances }: { balances: readonly { asset: { symbol: string } }[] }) =>
  balances.map(({ asset }) => asset.symbol);
const sorted = (symbols: Iterable<string>) => [...symbols].sort();
const all45 = symbolsOf(account(45));
const pagesOf = ({ server }: Api) => server.requests.map(({ page }) => page);

/** Returns a previous snapshot with these assets. */
const heldBefore = (symbols: readonly string[], unsettled: readonly string[] = []): Previous => ({
  balances: new Map(symbols.map((symbol) => [symbol, new Map([[symbol, { available: "1", total: "1" }]])])),
  unsettled,
});

async function startWalk(options: ApiOptions = {}): Promise<Api & { walk(previous?: Previous): Promise<Walk> }> {
  const clock = options.clock ?? testClock();
  const api = await startApi({ ...options, clock });
  return { ...api, walk: (previous) => walk({ source: api.source(), clock }, ACCOUNT, previous, noDeadline()) };
}

/** Hides assets from the list, but not from questions for single assets. */
function hiding(hidden: Set<string>): { accounts: () => SimulatedAccount[]; asked(path: string): void } {
  let single = false;
  return {
    asked: (path) => {
      single = /balances\/./.test(path);
    },
    accounts: () => [
      account(45, { balances: account(45).balances.filter(({ asset }) => single || !hidden.has(asset.symbol)) }),
    ],
  };
}

describe("the last pass of a walk", () => {
  it.each([
    ["the first if the list does not change", [], [1, 2, 3], ["10:00:00", "10:00:03"]],
    ["the second if an asset was listed twice", [2], [1, 2, 3, 1, 2, 3], ["10:00:03", "10:00:06"]],
  ])("is %s, and its times count", async (_, reordered, pages, times) => {
    const clock = testClock("2026-11-23T10:00:00.000Z");
    const onRequest = ({ phase }: { phase: string }) => (phase === "handled" ? clock.advance(1_000) : undefined);
    const api = await startWalk({ clock, onRequest });
    for (const page of reordered) api.server.addFault({ kind: "reorder", on: { page }, times: 1 });

    const walked = await api.walk(heldBefore(all45));

    expect(walked).toMatchObject({ consistency: "verified", pages: 3, passes: pages.length / 3, unsettled: [] });
    expect(symbolsOf(walked)).toEqual(all45);
    expect(pagesOf(api)).toEqual(pages);
    const instants = [walked.capturedAt, walked.completedAt].map((ms) => new Date(ms).toISOString());
    expect(instants).toEqual(times.map((time) => `2026-11-23T${time}.000Z`));
  });
});

describe("a walk without changes in the list", () => {
  it.each([
    ["one pass if it has a single page", 20, [1]],
    ["two passes if it has several pages", 45, [1, 2, 3, 1, 2, 3]],
  ])("and without a previous snapshot takes %s", async (_, assets, pages) => {
    const api = await startWalk({ accounts: () => [account(assets)] });

    const walked = await api.walk();

    expect([walked.consistency, pagesOf(api)]).toEqual(["verified", pages]);
  });
});

describe("an asset that is listed twice", () => {
  it("in every pass causes questions for assets that the last pass missed", async () => {
    const api = await startWalk();
    api.server.addFault({ kind: "reorder", on: { page: 3 } });

    const walked = await api.walk(heldBefore(all45));

    // The third page comes from the reversed list: a04 … a00 instead of a40 … a44.
    expect([walked.passes, walked.consistency, sorted(symbolsOf(walked))]).toEqual([5, "uncertain", all45]);
    const asked = api.server.requests.filter(({ page }) => page === 0).map(({ path }) => path.split("/").at(-1) ?? "");
    expect(sorted(asked)).toEqual(all45.slice(40));
    expect(pagesOf(api).filter((page) => page === 1)).toHaveLength(5);
  });

  it("has the amount of its last entry", async () => {
    let asked = 0;
    const { url } = await startPlainServer((_, response) => {
      const page = asked++ % 2;
      const body = { balances: [balance("a", "1", page === 0 ? "1" : "2")], ...(page === 0 && { nextPageToken: "t" }) };
      response.end(JSON.stringify(body));
    });
    const api = await startWalk({ settings: { baseUrl: url } });

    const walked = await api.walk(heldBefore(["a"]));

    expect(walked).toMatchObject({ consistency: "uncertain", pages: 2 });
    expect(walked.balances.map(({ amounts }) => amounts.get("a")?.total)).toEqual(["2"]);
    expect(asked).toBe(10);
  });
});

describe("an expected asset that is not listed", () => {
  it("causes a second pass, which is enough if it lists the asset", async () => {
    const hidden = new Set(["a07"]);
    const { accounts } = hiding(hidden);
    let pages = 0;
    const api = await startWalk({
      accounts,
      onRequest: ({ phase }) => {
        if (phase === "handled" && ++pages === 3) hidden.clear();
      },
    });

    const walked = await api.walk(heldBefore(all45));

    expect([walked.passes, walked.consistency, symbolsOf(walked)]).toEqual([2, "verified", all45]);
  });

  it("in two passes causes a single question, and is included if it is held", async () => {
    const hidden = hiding(new Set(["a07", "a30"]));
    const api = await startWalk({ accounts: hidden.accounts, onRequest: ({ path }) => hidden.asked(path) });

    const walked = await api.walk(heldBefore(all45));

    expect(walked).toMatchObject({ consistency: "verified", unsettled: [], pages: 3 });
    expect(sorted(symbolsOf(walked))).toEqual(all45);
    expect(pagesOf(api)).toEqual([1, 2, 3, 1, 2, 3, 0, 0]);
  });

  it.each<[string, (held: SimulatedAccount["balances"]) => SimulatedAccount["balances"]]>([
    ["does not know it", (held) => held],
    ["reports a balance of zero", (held) => [...held, { ...balance("sold", "0", "0.00") }]],
  ])("is not included if the API %s", async (_, answered) => {
    let single = false;
    const api = await startWalk({
      accounts: () => [account(45, { balances: single ? answered(account(45).balances) : account(45).balances })],
      onRequest: ({ path }) => {
        single = path.endsWith("/sold");
      },
    });

    const walked = await api.walk(heldBefore([...all45, "sold"]));

    expect(walked).toMatchObject({ consistency: "verified", unsettled: [] });
    expect(symbolsOf(walked)).toEqual(all45);
  });

  it("is unsettled if the API rejects the question, and is expected again in the next walk", async () => {
    const api = await startWalk();
    api.server.addFault({ kind: "error", status: 403, on: { path: "/balances/sold" } });

    const walked = await api.walk(heldBefore([...all45, "sold"]));
    api.server.clearFaults();
    const next = await api.walk(heldBefore(all45, ["sold"]));

    expect(walked).toMatchObject({ consistency: "uncertain", unsettled: ["sold"] });
    expect(next).toMatchObject({ consistency: "verified", unsettled: [] });
  });

  it("is asked for even if the whole list is empty", async () => {
    const hidden = hiding(new Set(all45));
    const api = await startWalk({ accounts: hidden.accounts, onRequest: ({ path }) => hidden.asked(path) });

    const walked = await api.walk(heldBefore(all45));

    expect([walked.consistency, walked.pages, sorted(symbolsOf(walked))]).toEqual(["verified", 1, all45]);
  });
});
