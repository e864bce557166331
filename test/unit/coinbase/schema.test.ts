import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { decodeAccountsPage, decodeBalancesPage, decodeProblem, shapeProblems } from "../../../core/coinbase/schema.ts";
import { REFERENCE_PAGE } from "../../support/accounts.ts";

const btc = (changes: object = {}) => ({
  asset: { symbol: "btc", type: "crypto", name: "Bitcoin", decimals: 8 },
  amount: { btc: { available: "2.5", total: "3.0" } },
  ...changes,
});

/** What is wrong with a body, as it is told. */
function problemsOf(decode: (body: unknown) => unknown, body: unknown): string | undefined {
  try {
    decode(body);
    return undefined;
  } catch (thrown) {
    return shapeProblems(thrown) ?? `not a decoder's error: ${thrown}`;
  }
}

/** The reference page with one field changed; `undefined` takes it out. */
function changed(path: string, value: unknown): unknown {
  const page: unknown = JSON.parse(REFERENCE_PAGE);
  const names = path.split(".");
  const last = names.pop() ?? "";
  const parent = names.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], page);
  if (value === undefined) delete (parent as Record<string, unknown>)[last];
  else (parent as Record<string, unknown>)[last] = value;
  return page;
}

describe("a page of balances", () => {
  it("of the API's reference is read to the last digit, in its order", () => {
    const { items, next } = decodeBalancesPage(JSON.parse(REFERENCE_PAGE));

    expect(items.map(({ asset }) => asset)).toEqual([
      { symbol: "btc", type: "crypto", name: "Bitcoin", decimals: 8 },
      { symbol: "usd", type: "fiat", name: "United States Dollar", decimals: 2 },
    ]);
    expect(items.map(({ amounts }) => [...amounts])).toEqual([
      [
        ["btc", { available: "2.5", total: "3.0" }],
        ["usd", { available: "252705.4", total: "303246.48" }],
      ],
      [["usd", { available: "90", total: "100" }]],
    ]);
    expect(next).toBe("eyJsYXN0X2lkIjogImFiYzEyMyIsICJ0aW1lc3RhbXAiOiAxNzA3ODIzNzAxfQ==");
  });

  it.each([
    ["has no token", {}, undefined],
    ["has the token null", { nextPageToken: null }, undefined],
    ["has an empty token", { nextPageToken: "" }, undefined],
    ["has a token", { nextPageToken: "x" }, "x"],
  ])("that %s is the last one, or not", (_, fields, next) => {
    expect(decodeBalancesPage({ balances: [], ...fields })).toEqual({ items: [], next });
  });

  it.each<[string, unknown]>([
    ["a new field of the page", { balances: [btc()], asOf: "2026-11-23T10:00:00Z" }],
    ["a new field of a balance", { balances: [btc({ frozen: null })] }],
    ["a new field of an asset", { balances: [btc({ asset: { ...btc().asset, network: { id: 1 } } })] }],
    ["a new field of an amount", { balances: [btc({ amount: { btc: { ...btc().amount.btc, staked: 1 } } })] }],
  ])("passes with %s, which is left out", (_, body) => {
    expect(decodeBalancesPage(body)).toEqual(decodeBalancesPage({ balances: [btc()] }));
  });

  it.each<[string, string, unknown]>([
    ["a new type of asset", "balances.0.asset.type", "tokenized_stock"],
    ["an asset without decimals", "balances.0.asset.decimals", 0],
    ["a new denomination", "balances.0.amount.eur", { available: "1", total: "1" }],
    ["an empty name", "balances.0.asset.name", ""],
  ])("passes with %s", (_, path, value) => {
    expect(problemsOf(decodeBalancesPage, changed(path, value))).toBeUndefined();
  });

  it("passes with a symbol that is longer than documented, and with one that every object has", () => {
    const symbols = ["x".repeat(100), "constructor", "toString", "hasOwnProperty"];

    const { items } = decodeBalancesPage({
      balances: symbols.map((symbol) => ({
        asset: { ...btc().asset, symbol },
        amount: { [symbol]: { available: "1", total: "2" } },
      })),
    });

    expect(items.map(({ asset, amounts }) => amounts.get(asset.symbol)?.total)).toEqual(["2", "2", "2", "2"]);
  });

  it.each<[string, unknown, string]>([
    ["balances", undefined, "balances: expected array"],
    ["balances", null, "balances: expected array"],
    ["balances", {}, "balances: expected array"],
    ["balances.1", null, "balances.1: expected object"],
    ["balances.1.asset", undefined, "balances.1.asset: expected object"],
    ["balances.1.asset.symbol", undefined, "balances.1.asset.symbol: expected string"],
    ["balances.1.asset.symbol", 7, "balances.1.asset.symbol: expected string"],
    ["balances.1.asset.symbol", "", "balances.1.asset.symbol: "],
    ["balances.1.asset.type", undefined, "balances.1.asset.type: expected string"],
    ["balances.1.asset.name", null, "balances.1.asset.name: expected string"],
    ["balances.1.asset.decimals", undefined, "balances.1.asset.decimals: expected number"],
    ["balances.1.asset.decimals", "8", "balances.1.asset.decimals: expected number"],
    ["balances.1.asset.decimals", 1.5, "balances.1.asset.decimals: expected int"],
    ["balances.1.asset.decimals", -1, "balances.1.asset.decimals: "],
    ["balances.0.amount", undefined, "balances.0.amount: expected record"],
    ["balances.0.amount", [], "balances.0.amount: expected record"],
    ["balances.0.amount", {}, "balances.0.amount: expected an entry under the asset's own symbol"],
    ["balances.0.amount.btc", undefined, "balances.0.amount: expected an entry under the asset's own symbol"],
    ["balances.0.amount.btc", null, "balances.0.amount.btc: expected object"],
    ["balances.0.amount.btc", "3.0", "balances.0.amount.btc: expected object"],
    ["balances.0.amount.btc.available", undefined, "balances.0.amount.btc.available: expected string"],
    ["balances.0.amount.btc.total", undefined, "balances.0.amount.btc.total: expected string"],
    ["balances.0.amount.usd.total", undefined, "balances.0.amount.usd.total: expected string"],
    ["balances.0.amount.usd.available", null, "balances.0.amount.usd.available: expected string"],
    ["balances.0.asset.symbol", "toString", "balances.0.amount: expected an entry under the asset's own symbol"],
    ["nextPageToken", 7, "nextPageToken: expected string"],
    ["nextPageToken", {}, "nextPageToken: expected string"],
  ])("is refused with %s as %j, with the path", (path, value, expected) => {
    const problems = problemsOf(decodeBalancesPage, changed(path, value));

    expect(problems).toMatch(new RegExp(`^${expected.replaceAll(".", "\\.")}`));
    expect(problems).toMatch(/: ./);
  });

  it.each([[null], [undefined], [[]], ["text"], [42], [true]])("is refused where the body is %j", (body) => {
    expect(problemsOf(decodeBalancesPage, body)).toBe("body: expected object");
  });

  it.each([
    "",
    " ",
    "1e5",
    "1E-8",
    "+1",
    ".5",
    "1.",
    "-",
    "-.5",
    "--1",
    "NaN",
    "Infinity",
    "-Infinity",
    "0x10",
    "0b1",
    " 1",
    "1 ",
    "1\n",
    "\n1",
    "1,000",
    "1.2.3",
    "1_000",
    "１",
    "٣",
    "null",
    "1n",
  ])("is refused with the amount %j", (amount) => {
    const paths = ["balances.0.amount.btc.total", "balances.0.amount.btc.available", "balances.0.amount.usd.total"];

    const problems = paths.map((path) => problemsOf(decodeBalancesPage, changed(path, amount)));

    expect(problems).toEqual(paths.map((path) => `${path}: expected a plain decimal number as a string`));
  });

  it.each([[3], [0], [null], [true], [["3.0"]], [{}]])(
    "is refused with the amount %j, which is no string",
    (amount) => {
      const problems = problemsOf(decodeBalancesPage, changed("balances.0.amount.btc.total", amount));

      expect(problems).toBe("balances.0.amount.btc.total: expected string");
    },
  );

  it("is read untouched with any decimal numeral, however long", () => {
    const digits = fc.stringMatching(/^\d{1,60}$/);
    const numeral = fc
      .tuple(fc.constantFrom("", "-"), digits, fc.option(digits))
      .map(([sign, whole, part]) => sign + whole + (part === null ? "" : `.${part}`));
    fc.assert(
      fc.property(numeral, numeral, (available, total) => {
        const page = decodeBalancesPage({ balances: [btc({ amount: { btc: { available, total } } })] });

        expect(page.items[0]?.amounts.get("btc")).toEqual({ available, total });
      }),
      { numRuns: 300 },
    );
  });

  it("is never read with an amount that is no decimal numeral", () => {
    const spoiled = fc.string({ unit: fc.constantFrom(..."0123456789.-+eExX ,_\n"), maxLength: 6 });
    fc.assert(
      fc.property(spoiled, (total) => {
        const problems = problemsOf(decodeBalancesPage, changed("balances.0.amount.btc.total", total));

        // Told by other means than the expression under test.
        const [whole = "", part, ...more] = total.replace("-", "").split(".");
        const plain = (text: string) => text !== "" && [...text].every((digit) => "0123456789".includes(digit));
        const numeral =
          total.lastIndexOf("-") <= 0 && plain(whole) && (part === undefined || plain(part)) && more.length === 0;
        expect(problems === undefined).toBe(numeral);
      }),
      { numRuns: 500 },
    );
  });
});

describe("a page of accounts", () => {
  const accountId = "account_af2937b0-9846-4fe7-bfe9-ccc22d935114";

  it("gives the ids, and passes with fields and types that nobody knows", () => {
    const page = decodeAccountsPage({
      accounts: [{ accountId, type: "vault", owner: "entity_1", name: null, region: "eu" }],
      nextPageToken: "x",
    });

    expect(page).toEqual({ items: [accountId], next: "x" });
  });

  it.each([[undefined], [null], [""]])("with the token %j is the last one", (nextPageToken) => {
    expect(decodeAccountsPage({ accounts: [], nextPageToken }).next).toBeUndefined();
  });

  it.each<[unknown, string]>([
    [{}, "accounts: expected array"],
    [{ accounts: [{}] }, "accounts.0.accountId: expected string"],
    [{ accounts: [{ accountId }, { accountId: 7 }] }, "accounts.1.accountId: expected string"],
    [{ accounts: [{ accountId: "account_1" }] }, "accounts.0.accountId: expected an account id"],
    [{ accounts: [{ accountId: `${accountId}/balances` }] }, "accounts.0.accountId: expected an account id"],
    [{ accounts: [{ accountId: `${accountId}\n` }] }, "accounts.0.accountId: expected an account id"],
    [{ accounts: [{ accountId: accountId.toUpperCase() }] }, "accounts.0.accountId: expected an account id"],
  ])("is refused as %j, with the path", (body, expected) => {
    expect(problemsOf(decodeAccountsPage, body)).toBe(expected);
  });
});

describe("what is wrong", () => {
  it("is told three times at most, and how many more there are", () => {
    const spoiled = { available: "spoiled", total: "spoiled" };
    const body = { balances: [btc({ amount: { btc: spoiled, usd: spoiled, eur: spoiled } })] };

    const problems = problemsOf(decodeBalancesPage, body);

    expect(problems?.split("; ")).toEqual([
      "balances.0.amount.btc.available: expected a plain decimal number as a string",
      "balances.0.amount.btc.total: expected a plain decimal number as a string",
      "balances.0.amount.usd.available: expected a plain decimal number as a string",
      "and 3 more",
    ]);
  });

  it("holds no value of the body", () => {
    const value = "3.0 in words";
    const paths = [
      "balances",
      "nextPageToken",
      "balances.0.asset",
      "balances.0.amount.btc.total",
      "balances.0.asset.decimals",
    ];

    const problems = paths.map((path) =>
      problemsOf(decodeBalancesPage, changed(path, path === "nextPageToken" ? [value] : value)),
    );

    expect(problems.filter((text) => text === undefined || text.includes(value))).toEqual([]);
  });

  it("is nothing of the decoder's for any other error", () => {
    expect(shapeProblems(new TypeError("x"))).toBeUndefined();
    expect(shapeProblems("x")).toBeUndefined();
  });
});

describe("an error body", () => {
  it.each<[string, unknown, unknown]>([
    [
      "as documented",
      { errorType: "a", errorMessage: "b", correlationId: "c", errorLink: "d" },
      { errorType: "a", errorMessage: "b", correlationId: "c" },
    ],
    ["without a correlation id", { errorType: "a", errorMessage: "b" }, { errorType: "a", errorMessage: "b" }],
    ["without a message", { errorType: "a" }, undefined],
    ["without a type", { errorMessage: "b" }, undefined],
    ["null", null, undefined],
    ["a text", "internal error", undefined],
  ])("%s is read, or is none", (_, body, expected) => {
    expect(decodeProblem(body)).toEqual(expected);
  });
});
