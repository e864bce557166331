import { once } from "node:events";
import { localTime } from "./date-time.ts";
import { csvLine } from "./format/csv.ts";
import { type Column, textTable } from "./format/table.ts";

export const FORMATS = ["table", "json", "csv"] as const;
export type Format = (typeof FORMATS)[number];

export interface Field<Row> {
  readonly title: string;
  readonly align?: "decimal";
  /** Returns the cell's text; empty, `null` or `undefined` means no value. */
  readonly text: (row: Row) => string | null | undefined;
}

/** Returns columns that show the properties of the same names. */
export function columns<Row>(...names: readonly (keyof Row & string)[]): Field<Row>[] {
  return names.map((name) => ({ title: name, text: (row) => row[name]?.toString() }));
}

/** Returns columns of amounts, aligned by their decimal points. */
export function decimalColumns<Row>(...names: readonly (keyof Row & string)[]): Field<Row>[] {
  return columns<Row>(...names).map((column) => ({ ...column, align: "decimal" }));
}

/** Returns columns of instants, shown in a time zone. */
export function timeColumns<Row>(timezone: string, ...names: readonly (keyof Row & string)[]): Field<Row>[] {
  return columns<Row>(...names).map(({ title, text }) => {
    const time = (instant: string | null | undefined) => instant && localTime(instant, timezone);
    return { title, text: (row) => time(text(row)) };
  });
}

/** Returns `table` on a terminal, else `json`. */
export function defaultFormat(): Format {
  return process.stdout.isTTY ? "table" : "json";
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
  const print = (text: string) => target.write(text);
  const cells: string[][] = [];
  const texts = (row: Row) => fields.map((field) => field.text(row) ?? "");
  // The header is printed with the first row, so that a usage error found while reading leaves stdout empty.
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
