import { createMarket } from "../../../local/simulated-cdp/market/market.ts";
import { createRateLimit } from "../../../local/simulated-cdp/rate-limit.ts";
import { describe, expect, it } from "../../support/jest.ts";

describe("createMarket", () => {
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
