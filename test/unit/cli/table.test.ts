import fc from "fast-check";
import { fieldsOf } from "../../../cli/shared/fields.ts";
import { displayWidth } from "../../../cli/shared/format/display-width.ts";
import { rowTable } from "../../../cli/shared/format/row-table.ts";
import { type Column, NO_VALUE, nameText, textTable } from "../../../cli/shared/format/table.ts";
import { printable } from "../../../core/domain/untrusted-text.ts";
import { anyCharacter } from "../../support/any-character.ts";
import { EXHAUSTIVE } from "../../support/exhaustive.ts";
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

  it("truncates a text in a table that would be too wide, never an amount", () => {
    const [name, amount] = ["金x".repeat(168), `${"9".repeat(60)}.5`];

    expect(rowsOf(tableOf([[name, amount]], 120))).toEqual([`${"金x".repeat(15)}金…  ${amount}`]);
    expect(rowsOf(tableOf([[name, amount]]))).toEqual([`${name}  ${amount}`]);
  });

  it("returns only the heading without rows, as wide as its titles", () => {
    expect(tableOf([])).toBe("asset  total\n─────  ─────");
  });

  it("aligns more rows than a function has arguments", () => {
    const cells = Array<string>(130_000).fill("1");

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

  const column = (title: string, kind: Column["kind"], drop: number | undefined, ...cells: string[]): Column => {
    return { title, kind, drop, cells };
  };

  it.each([
    [118, "time                      name                         total  hold  slot                  message"],
    [115, "time                  name                         total  hold  slot                  message"],
    [110, "time                 name                        total hold slot                 message"],
    [89, "time                  name                         total  hold  slot"],
    [81, "time                 name                        total hold slot"],
    [75, "time                 name                   total hold slot"],
    [60, "time                 name                        total hold"],
    [50, "time                 name                    total"],
    [42, "time     2026-11-01T00:00:00.417Z"],
  ])("shows as much as fits into %d columns", (maxWidth, titles) => {
    const columns = [
      column("time", "time", undefined, "2026-11-01T00:00:00.417Z", "2026-11-01T01:00:00.000Z"),
      column("name", "name", undefined, "United States Dollar", "btc"),
      column("total", "decimal", undefined, "1.12345678", "-20"),
      column("hold", "decimal", 2, "100", "2"),
      column("slot", "time", 1, "2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z"),
      column("message", "note", undefined, "A sentence of somebody: abc.", NO_VALUE),
    ];

    const lines = textTable(columns, maxWidth).split("\n");

    expect(lines[0]).toBe(titles);
  });

  it("puts a note below its row, and names below the table what is not shown", () => {
    const columns = [
      column("time", "time", undefined, "2026-11-01T00:00:00.417Z", "2026-11-01T01:00:00.000Z"),
      column("asset", undefined, undefined, "btc", "eth"),
      column("slot", "time", 1, "2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z"),
      column("message", "note", undefined, "A sentence that somebody wrote, with two parts.", NO_VALUE),
    ];

    expect(textTable(columns, 40).split("\n")).toEqual([
      "time                  asset",
      "────────────────────  ─────",
      "2026-11-01T00:00:00Z  btc",
      "  message: A sentence that somebody",
      "    wrote, with two parts.",
      "2026-11-01T01:00:00Z  eth",
      "",
      "not shown: slot, milliseconds (--wide",
      "  shows all)",
    ]);
  });

  it("truncates the name in front of an id, never the id", () => {
    const columns = [
      column("account", "id", undefined, "Deposits of customers 89af9ed0", "300fda09"),
      column("total", "decimal", undefined, "1234567890.12", "0"),
    ];

    expect(textTable(columns, 36).split("\n").slice(2)).toEqual([
      "Deposits of … 89af9ed0 1234567890.12",
      "300fda09                        0",
    ]);
  });

  it("shows a column again if one that is left out later makes room for it", () => {
    const columns = [
      column("asset", undefined, undefined, "btc"),
      column("name", "name", 1, "Bitcoin"),
      column("hold", "decimal", 2, "123456789012345"),
    ];

    expect(textTable(columns, 20).split("\n")).toEqual([
      "asset  name",
      "─────  ───────",
      "btc    Bitcoin",
      "",
      "not shown: hold",
      "  (--wide shows all)",
    ]);
  });

  it("shows rows that do not fit one below the other, and breaks only values that are longer than a line", () => {
    const digits = "1234567890".repeat(5);
    const table = tableOf(
      [
        ["x".repeat(30), `${digits}.5`],
        ["btc", "20"],
      ],
      37,
    );

    expect(table.split("\n")).toEqual([
      `asset  ${"x".repeat(30)}`,
      `total  ${digits.slice(0, 30)}`,
      `       ${digits.slice(30)}.5`,
      "",
      "asset  btc",
      "total  20",
    ]);
  });

  it("never exceeds its width, and loses no digit of an amount and no letter of an id or a note", () => {
    const anyText = fc.oneof(fc.string({ unit: anyCharacter, maxLength: 60 }), fc.stringMatching(/^[a-z金 /:]{1,40}$/));
    const anyCell = fc.oneof(anyDecimal, anyText, fc.constant("2026-11-01T00:00:00.417Z"));
    const anyColumn = fc.record({
      title: fc.oneof(fc.stringMatching(/^[a-z]{1,12}$/), anyText),
      kind: fc.constantFrom<Column["kind"][]>("count", "decimal", "time", "id", "name", "note", undefined),
      drop: fc.constantFrom(undefined, undefined, 1, 2, 3),
      heading: fc.option(anyText.map(printable), { nil: undefined, freq: 8 }),
      cells: fc.array(anyCell, { minLength: 3, maxLength: 3 }),
    });
    const solid = (text: string) => text.replace(/\s/g, "");
    fc.assert(
      fc.property(
        fc.array(anyColumn, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 20, max: 150 }),
        (columns, maxWidth) => {
          const table = textTable(columns, maxWidth);

          const [shown = "", left = ""] = table.split(/(?<=\n)not shown:\s/).map(solid);
          const kept = columns.filter(
            ({ heading, title }) => !(heading !== undefined || left.includes(solid(nameText(title)))),
          );
          const whole = kept.filter(({ kind = "name" }) => kind !== "time" && kind !== "name");
          const wholeText = (cell: string, kind: Column["kind"]) =>
            (kind === "id" ? cell.split(" ").at(-1) : cell) ?? "";
          const cells = whole.flatMap(({ kind, cells }) =>
            cells.map((cell) => solid(wholeText(printable(cell), kind))),
          );
          expect(table.split("\n").filter((line) => displayWidth(line) > maxWidth)).toEqual([]);
          expect(cells.filter((cell) => !shown.includes(cell))).toEqual([]);
        },
      ),
      { numRuns: EXHAUSTIVE ? 300 : 100 },
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

    expect(rowTable(columns, 50).split("\n").slice(0, 3)).toEqual([`${id},`, "denomination usd", ""]);
  });
});
