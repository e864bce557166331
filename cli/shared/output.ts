import { once } from "node:events";
import { localTime } from "./date-time.ts";
import { csvLine } from "./format/csv.ts";
import { rowTable, type TableField } from "./format/row-table.ts";
import { shortIds } from "./format/short-ids.ts";

export const FORMATS = ["table", "json", "csv"] as const;
export type Format = (typeof FORMATS)[number];

/** A column of a table or of CSV. */
export interface Field<Row> extends TableField {
  /** Returns the cell's text; empty, `null` or `undefined` means no value. */
  readonly text: (row: Row) => string | null | undefined;
}

/** Returns columns that show the properties of the same names. */
export function columns<Row>(...names: readonly (keyof Row & string)[]): Field<Row>[] {
  return names.map((name) => ({ title: name, text: (row) => row[name]?.toString() }));
}

/** Returns columns of amounts, aligned by their decimal points. */
export function decimalColumns<Row>(...names: readonly (keyof Row & string)[]): Field<Row>[] {
  return columns<Row>(...names).map((column) => ({ ...column, kind: "decimal" }));
}

/** Returns columns of numbers of things, aligned right. */
export function countColumns<Row>(...names: readonly (keyof Row & string)[]): Field<Row>[] {
  return columns<Row>(...names).map((column) => ({ ...column, kind: "count" }));
}

/** Returns columns of instants, shown in a time zone. */
export function timeColumns<Row>(timezone: string, ...names: readonly (keyof Row & string)[]): Field<Row>[] {
  return columns<Row>(...names).map(({ title, text }) => {
    const time = (instant: string | null | undefined) => instant && localTime(instant, timezone);
    return { title, kind: "time", text: (row) => time(text(row)) };
  });
}

/** Returns the column of the account. @param known all accounts in the table */
export function accountColumn<Row extends { readonly accountId: string }>(known: readonly string[]): Field<Row> {
  return { title: "accountId", text: (row) => row.accountId, inTable: shortIds(known), heading: (id) => id };
}

/** Returns the column of the values' denomination. */
export function denominationColumn<Row>(denomination: string): Field<Row> {
  return { title: "denomination", text: () => denomination, heading: (text) => `denomination ${text}` };
}

/** Returns the columns, which a table states once if all rows have the same value. */
export function statedOnce<Row>(fields: readonly Field<Row>[]): Field<Row>[] {
  return fields.map((field) => ({ ...field, heading: (text) => `${field.title} ${text}` }));
}

/** Returns `table` on a terminal, else `json`. */
export function defaultFormat(): Format {
  return process.stdout.isTTY ? "table" : "json";
}

/** Returns how many columns the terminal has that stdout is; the default if it is none, or does not report them. */
export function terminalColumns(otherwise = Number.POSITIVE_INFINITY): number {
  return process.stdout.columns || otherwise;
}

/** Where a command writes its result. */
export interface OutputTarget {
  /** The path, for messages; absent if it is stdout. */
  readonly path?: string;
  write(content: string | Uint8Array): Promise<void>;
}

/** Writes to stdout, at the speed of its consumer. */
export async function print(content: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(content)) await once(process.stdout, "drain");
}

export const standardOutput: OutputTarget = { write: print };

/** Explains the output on stderr. */
export function printNote(message: string): void {
  process.stderr.write(`${message}\n`);
}

/** Reports on stderr that the output lacks something, and sets the exit code to 1. */
export function reportMissing(message: string): void {
  printNote(message);
  process.exitCode = 1;
}

/**
 * Writes rows and returns how many. JSON and CSV are streamed row by row; a table needs all rows in memory to
 * align its columns.
 */
export async function printRows<Row extends object>(
  rows: AsyncIterable<Row> | Iterable<Row>,
  format: Format,
  fields: readonly Field<Row>[],
  target: OutputTarget = standardOutput,
): Promise<number> {
  let count = 0;
  const texts = (row: Row) => fields.map(({ text }) => text(row) ?? "");
  const tableRows: string[][] = [];
  // The header is printed with the first row, so that a usage error found while reading leaves stdout empty.
  const header = format === "csv" ? csvLine(fields.map(({ title }) => title)) : "";
  for await (const row of rows) {
    if (count++ === 0) await target.write(header);
    if (format === "json") await target.write(`${JSON.stringify(row)}\n`);
    else if (format === "csv") await target.write(csvLine(texts(row)));
    else tableRows.push(texts(row));
  }
  if (count === 0) await target.write(header);
  if (tableRows.length > 0) {
    const columns = fields.map((field, at) => ({ ...field, texts: tableRows.map((row) => row[at] ?? "") }));
    const maxWidth = target === standardOutput ? terminalColumns() : Number.POSITIVE_INFINITY;
    await target.write(`${rowTable(columns, maxWidth)}\n`);
  }
  return count;
}
