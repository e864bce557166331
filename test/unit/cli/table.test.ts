import fc from "fast-check";
import { fieldsOf } from "../../../cli/shared/fields.ts";
import { displayWidth } from "../../../cli/shared/format/display-width.ts";
import { rowTable } from "../../../cli/shared/format/row-table.ts";
import { shortIds } from "../../../cli/shared/format/short-ids.ts";
import { type Column, textTable } from "../../../cli/shared/format/table.ts";
import { selectAccounts } from "../../../cli/shared/select-accounts.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { anyDecimal } from "../domain/decimal.ts";

describe("textTable", () => {
  /** Returns a table of names and amounts. */
  const tableOf = (rows: readonly (readonly [name: string, amount: string])[], maxWidth?: number) =>
    textTable(
      [
        { title: "asset", cells: rows.map(([name]) => name) },
        { title: "total", kind: "decimal", cells: rows.map(([, amount]) => amount) },
      ],
      maxWidth,
    );
  const tableOfNames = (names: readonly string[]) => tableOf(names.map((name) => [name, "1"]));
  const rowsOf = (table: string) => table.split("\n").slice(2);

  it("shows line breaks and control characters of a cell as escapes", () => {
    expect(rowsOf(tableOfNames(["\u001b[2Jb\nt\u202ec\u009b"]))).toEqual(["\\u001b[2Jb\\u000at\\u202ec\\u009b      1"]);
  });

  it("shows invisible characters of a cell as escapes, but not the joiners of an emoji", () => {
    const names = {
      "u\u200bsdc": "u\\u200bsdc",
      "us\u00addc": "us\\u00addc",
      "usdc\ufe0f": "usdc\\ufe0f",
      "usdc\u{e0061}": "usdc\\u{e0061}",
      "us\u2060dc": "us\\u2060dc",
      "usd\u3164": "usd\\u3164",
      "👩‍👩‍👧‍👦": "👩‍👩‍👧‍👦",
      "❤️": "❤️",
    };

    const rows = rowsOf(tableOfNames(Object.keys(names)));

    expect(rows.map((line) => line.split(" ")[0])).toEqual(Object.values(names));
  });

  it("aligns columns by the width of their characters on a terminal", () => {
    const names = ["abcd", "金金", "ｕｓ", "👩‍👩‍👧‍👦ab", "🇨🇭ab", "❤️ab", "e\u0301bcd"];

    expect(rowsOf(tableOfNames(names))).toEqual(names.map((name) => `${name}       1`));
  });

  it("truncates a name before the last column, never an amount", () => {
    const [name, amount] = ["金x".repeat(168), `${"9".repeat(60)}.5`];

    expect(rowsOf(tableOf([[name, amount]]))).toEqual([`${"金x".repeat(15)}金…  ${amount}`]);
    expect(rowsOf(textTable([{ title: "asset", cells: [name] }]))).toEqual([name]);
  });

  it("returns only the heading without rows, as wide as its titles", () => {
    expect(tableOf([])).toBe("asset  total\n─────  ─────");
  });

  it("aligns more rows than a function has arguments", () => {
    const cells = Array<string>(200_000).fill("1");

    expect(textTable([{ title: "total", kind: "decimal", cells }]).split("\n")).toHaveLength(2 + cells.length);
  });

  it("aligns any decimals, and shows every digit", () => {
    fc.assert(
      fc.property(fc.array(anyDecimal, { minLength: 1, maxLength: 20 }), (decimals) => {
        const lines = rowsOf(tableOf(decimals.map((decimal) => ["x", decimal])));

        const points = lines.map((line) => (line.includes(".") ? line.indexOf(".") : line.length));
        expect(lines.map((line) => line.split(/ +/))).toEqual(decimals.map((decimal) => ["x", decimal]));
        expect(new Set(points).size).toBe(1);
      }),
    );
  });

  it("puts one space between columns if two do not fit the terminal", () => {
    expect(tableOf([["bitcoin", "1"]], 13)).toBe("asset   total\n─────── ─────\nbitcoin     1");
  });

  it("shows rows that do not fit the terminal one below the other, with everything in their cells", () => {
    const name = "x".repeat(60);

    expect(
      tableOf(
        [
          [name, "1.5"],
          ["btc", "20"],
        ],
        53,
      ),
    ).toBe([`asset  ${name}`, "total  1.5", "", "asset  btc", "total  20"].join("\n"));
  });

  it("fits any terminal, unless a single value is wider, and cuts or drops nothing then", () => {
    const anyCell = fc.oneof(anyDecimal, fc.stringMatching(/^[a-z金]{1,30}$/));
    const anyKind = fc.constantFrom<Column["kind"][]>("count", "decimal", "time", undefined);
    const anyColumn = fc.record({
      title: fc.stringMatching(/^[a-z]{1,12}$/),
      kind: anyKind,
      cells: fc.array(anyCell, { minLength: 3, maxLength: 3 }),
    });
    const anyTable = fc.array(anyColumn, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(anyTable, fc.integer({ min: 20, max: 200 }), (columns, maxWidth) => {
        const lines = textTable(columns, maxWidth).split("\n");

        const titleWidth = Math.max(...columns.map(({ title }) => title.length));
        const values = columns.flatMap(({ title, cells }) =>
          cells.map((cell) => `${title.padEnd(titleWidth)}  ${cell}`),
        );
        const tooWide = lines.filter((line) => displayWidth(line) > maxWidth);
        expect(tooWide.filter((line) => !values.includes(line))).toEqual([]);
        expect(lines.length === 5 || values.every((value) => lines.includes(value))).toBe(true);
      }),
    );
  });
});

describe("rowTable", () => {
  const [id, other] = ["account_af2937b0-9846-4fe7-bfe9-ccc22d935114", "account_af2937b0-9846-5fe7-bfe9-ccc22d935114"];
  const kinds = { step: "time", open: "text", accountId: "account", denomination: "shared" } as const;
  const more = { total: "decimal", accounts: "count", missing: "text", without: "accounts" } as const;
  const fields = fieldsOf<Record<keyof typeof kinds | keyof typeof more, string>>(
    { ...kinds, ...more },
    { timezone: "UTC", history: { accountIds: [id, other], description: (accountId) => ({ accountId }) } },
  );
  const column = (title: string, ...texts: string[]) => ({
    ...fields.find((one) => one.title === title && one.only !== "csv"),
    title,
    texts,
  });
  const WIDE = 100;

  it("states once what all rows have in common, and leaves out columns without a value, except amounts", () => {
    const table = rowTable(
      [
        column("step", "2026-11-29T14:00:00.000Z", "2026-11-29T15:00:00.000Z"),
        column("open", "", ""),
        column("account", id, id),
        column("denomination", "usd", "usd"),
        column("total", "", ""),
        column("accounts", "9", "10"),
        column("missing", "rep", ""),
      ],
      WIDE,
    );

    expect(table.split("\n")).toEqual([
      `${id}, denomination usd`,
      "",
      "step                  total  accounts  missing",
      "────────────────────  ─────  ────────  ───────",
      "2026-11-29T14:00:00Z      –         9  rep",
      "2026-11-29T15:00:00Z      –        10  –",
    ]);
  });

  it("shows prefixes that --account accepts, and milliseconds if one time of the column has them", () => {
    const table = rowTable(
      [
        column("step", "2026-11-29T14:00:00.000Z", "2026-11-29T15:00:00.001Z"),
        column("account", id, "all"),
        column("without", `${id}, ${other}`, other),
      ],
      WIDE,
    );

    expect(table.split("\n").slice(2)).toEqual([
      "2026-11-29T14:00:00.000Z  af2937b0-9846-4  af2937b0-9846-4, af2937b0-9846-5",
      "2026-11-29T15:00:00.001Z  all              af2937b0-9846-5",
    ]);
  });

  it("states nothing above a single row", () => {
    const table = rowTable([column("account", id), column("denomination", "usd")], WIDE);

    expect(table.split("\n").slice(2)).toEqual(["af2937b0-9846-4  usd"]);
  });

  it("states on several lines what does not fit on one", () => {
    const columns = [column("account", id, id), column("denomination", "usd", "usd"), column("total", "1", "2")];

    expect(rowTable(columns, 50).split("\n").slice(0, 3)).toEqual([id, "denomination usd", ""]);
  });
});

describe("shortIds", () => {
  it("returns the shortest prefix of any account that selects only this one, with at least eight digits", () => {
    const anyId = fc.stringMatching(/^account_af2937b[01]-[01]{4}-[01]{3}$/);
    fc.assert(
      fc.property(fc.uniqueArray(anyId, { minLength: 1, maxLength: 20 }), (known) => {
        const short = shortIds(known);

        for (const id of known) {
          const prefix = short(id);
          const accounts = known.map((accountId) => ({ accountId }));
          expect(selectAccounts({ account: [prefix] }, accounts)).toEqual([id]);
          expect(prefix.length).toBeGreaterThanOrEqual("af2937b0".length);
          if (prefix.length === "af2937b0".length) continue;
          expect(known.filter((one) => one.startsWith(`account_${prefix.slice(0, -1)}`)).length).toBeGreaterThan(1);
        }
        expect(short(["all", ...known].join(" "))).toBe(["all", ...known.map(short)].join(" "));
      }),
    );
  });
});
