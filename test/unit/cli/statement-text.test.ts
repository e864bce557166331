import { documentText } from "../../../cli/shared/statement/document-text.ts";
import type { StatementDocument, StatementTable } from "../../../report-page/statement/document.ts";
import { describe, expect, it } from "../../support/jest.ts";

const HASH = "b11ab4187f17bc3b".repeat(4);

/** Returns a statement with one table, and a command. */
const documentWith = (table: StatementTable, commands: StatementDocument["sections"][0]["commands"] = []) => ({
  ...{ title: "Statement", subtitle: "2026-10", generated: "Now.", incomplete: [] },
  sections: [{ title: "Values", tables: [table], commands }],
});
const accountTable: StatementTable = {
  columns: [
    { title: "account", kind: "account" },
    { title: "name", inText: "optional" },
    { title: "closing", kind: "amount" },
    { title: "hash", kind: "code", inText: "below" },
  ],
  rows: [
    ["Treasury 89af9ed0", "The treasury", "12.50", HASH],
    ["Payouts 300fda09", "The payouts of the group", "7", ""],
  ],
  total: ["total", "", "19.50", ""],
};
const linesOf = (width: number, table = accountTable) => documentText(documentWith(table), width).split("\n").slice(6);

describe("documentText", () => {
  it("has no line below a row or a total without a text there, and a rule above the total", () => {
    expect(linesOf(70)).toEqual([
      "account            name                      closing",
      "─────────────────  ────────────────────────  ───────",
      "Treasury 89af9ed0  The treasury                12.50",
      "  hash:",
      `    ${HASH}`,
      "Payouts 300fda09   The payouts of the group     7",
      "─────────────────  ────────────────────────  ───────",
      "total                                          19.50",
      "",
    ]);
  });

  it.each([40, 60, 80, 120])("fits %d columns", (width) => {
    const lines = documentText(documentWith(accountTable, [["balances", "statement", "--month", "2026-10"]]), width);

    expect(lines.split("\n").filter((line) => line.length > width)).toEqual([]);
  });

  it("leaves out an optional column without room, and says so", () => {
    const lines = linesOf(40);

    expect(lines[0]).toBe("account            closing");
    expect(lines.slice(-3)).toEqual(["", "not shown: name (--wide shows all)", ""]);
  });

  it("shows everything in rows if the width has no limit", () => {
    const [titles, , first] = linesOf(Number.POSITIVE_INFINITY);

    expect(titles).toMatch(/^account +name +closing +hash$/);
    expect(first).toMatch(new RegExp(`^Treasury 89af9ed0 +The treasury +12\\.50 +${HASH}$`));
  });

  it("continues a command on the next line, and breaks no word of it", () => {
    const word = "x".repeat(50);

    const text = documentText(documentWith(accountTable, [["balances", "--account", word, "--table", "b"]]), 40);

    expect(text).toMatch(new RegExp(`\n    balances --account \\\\\n    ${word} \\\\\n    --table b\n$`));
  });
});
