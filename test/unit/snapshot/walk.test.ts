import { afterEach, describe, expect, it } from "@jest/globals";
import type { Balance } from "../../../core/domain/balance.ts";
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
  errorOf,
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

/** A previous snapshot that held these. */
const heldBefore = (symbols: readonly string[], unsettled: readonly string[] = []): Previous => ({
  balances: new Map(symbols.map((symbol) => [symbol, new Map([[symbol, { available: "1", total: "1" }]])])),
  unsettled,
});

async function startWalk(options: ApiOptions = {}): Promise<Api & { walk(previous?: Previous): Promise<Walk> }> {
  const clock = options.clock ?? testClock();
  const api = await startApi({ ...options, clock });
  return { ...api, walk: (previous) => walk({ source: api.source(), clock }, ACCOUNT, previous, noDeadline()) };
}

/** Which assets the list leaves out, as long as they are here: the API knows them all the same. */
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

describe("a walk that sees nothing move", () => {
  it("is one pass, with the times of its first and its last page", async () => {
    const clock = testClock("2026-11-23T10:00:00.000Z");
    const onRequest = ({ phase }: { phase: string }) => (phase === "handled" ? clock.advance(1_000) : undefined);
    const api = await startWalk({ clock, onRequest });

    const walked = await api.walk(heldBefore(all45));

    expect(walked).toMatchObject({ consistency: "verified", pages: 3, passes: 1, unsettled: [] });
    expect(symbolsOf(walked)).toEqual(all45);
    expect(pagesOf(api)).toEqual([1, 2, 3]);
    expect([walked.capturedAt, walked.completedAt].map((ms) => new Date(ms).toISOString())).toEqual([
      "2026-11-23T10:00:00.000Z",
      "2026-11-23T10:00:03.000Z",
    ]);
  });

  it("takes in what is new", async () => {
    const api = await startWalk();

    const walked = await api.walk(heldBefore(all45.slice(5)));

    expect([walked.consistency, symbolsOf(walked)]).toEqual(["verified", all45]);
  });

  it("of a single page needs nothing to be held against", async () => {
    const api = await startWalk({ accounts: () => [account(20)] });

    expect([(await api.walk()).consistency, pagesOf(api)]).toEqual(["verified", [1]]);
  });

  it("of several pages without a previous snapshot is made twice, and the second counts", async () => {
    const api = await startWalk();

    const walked = await api.walk();

    expect([walked.consistency, walked.pages, pagesOf(api)]).toEqual(["verified", 3, [1, 2, 3, 1, 2, 3]]);
  });
});

describe("an asset that is seen twice", () => {
  it("leads to a second pass, which counts with its own times if it shows none twice", async () => {
    const clock = testClock("2026-11-23T10:00:00.000Z");
    const onRequest = ({ phase }: { phase: string }) => (phase === "handled" ? clock.advance(1_000) : undefined);
    const api = await startWalk({ clock, onRequest });
    api.server.misbehave({ kind: "reorder", on: { page: 2 }, times: 1 });

    const walked = await api.walk(heldBefore(all45));

    expect([walked.consistency, symbolsOf(walked), pagesOf(api)]).toEqual(["verified", all45, [1, 2, 3, 1, 2, 3]]);
    expect([walked.capturedAt, walked.completedAt].map((ms) => new Date(ms).toISOString())).toEqual([
      "2026-11-23T10:00:03.000Z",
      "2026-11-23T10:00:06.000Z",
    ]);
  });

  it("in every pass leads to questions for what the last one did not show", async () => {
    const api = await startWalk();
    api.server.misbehave({ kind: "reorder", on: { page: 3 } });

    const walked = await api.walk(heldBefore(all45));

    // The third page of 5 is that of the reversed list: a04 … a00, in the place of a40 … a44.
    expect([walked.consistency, sorted(symbolsOf(walked))]).toEqual(["uncertain", all45]);
    const asked = api.server.requests.filter(({ page }) => page === 0).map(({ path }) => path.split("/").at(-1) ?? "");
    // The questions go out side by side and arrive in any order.
    expect(sorted(asked)).toEqual(all45.slice(40));
    expect(pagesOf(api).filter((page) => page === 1)).toHaveLength(5);
  });

  it("is no trouble any more once every entry of the list is accounted for", async () => {
    const { source } = await startWalk();
    let passes = 0;
    const moving = {
      ...{ listAccounts: () => Promise.reject(new Error()), balance: source().balance.bind(source()) },
      pass: async () => {
        passes++;
        const shown = account(45).balances.map(({ asset, amount }) => ({
          asset,
          amounts: new Map(Object.entries(amount)),
        }));
        // Each pass shows another asset twice, and leaves another one out.
        const [twice, out] = [passes, 10 + passes];
        return {
          balances: shown.map((of, at) => (at === out ? (shown[twice] as Balance) : of)),
          pages: 3,
        };
      },
    };

    const walked = await walk({ source: moving, clock: testClock() }, ACCOUNT, undefined, noDeadline());

    expect([walked.consistency, passes, sorted(symbolsOf(walked))]).toEqual(["verified", 2, all45]);
  });

  it("counts as it was seen last", async () => {
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

describe("an asset that was held before and is not shown", () => {
  it("leads to a second pass, which is enough if it shows it", async () => {
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

    expect([walked.consistency, symbolsOf(walked), pagesOf(api)]).toEqual(["verified", all45, [1, 2, 3, 1, 2, 3]]);
  });

  it("in two passes is asked for by itself, and is in the snapshot if it is held", async () => {
    const world = hiding(new Set(["a07", "a30"]));
    const api = await startWalk({ accounts: world.accounts, onRequest: ({ path }) => world.asked(path) });

    const walked = await api.walk(heldBefore(all45));

    expect(walked).toMatchObject({ consistency: "verified", unsettled: [], pages: 3 });
    expect(sorted(symbolsOf(walked))).toEqual(all45);
    expect(pagesOf(api)).toEqual([1, 2, 3, 1, 2, 3, 0, 0]);
  });

  it.each<[string, (held: SimulatedAccount["balances"]) => SimulatedAccount["balances"]]>([
    ["does not find it", (held) => held],
    ["says that nothing is held of it", (held) => [...held, { ...balance("sold", "0", "0.00") }]],
  ])("is gone where the API %s", async (_, told) => {
    let single = false;
    const api = await startWalk({
      accounts: () => [account(45, { balances: single ? told(account(45).balances) : account(45).balances })],
      onRequest: ({ path }) => {
        single = path.endsWith("/sold");
      },
    });

    const walked = await api.walk(heldBefore([...all45, "sold"]));

    expect(walked).toMatchObject({ consistency: "verified", unsettled: [] });
    expect(symbolsOf(walked)).toEqual(all45);
  });

  it("is unsettled where the API does not answer such a question, and is asked for again the next time", async () => {
    const api = await startWalk();
    api.server.misbehave({ kind: "error", status: 403, on: { path: "/balances/sold" } });

    const walked = await api.walk(heldBefore([...all45, "sold"]));
    api.server.behave();
    const next = await api.walk(heldBefore(all45, ["sold"]));

    expect(walked).toMatchObject({ consistency: "uncertain", unsettled: ["sold"] });
    expect(next).toMatchObject({ consistency: "verified", unsettled: [] });
  });

  it("fails the walk where the answer may come another time", async () => {
    const api = await startWalk();
    api.server.misbehave({ kind: "error", status: 500, on: { path: "/balances/sold" } });

    const error = await errorOf(api.walk(heldBefore([...all45, "sold"])));

    expect(error).toMatchObject({ code: "api_internal_server_error", message: expect.stringContaining("sold") });
  });

  it("does so with every asset of an account, where the list is empty", async () => {
    const world = hiding(new Set(all45));
    const api = await startWalk({ accounts: world.accounts, onRequest: ({ path }) => world.asked(path) });

    const walked = await api.walk(heldBefore(all45));

    expect([walked.consistency, walked.pages, sorted(symbolsOf(walked))]).toEqual(["verified", 1, all45]);
  });
});
