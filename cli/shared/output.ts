import { once } from "node:events";
import { csvLine } from "./format/csv.ts";
import { type Column, textTable } from "./format/table.ts";

export const FORMATS = ["table", "json", "csv"] as const;
export type Format = (typeof FORMATS)[number];

/** One column of a command's answer. */
export interface Field<Row> {
  readonly title: string;
  readonly align?: "decimal";
  /** An empty text is "there is none". */
  readonly text: (row: Row) => string | null | undefined;
}

/** For a person on a terminal a table; into a pipe JSON, one object a line. */
export function defaultFormat(): Format {
  return process.stdout.isTTY ? "table" : "json";
}

/** Writes to stdout, waiting where the reader is slower. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

/**
 * Rows on stdout. JSON and CSV are written row by row, so that an answer of any length needs no memory; a table has to
 * know all rows before it can align them.
 */
export async function printRows<Row extends object>(
  rows: AsyncIterable<Row> | Iterable<Row>,
  format: Format,
  fields: readonly Field<Row>[],
): Promise<number> {
  let count = 0;
  const cells: string[][] = [];
  const texts = (row: Row) => fields.map((field) => field.text(row) ?? "");
  // With the first row, or where there is none: a wrong option, found when the rows are asked for, prints nothing here.
  const header = format === "csv" ? csvLine(fields.map(({ title }) => title)) : "";
  for await (const row of rows) {
    if (count++ === 0) await print(header);
    if (format === "json") await print(`${JSON.stringify(row)}\n`);
    else if (format === "csv") await print(csvLine(texts(row)));
    else cells.push(texts(row).map((text) => text || "–"));
  }
  if (count === 0) await print(header);
  if (format === "table" && count > 0) {
    const columns: Column[] = fields.map(({ title, align = "left" as const }) => ({ title, align }));
    await print(`${textTable(columns, cells)}\n`);
  }
  return count;
}
