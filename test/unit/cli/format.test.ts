import fc from "fast-check";
import { duration } from "../../../cli/shared/counted.ts";
import { fieldsOf } from "../../../cli/shared/fields.ts";
import { lineChart } from "../../../cli/shared/format/chart.ts";
import { csvLine } from "../../../cli/shared/format/csv.ts";
import { displayWidth } from "../../../cli/shared/format/display-width.ts";
import { rowTable } from "../../../cli/shared/format/row-table.ts";
import { shortIds } from "../../../cli/shared/format/short-ids.ts";
import { snapshotTable } from "../../../cli/shared/format/snapshot-table.ts";
import { type Column, textTable } from "../../../cli/shared/format/table.ts";
import { selectAccounts } from "../../../cli/shared/name-checks.ts";
import { anyCharacter } from "../../support/any-character.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { anyDecimal } from "../domain/decimal.ts";
import { assetOf, snapshotWith } from "../domain/snapshots.ts";
import { parseCsv } from "./rfc4180.ts";

/** Removes the guard of a field, as docs/history.md describes it. */
function withoutGuard(field: string): string {
  return /^'+[=+\-@\t\r\n＝＋－＠]/.test(field) ? field.slice(1) : field;
}

const joined = (parts: readonly string[]) => parts.join("");

describe("csvLine", () => {
  it("returns every field unchanged, except for the apostrophe in front of a formula", () => {
    const text = fc.oneof(
      fc.string({ unit: anyCharacter }),
      fc.array(fc.constantFrom(",", '"', "\r", "\n", " ", "a", ";", "'", "=", "-", "1"), { maxLength: 8 }).map(joined),
    );
    const record = fc.array(text, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 4 }), (records) => {
        const csv = records.map(csvLine).join("");

        expect(parseCsv(csv).map((fields) => fields.map(withoutGuard))).toEqual(records);
      }),
      { numRuns: 100 },
    );
  });

  it.each(["=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'=1"])(
    "puts an apostrophe in front of the formula %j",
    (symbol) => {
      const [[field] = []] = parseCsv(csvLine([symbol]));

      expect(field).toBe(`'${symbol}`);
    },
  );

  it("returns every amount unchanged", () => {
    fc.assert(
      fc.property(anyDecimal, (decimal) => {
        expect(csvLine([decimal, `-${decimal.replace("-", "")}`])).toBe(`${decimal},-${decimal.replace("-", "")}\r\n`);
      }),
    );
  });

  it("quotes only fields that need it, and ends a record with CRLF", () => {
    const line = csvLine(["btc", "1.50", "", 'a "b"', "x,y", "two\nlines"]);

    expect(line).toBe('btc,1.50,,"a ""b""","x,y","two\nlines"\r\n');
  });
});

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
    { timezone: "UTC", history: { accountIds: [id, other] } },
  );
  const column = (title: string, ...texts: string[]) => ({
    ...fields.find((one) => one.title === title),
    title,
    texts,
  });
  const WIDE = 100;

  it("states once what all rows have in common, and leaves out columns without a value, except amounts", () => {
    const table = rowTable(
      [
        column("step", "2026-11-29T14:00:00.000Z", "2026-11-29T15:00:00.000Z"),
        column("open", "", ""),
        column("accountId", id, id),
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
        column("accountId", id, "all"),
        column("without", `${id} ${other}`, other),
      ],
      WIDE,
    );

    expect(table.split("\n").slice(2)).toEqual([
      "2026-11-29T14:00:00.000Z  account_af2937b0-9846-4  account_af2937b0-9846-4 account_af2937b0-9846-5",
      "2026-11-29T15:00:00.001Z  all                      account_af2937b0-9846-5",
    ]);
  });

  it("states nothing above a single row", () => {
    const table = rowTable([column("accountId", id), column("denomination", "usd")], WIDE);

    expect(table.split("\n").slice(2)).toEqual(["account_af2937b0-9846-4  usd"]);
  });

  it("states on several lines what does not fit on one", () => {
    const columns = [column("accountId", id, id), column("denomination", "usd", "usd"), column("total", "1", "2")];

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
          expect(selectAccounts([prefix], known)).toEqual([id]);
          expect(prefix.length).toBeGreaterThanOrEqual("account_af2937b0".length);
          if (prefix.length === "account_af2937b0".length) continue;
          expect(known.filter((one) => one.startsWith(prefix.slice(0, -1))).length).toBeGreaterThan(1);
        }
        expect(short(["all", ...known].join(" "))).toBe(["all", ...known.map(short)].join(" "));
      }),
    );
  });
});

describe("lineChart", () => {
  const labelsOf = (...points: string[]) =>
    lineChart(points)
      .split("\n")
      .map((line) => line.split(/[┤└]/)[0]?.trim())
      .filter((label) => label);

  it.each([
    [
      ["22215799.16", "22410131.21"],
      ["22,410,100", "22,339,500", "22,268,800", "22,215,800"],
    ],
    [
      ["1000000000", "1000000100"],
      ["1,000,000,100", "1,000,000,060", "1,000,000,030", "1,000,000,000"],
    ],
    [
      ["1.000000000000000000", "1.000000000000000011"],
      ["+1.1e-17", "+7e-18", "+3e-18", "1"],
    ],
    [
      ["0", "0.00000000000000000011"],
      ["+1.1e-19", "+7e-20", "+3e-20", "0"],
    ],
    [
      [`1${"0".repeat(40)}`, `3${"0".repeat(40)}`],
      ["+2e+40", "+1.27273e+40", "+5.45455e+39", "1e+40"],
    ],
    [
      ["-5", "6"],
      ["6", "2", "-2", "-5"],
    ],
    [["7.50", "7.5"], ["7.5"]],
  ])("labels the axis of %j with digits that distinguish neighbours", (points, labels) => {
    expect(labelsOf(...points)).toEqual(labels);
  });

  it("labels any axis with different texts of at most 18 characters", () => {
    fc.assert(
      fc.property(fc.array(anyDecimal, { minLength: 1, maxLength: 5 }), (points) => {
        const labels = labelsOf(...points);

        expect(new Set(labels).size).toBe(labels.length);
        expect(labels.filter((label = "") => label.length > 18)).toEqual([]);
      }),
    );
  });
});

describe("duration", () => {
  it.each([
    [-5000, "0 seconds"],
    [499, "0 seconds"],
    [1000, "1 second"],
    [59_600, "1 minute"],
    [3_599_000, "59 minutes"],
    [3_600_000, "1 hour"],
    [86_399_000, "23 hours"],
    [400 * 86_400_000, "400 days"],
  ])("returns %d ms as %s", (ms, expected) => {
    expect(duration(ms)).toBe(expected);
  });
});

describe("snapshotTable", () => {
  const now = Date.parse("2026-11-23T11:00:01.234Z");
  const assets = new Map([["btc", assetOf("btc", { name: "Bitcoin" })]]);
  const view = { denomination: "usd", assets, now };

  it("shows slot and capture, balances and holds, and the assets without a price", () => {
    const snapshot = snapshotWith({
      btc: { btc: ["2.5", "3.0"], usd: ["252705.4", "303246.48"] },
      usd: { usd: ["100", "100"] },
      rep: { rep: ["640", "640"] },
      old: { old: ["1", "1"] },
    });

    const text = snapshotTable(snapshot, view);

    expect(text.split("\n")).toEqual([
      "account_af2937b0-9846-4fe7-bfe9-ccc22d935114",
      "slot 2026-11-23T10:00:00Z, captured 2026-11-23T10:00:01.234Z (1 hour ago), completed 2026-11-23T10:00:02.345Z, 1 page, walk verified",
      "",
      "asset  name     total  on hold  value usd",
      "─────  ───────  ─────  ───────  ─────────",
      "btc    Bitcoin    3.0      0.5  303246.48",
      "usd             100                100",
      "old               1                  –",
      "rep             640                  –",
      "",
      "total 303346.48 usd, covers 2 of 4 assets; without a price: old, rep",
    ]);
  });

  it("shows control characters of a symbol as escapes in every line", () => {
    const symbol = "btc\u001b]0;x\u0007";
    const unsafe = { [symbol]: { [symbol]: ["1", "1"] as const } };

    const held = snapshotTable(snapshotWith(unsafe), view);
    const gone = snapshotTable(snapshotWith({}), { ...view, since: snapshotWith(unsafe) });
    const unsettled = snapshotTable(snapshotWith({}, { unsettled: [symbol] }), view);

    for (const text of [held, gone, unsettled]) {
      expect(text).toContain("btc\\u001b]0;x\\u0007");
      expect(text).not.toMatch(/[^\n\P{Cc}]/u);
    }
  });

  const unpriced = { rep: { rep: ["1", "1"] }, old: { old: ["1", "1"] } } as const;

  it.each([
    ["that an empty account has no holdings", {}, "no holdings"],
    ["no total if no asset has a value", unpriced, "no asset has a value in usd"],
  ] as const)("shows %s, and the assets that are no longer held", (_, held, text) => {
    const since = snapshotWith({ ...held, eth: { eth: ["1", "1"], usd: ["1", "1"] } });

    expect(snapshotTable(snapshotWith(held), view)).toMatch(new RegExp(`\n\n${text}$`));
    expect(snapshotTable(snapshotWith(held), { ...view, since })).toContain("no longer held: eth");
  });

  it("shows changes since another snapshot, and assets that are no longer held", () => {
    const since = snapshotWith({
      btc: { btc: ["1", "1"], usd: ["9", "9"] },
      eth: { eth: ["1", "1"], usd: ["1", "1"] },
    });
    const snapshot = snapshotWith({ btc: { btc: ["3", "3"], usd: ["8.5", "8.5"] } });

    const text = snapshotTable(snapshot, { ...view, since });

    expect(text).toMatch(/btc +Bitcoin +3 +8\.5 +\+2 +-0\.5\n/);
    expect(text).toMatch(/\nno longer held: eth$/);
  });
});
