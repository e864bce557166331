import { subtract } from "../../../core/domain/amount.ts";
import { createMarket } from "../../../local/simulated-cdp/market/market.ts";
import { createRateLimit } from "../../../local/simulated-cdp/rate-limit.ts";
import { describe, expect, it } from "../../support/jest.ts";

describe("createMarket", () => {
  it("creates the same market for the same seed, and can continue an earlier one", () => {
    const market = createMarket({ seed: 7 });
    const before = market.accounts();
    for (let hour = 1; hour <= 30; hour++) market.tick(Date.UTC(2026, 0, 5, 9 + hour));

    const continued = createMarket({ seed: 7, ticks: 30 });

    expect(continued.accounts()).toEqual(market.accounts());
    expect(market.accounts()).not.toEqual(before);
    expect(market.accounts().map(({ accountId }) => accountId)).toEqual(before.map(({ accountId }) => accountId));
    // The documents contain the balances of this seed.
    expect(market.accounts()[2]?.balances.find(({ asset }) => asset.symbol === "eth")?.amount).toEqual({
      usd: { available: "40637.25", total: "48892.78" },
      eth: { available: "11.817789789902986651", total: "14.218592205275588888" },
    });
    expect(createMarket({ seed: 8 }).accounts()[0]?.accountId).not.toBe(before[0]?.accountId);
  });

  it("creates three accounts with valid amounts and no negative holds", () => {
    const accounts = createMarket({ seed: 1, ticks: 60 }).accounts();

    const all = accounts.flatMap(({ balances }) => balances);
    const amounts = all.flatMap(({ asset, amount }) =>
      Object.entries(amount).map(([symbol, pair]) => ({ ...pair, decimals: symbol === "usd" ? 2 : asset.decimals })),
    );
    const holds = amounts.map(({ available, total }) => subtract(total, available));

    expect(accounts.map(({ type, balances }) => `${type} ${balances.length}`)).toEqual([
      "prime 31",
      "business 8",
      "cdp 2",
    ]);
    for (const { accountId } of accounts) expect(accountId).toMatch(/^account_[a-f0-9-]{36}$/);
    for (const { available, total, decimals } of amounts) {
      const valid = new RegExp(`^(0|[1-9]\\d*)(\\.\\d{1,${decimals}})?$`);
      expect([available, total]).toEqual([expect.stringMatching(valid), expect.stringMatching(valid)]);
    }
    expect(holds.filter((hold) => hold.startsWith("-"))).toEqual([]);
    expect(holds.some((hold) => /[1-9]/.test(hold))).toBe(true);
    expect(all.filter(({ amount }) => !("usd" in amount)).map(({ asset }) => asset.symbol)).toEqual(["rep"]);
  });

  it("renames and closes accounts", () => {
    const market = createMarket({ seed: 1 });
    const [treasury, operations, payouts] = market.accounts();
    const closed = operations?.accountId ?? "";

    market.rename(treasury?.accountId ?? "", "Treasury Zurich", Date.UTC(2026, 10, 23, 10));
    market.close(closed);

    const renamed = { ...treasury, name: "Treasury Zurich", updatedAt: "2026-11-23T10:00:00.000Z" };
    expect(market.accounts()).toEqual([renamed, payouts]);
    expect(() => market.close(closed)).toThrow(`no open account ${closed}`);
    expect(() => market.rename(closed, "Operations")).toThrow(`no open account ${closed}`);
  });
});

describe("createRateLimit", () => {
  it("admits 600 reads in any 10 s and does not count rejected reads", () => {
    const admit = createRateLimit();
    const at = (ms: number, times: number) => Array.from({ length: times }, () => admit(ms));

    expect(at(0, 1)).toEqual([true]);
    expect(at(4_000, 600)).toEqual([...Array(599).fill(true), false]);
    expect(at(9_999, 50)).toEqual(Array(50).fill(false));
    expect(at(10_000, 2)).toEqual([true, false]);
    expect(at(14_000, 600)).toEqual([...Array(599).fill(true), false]);
  });
});
