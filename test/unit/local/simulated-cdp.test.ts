import { subtract } from "../../../core/domain/amount.ts";
import type { Fault } from "../../../local/simulated-cdp/faults/fault.ts";
import { parseFault } from "../../../local/simulated-cdp/faults/parse-fault.ts";
import { createMarket } from "../../../local/simulated-cdp/market/market.ts";
import { createRateLimit } from "../../../local/simulated-cdp/rate-limit.ts";
import { describe, expect, it } from "../../support/jest.ts";

describe("createMarket", () => {
  it("creates the same market for the same seed, and can continue an earlier one", () => {
    const market = createMarket({ seed: 7 });
    const before = market.accounts();
    for (let i = 0; i < 30; i++) market.tick();

    const continued = createMarket({ seed: 7, ticks: 30 });

    expect(continued.accounts()).toEqual(market.accounts());
    expect(market.accounts()).not.toEqual(before);
    expect(market.accounts().map(({ accountId }) => accountId)).toEqual(before.map(({ accountId }) => accountId));
    expect(createMarket({ seed: 8 }).accounts()[0]?.accountId).not.toBe(before[0]?.accountId);
  });

  it("creates three accounts with valid amounts and no negative holds", () => {
    const accounts = createMarket({ seed: 1, ticks: 200 }).accounts();

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

const ID = "account_af2937b0-9846-4fe7-bfe9-ccc22d935114";

describe("parseFault", () => {
  it.each<[string, Fault]>([
    [
      `kind=error,status=503,errorType=a,retryAfter=Mon, 23 Nov 2026,account=${ID},page=2,times=3`,
      {
        kind: "error",
        status: 503,
        errorType: "a",
        retryAfter: "Mon, 23 Nov 2026",
        on: { account: ID, page: 2 },
        times: 3,
      },
    ],
    ["kind=hang", { kind: "hang" }],
    ["kind=cut,after=10,announced=true", { kind: "cut", after: 10, announced: true }],
    ["kind=drip,everyMs=5,bytes=20", { kind: "drip", everyMs: 5, bytes: 20 }],
    ["kind=gzip,how=cut", { kind: "gzip", how: "cut" }],
    ["kind=pad,bytes=1000", { kind: "pad", bytes: 1000 }],
    ["kind=mislabel,contentType=text/plain", { kind: "mislabel", contentType: "text/plain" }],
    ['kind=replace,text="a",by="a","b"', { kind: "replace", text: '"a"', by: '"a","b"' }],
    ["kind=replace,text=x,by=", { kind: "replace", text: "x", by: "" }],
    ["kind=slow,ms=250,path=/balances", { kind: "slow", ms: 250, on: { path: "/balances" } }],
    ['kind=body,body={"a":1,"b":"x=y"},status=200', { kind: "body", body: '{"a":1,"b":"x=y"}', status: 200 }],
  ])("parses %s", (text, fault) => {
    expect(parseFault(text)).toEqual(fault);
  });

  it.each([
    ["kind=explode", /"explode" is not a valid kind of fault. Expected one of error, html, empty/],
    ["status=503", /"kind" is missing. Expected one of error/],
    ["kind=html,colour=red", /"colour" is not a valid key for a fault of kind html. Expected .*times, status/],
    ["kind=hang,status=500", /"status" is not a valid key for a fault of kind hang/],
    ["kind=error", /"status" is missing/],
    ["kind=error,status=999", /"status=999" is not valid. Expected an integer from 200 to 599/],
    ["kind=cut,after=1,announced=maybe", /"announced=maybe" is not valid. Expected true or false/],
    ["kind=gzip,how=badly", /"how=badly" is not valid. Expected whole or cut or claimed/],
    ["kind=replace,text=,by=x", /"text=" is not valid/],
    ["kind=drip", /"everyMs" is missing/],
    ["kind=hang,account=mine", /"account=mine" is not valid. Expected .*account_/],
    ["kind=hang,times=0", /"times=0" is not valid. Expected an integer of at least 1/],
    ["kind=hang,page=1,page=2", /"page" is given twice/],
    ["hang", /"hang" is not a valid field. Expected key=value/],
  ])("rejects %s", (text, message) => {
    expect(() => parseFault(text)).toThrow(message);
  });
});
