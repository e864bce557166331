import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { decodeAccountsPage, decodeBalancesPage } from "../../../core/coinbase/schema.ts";
import { REFERENCE_PAGE } from "../../support/accounts.ts";

/** The reference page with one field changed, or removed if the value is `undefined`. */
function changed(path: string, value: unknown): unknown {
  const page: unknown = JSON.parse(REFERENCE_PAGE);
  const names = path.split(".");
  const last = names.pop() ?? "";
  const parent = names.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], page);
  if (value === undefined) delete (parent as Record<string, unknown>)[last];
  else (parent as Record<string, unknown>)[last] = value;
  return page;
}

const problemsOf = (path: string, value: unknown) => decodeBalancesPage(changed(path, value)).problems;

describe("decodeBalancesPage", () => {
  it.each([
    ["no token", {}, undefined],
    ["the token null", { nextPageToken: null }, undefined],
    ["an empty token", { nextPageToken: "" }, undefined],
    ["a token", { nextPageToken: "x" }, "x"],
  ])("returns the next page's token for %s", (_, fields, next) => {
    expect(decodeBalancesPage({ balances: [], ...fields })).toEqual({ value: { items: [], next } });
  });

  it("accepts new fields, new types and new denominations", () => {
    const asset = { symbol: "btc", type: "tokenized_stock", name: "", decimals: 0, network: { id: 1 } };
    const amount = { btc: { available: "1", total: "1", staked: 1 }, eur: { available: "1", total: "1" } };

    const page = decodeBalancesPage({ balances: [{ asset, amount, frozen: null }], asOf: "2026-11-23T10:00:00Z" });

    expect(page.problems).toBeUndefined();
  });

  // The fuzz test of invalid pages tries every field with many more values.
  it.each<[string, unknown, string]>([
    ["balances", undefined, "balances: expected array"],
    ["balances.1", null, "balances.1: expected object"],
    ["balances.1.asset.symbol", 7, "balances.1.asset.symbol: expected string"],
    [
      "balances.1.asset.symbol",
      "",
      "balances.1.asset.symbol: expected at least 1; balances.1.amount: expected an entry under the asset's own symbol",
    ],
    ["balances.1.asset.decimals", 1.5, "balances.1.asset.decimals: expected int"],
    ["balances.1.asset.decimals", -1, "balances.1.asset.decimals: expected at least 0"],
    ["balances.0.amount", undefined, "balances.0.amount: expected record"],
    ["balances.0.amount", {}, "balances.0.amount: expected an entry under the asset's own symbol"],
    ["balances.0.amount.btc.available", undefined, "balances.0.amount.btc.available: expected string"],
    ["balances.0.amount.btc.total", 3, "balances.0.amount.btc.total: expected string"],
    ["balances.0.amount.usd.available", null, "balances.0.amount.usd.available: expected string"],
    ["balances.0.asset.symbol", "toString", "balances.0.amount: expected an entry under the asset's own symbol"],
    ["nextPageToken", 7, "nextPageToken: expected string"],
  ])("rejects %s %j with the path of the field", (path, value, expected) => {
    expect(problemsOf(path, value)).toBe(expected);
  });

  it("rejects everything that is not a decimal number", () => {
    const text = fc.string({ unit: fc.constantFrom(..."0123456789.-+eExX ,_\n"), maxLength: 6 });
    fc.assert(
      fc.property(text, (total) => {
        const problems = problemsOf("balances.0.amount.btc.total", total);

        // Computed without the regular expression under test.
        const [whole = "", part, ...more] = total.replace("-", "").split(".");
        const plain = (text: string) => text !== "" && [...text].every((digit) => "0123456789".includes(digit));
        const isDecimal =
          total.lastIndexOf("-") <= 0 && plain(whole) && (part === undefined || plain(part)) && more.length === 0;
        expect(problems === undefined).toBe(isDecimal);
      }),
      { numRuns: 50 },
    );
  });

  it("reports at most three problems, and how many more there are", () => {
    const invalid = { available: "invalid", total: "invalid" };

    const problems = problemsOf("balances.0.amount", { btc: invalid, usd: invalid, eur: invalid });

    expect(problems?.split("; ")).toEqual([
      "balances.0.amount.btc.available: expected a plain decimal number as a string",
      "balances.0.amount.btc.total: expected a plain decimal number as a string",
      "balances.0.amount.usd.available: expected a plain decimal number as a string",
      "and 3 more",
    ]);
  });
});

describe("decodeAccountsPage", () => {
  const accountId = "account_af2937b0-9846-4fe7-bfe9-ccc22d935114";

  it("returns the ids, and accepts unknown fields and types", () => {
    const page = decodeAccountsPage({
      accounts: [{ accountId, type: "vault", owner: "entity_1", name: null, region: "eu" }],
      nextPageToken: "x",
    });

    expect(page).toEqual({ value: { items: [accountId], next: "x" } });
  });

  it.each<[unknown, string]>([
    [{}, "accounts: expected array"],
    [{ accounts: [{ accountId }, { accountId: 7 }] }, "accounts.1.accountId: expected string"],
    [{ accounts: [{ accountId: "account_1" }] }, "accounts.0.accountId: expected an account id"],
    [{ accounts: [{ accountId: `${accountId}\n` }] }, "accounts.0.accountId: expected an account id"],
    [{ accounts: [{ accountId: accountId.toUpperCase() }] }, "accounts.0.accountId: expected an account id"],
  ])("rejects %j with the path of the field", (body, expected) => {
    expect(decodeAccountsPage(body).problems).toBe(expected);
  });
});
