import type { BalanceSource } from "../../../core/domain/ports.ts";
import { snapshotOf, type Walk } from "../../../core/domain/snapshot.ts";
import { type Previous, type WalkSource, walk } from "../../../core/snapshot/walk.ts";
import type { SimulatedAccount } from "../../../local/simulated-cdp/server.ts";
import { afterEach, describe, expect, it } from "../../support/jest.ts";
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
import { amountsOf, assetOf } from "../domain/snapshots.ts";

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

  it.each([
    ["the system clock is set forward", { now: 300_000, monotonic: 1_000 }, 300_000],
    ["the system clock is set back", { now: -300_000, monotonic: 1_000 }, 1_000],
    ["the monotonic clock stops while the machine sleeps", { now: 3_600_000, monotonic: 0 }, 3_600_000],
  ])("is completed at the later time of both clocks if %s", async (_, elapsed, expectedMs) => {
    const sent = { at: 1_000_000, monotonicMs: 5_000 };
    const clock = {
      ...testClock(),
      now: () => sent.at + elapsed.now,
      monotonic: () => sent.monotonicMs + elapsed.monotonic,
    };
    const source: WalkSource = {
      pass: async () => ({ balances: [], pages: 1, sent, lastSent: sent }),
      balance: () => Promise.reject(new Error("unexpected request for a single balance")),
    };

    const walked = await walk({ source, clock }, ACCOUNT, heldBefore([]), noDeadline());

    expect([walked.capturedAt, walked.completedAt - walked.capturedAt]).toEqual([sent.at, expectedMs]);
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
    expect([walked.passes, walked.consistency, sorted(symbolsOf(walked))]).toEqual([2, "verified", all45]);
    const asked = api.server.requests.filter(({ page }) => page === 0).map(({ path }) => path.split("/").at(-1) ?? "");
    expect(sorted(asked)).toEqual(all45.slice(40));
  });
});

describe("an asset that is listed with different amounts", () => {
  const [HELD, EMPTY, BTC] = [
    balance("eth", "20000000.00", "6447.2"),
    balance("eth", "0.00", "0.0"),
    balance("btc", "1"),
  ];
  const reply = (status: number, body: unknown) => ({ status, body });

  /** Walks an account with one page of entries. */
  async function walkOver(entries: readonly object[], single: { readonly status: number; readonly body: unknown }) {
    const asked: string[] = [];
    const { url } = await startPlainServer((request, response) => {
      const asset = /\/balances\/(\w+)/.exec(request.url ?? "")?.[1];
      if (asset !== undefined) asked.push(asset);
      const { status, body } = asset === undefined ? reply(200, { balances: entries }) : single;
      response.writeHead(status).end(JSON.stringify(body));
    });
    const walked = await (await startWalk({ settings: { baseUrl: url } })).walk();
    const { snapshot } = snapshotOf(walked, {
      accountId: ACCOUNT,
      slot: "2026-11-23T10:00:00.000Z",
      trigger: "schedule",
    });
    const total = snapshot.totals.get("usd");
    return { asked, unsettled: walked.unsettled, hidden: walked.hidden, consistency: walked.consistency, total };
  }

  it.each<[string, object[], ReturnType<typeof reply>, string[], string, string]>([
    ["has the amount that the API answers", [HELD, EMPTY, BTC], reply(200, HELD), [], "20000001.00", "2 of 3"],
    ["has it in any order", [EMPTY, HELD, BTC], reply(200, HELD), [], "20000001.00", "2 of 3"],
    ["is not held if the API answers zero", [HELD, EMPTY, BTC], reply(200, EMPTY), [], "1", "1 of 2"],
    ["is unsettled if the API denies it", [HELD, EMPTY, BTC], notFound(), ["eth"], "1", "1 of 3"],
    ["is unsettled if the API rejects the question", [HELD, EMPTY, BTC], forbidden(), ["eth"], "1", "1 of 3"],
    ["is unsettled if the API answers with another asset", [HELD, EMPTY, BTC], reply(200, BTC), ["eth"], "1", "1 of 3"],
  ])("%s, and the total does not claim to be complete", async (_, entries, single, unsettled, sum, coverage) => {
    const { asked, total, ...walked } = await walkOver(entries, single);

    expect(asked).toEqual(["eth"]);
    expect(walked).toEqual({ unsettled, hidden: 1, consistency: "uncertain" });
    expect([total?.total, `${total?.covers} of ${total?.of}`]).toEqual([sum, coverage]);
  });

  it("causes no question if all its amounts are equal, but may hide an asset", async () => {
    const same = balance("eth", "20000000.0", "6447.20");

    const { asked, total, hidden } = await walkOver([HELD, same, BTC], forbidden());

    expect([asked, hidden, `${total?.covers} of ${total?.of}`]).toEqual([[], 1, "2 of 3"]);
  });

  it("is settled by a second pass that lists it once", async () => {
    let asked = 0;
    const { url } = await startPlainServer((_, response) => {
      const balances = asked++ === 0 ? [HELD, EMPTY, BTC] : [HELD, BTC];
      response.end(JSON.stringify({ balances }));
    });

    const walked = await (await startWalk({ settings: { baseUrl: url } })).walk();

    expect(walked).toMatchObject({ consistency: "verified", passes: 2, unsettled: [], hidden: 0 });
    expect(walked.balances.map(({ amounts }) => amounts.get("eth")?.total)).toEqual(["6447.2", undefined]);
  });

  function notFound() {
    return reply(404, { errorType: "not_found", errorMessage: "No." });
  }
  function forbidden() {
    return reply(403, { errorType: "forbidden", errorMessage: "No." });
  }
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

  it.each<[string, string, readonly string[]]>([
    ["is settled", "a07", []],
    ["is unsettled", "other", ["matic"]],
  ])("%s if the API answers with %s, because it was renamed", async (_, renamedTo, unsettled) => {
    const api = await startWalk();
    const source: BalanceSource = {
      ...api.source(),
      checkKey: async () => {},
      listAccounts: async () => [],
      account: async () => undefined,
      describe: async function* () {},
      pass: (...args) => api.source().pass(...args),
      balance: async () => ({ asset: assetOf(renamedTo), amounts: amountsOf({ [renamedTo]: ["1", "1"] }) }),
    };

    const walked = await walk({ source, clock: testClock() }, ACCOUNT, heldBefore([...all45, "matic"]), noDeadline());

    expect(walked.unsettled).toEqual(unsettled);
    expect(sorted(symbolsOf(walked))).toEqual(all45);
  });

  it("is asked for even if the whole list is empty", async () => {
    const hidden = hiding(new Set(all45));
    const api = await startWalk({ accounts: hidden.accounts, onRequest: ({ path }) => hidden.asked(path) });

    const walked = await api.walk(heldBefore(all45));

    expect([walked.consistency, walked.pages, sorted(symbolsOf(walked))]).toEqual(["verified", 1, all45]);
  });
});
