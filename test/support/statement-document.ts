import type { StatementDocument, StatementSection } from "../../report-page/statement/document.ts";

export const MARKUP = `<img src=x onerror="document.title='broken'">`;
export const HEADS = '{"accountId":"account_1","sequence":1}\n';
/** Numbers of rows, so that pages end in different parts of a table. */
export const ROWS = [1, 2, 3, 9, 30, 14, 5, 41, 22, 7, 18, 2, 26, 11, 3, 35, 13, 6, 20, 8];

const amount = { kind: "amount" } as const;
/** Columns whose amounts do not fit in one row. */
export const AMOUNTS = ["opening", "in", "out", "fees", "unexplained", "closing"];
export const number = (at: number) => `${at}`.padStart(2, "0");
const sections = ROWS.map((count, at): StatementSection => {
  const columns = [`col${number(at)}`, "opening", "quantity effect", "closing"].map((title, index) =>
    index === 0 ? { title } : { title, ...amount },
  );
  const rows = Array.from({ length: count }, (_, row) => [
    ...[
      `row${number(at)}-${number(row)}`,
      "1761532653.557567964396646908",
      "-12.5",
      row % 5 === 0 ? "" : "16464.33697526722736",
    ],
  ]);
  return {
    title: `sec${number(at)}`,
    notes: ["A note."],
    tables: [{ columns, rows, total: [`sum${number(at)}`, "", "", "1"] }],
    commands: [[`command${number(at)}`]],
  };
});
const quantities: StatementSection = {
  title: "Quantities",
  tables: [
    {
      columns: ["asset", "opening", "change", "closing"].map((title, at) =>
        at === 0 ? { title } : { title, ...amount },
      ),
      rows: [["near", ...["1", "-1", "2"].map((whole) => `${whole}761532653.557567964396646908123456`)]],
    },
  ],
};
const empty: StatementSection = {
  title: "Prices",
  notes: ["No price is known."],
  tables: [{ columns: [{ title: "asset" }], rows: [] }],
};
const blocks: StatementSection = {
  title: "Reconciliation",
  tables: [
    {
      columns: ["asset", ...AMOUNTS].map((title, at) => (at === 0 ? { title } : { title, ...amount })),
      rows: [["near", ...AMOUNTS.map((_, at) => `${at}761532653.557567964396646908123456`)]],
    },
  ],
};
const hashes: StatementSection = {
  title: "Verification",
  tables: [
    {
      columns: [
        { title: "account", kind: "account" },
        { title: "slot", kind: "time" },
        { title: "hash", kind: "code" },
      ],
      rows: [[`\u2068חשבון ${MARKUP}\u2069 01007bbc`, "2026-11-08 04:00:00 +01:00", "b11ab4187f17bc3b".repeat(4)]],
    },
  ],
  download: { name: "heads.jsonl", content: HEADS },
  commands: [["balances", "verify", "--table", "a-table-with-a-name-that-is-longer-than-the-screen-of-a-phone"]],
};
/** A statement whose tables, names and amounts are hard to show and to print. */
export const statement: StatementDocument = {
  ...{ title: "Statement 2026-11", subtitle: `November "2026" \\ ${MARKUP}`, generated: "Generated now." },
  incomplete: ["3 of 720 slots have no complete snapshot: see Gaps."],
  sections: [...sections, quantities, blocks, empty, hashes],
};
