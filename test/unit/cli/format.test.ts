import fc from "fast-check";
import { duration } from "../../../cli/shared/counted.ts";
import { lineChart } from "../../../cli/shared/format/chart.ts";
import { snapshotTable } from "../../../cli/shared/format/snapshot-table.ts";
import { csvLine } from "../../../core/domain/csv.ts";
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

describe("lineChart", () => {
  const labelsOf = (...points: string[]) =>
    lineChart(points)
      .split("\n")
      .map((line) => line.split(/[┤└]/)[0]?.trim())
      .filter((label) => label);

  it.each([
    ["22215799.16 22410131.21", "22,410,100 22,339,500 22,268,800 22,215,800"],
    ["1000000000 1000000100", "1,000,000,100 1,000,000,060 1,000,000,030 1,000,000,000"],
    ["1.000000000000000000 1.000000000000000011", "+1.1e-17 +7e-18 +3e-18 1"],
    [`1${"0".repeat(40)} 3${"0".repeat(40)}`, "+2e+40 +1.27273e+40 +5.45455e+39 1e+40"],
    ["-5 6", "6 2 -2 -5"],
    ["7.50 7.5", "7.5"],
  ])("labels the axis of %s with digits that distinguish neighbours", (points, labels) => {
    expect(labelsOf(...points.split(" ")).join(" ")).toBe(labels);
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
    const unsettled = snapshotTable(snapshotWith({}, { unsettled: [symbol] }), view);

    for (const text of [held, unsettled]) {
      expect(text).toContain("btc\\u001b]0;x\\u0007");
      expect(text).not.toMatch(/[^\n\P{Cc}]/u);
    }
  });

  const unpriced = { rep: { rep: ["1", "1"] }, old: { old: ["1", "1"] } } as const;

  it.each([
    ["that an empty account has no holdings", {}, "no holdings"],
    ["no total if no asset has a value", unpriced, "no asset has a value in usd"],
  ] as const)("shows %s", (_, held, text) => {
    expect(snapshotTable(snapshotWith(held), view)).toMatch(new RegExp(`\n\n${text}$`));
  });
});
