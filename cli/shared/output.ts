import { once } from "node:events";
import { csvLine } from "../../core/domain/csv.ts";
import { InputError, type JobError, messageWithFix } from "../../core/domain/errors.ts";
import type { Field } from "./fields.ts";
import { rowTable } from "./format/row-table.ts";

export const FORMATS = ["table", "json", "csv"] as const;
export type Format = (typeof FORMATS)[number];

/** Returns `table` on a terminal, else `json`. */
export function defaultFormat(): Format {
  return process.stdout.isTTY ? "table" : "json";
}

/** How a command prints rows. */
export interface RowFormat {
  readonly format: Format;
  /** Whether a table shows everything, however wide it is. */
  readonly wide: boolean;
}

/**
 * Returns how to print rows: `--wide` selects a table.
 * @param format the selected one, if any
 * @throws InputError for `--wide` with another format
 */
export function rowFormat(format: Format | undefined, wide = false): RowFormat {
  if (!wide || format === undefined || format === "table") {
    return { format: format ?? (wide ? "table" : defaultFormat()), wide };
  }
  throw new InputError("usage", [
    `--wide is for tables, but the format is ${format}, which has everything. Omit --wide.`,
  ]);
}

/** Columns of a line if nothing else is known. Every table fits them. */
const DEFAULT_COLUMNS = 80;

/** Returns how many columns a line may take: `COLUMNS`, or else those of the terminal that stdout is, or else 80. */
export function lineWidth(): number {
  const { COLUMNS = "" } = process.env;
  return /^[1-9]\d*$/.test(COLUMNS) ? Number(COLUMNS) : process.stdout.columns || DEFAULT_COLUMNS;
}

/** Returns how many columns a table may take. */
export function tableWidth({ wide }: Pick<RowFormat, "wide">): number {
  return wide ? Number.POSITIVE_INFINITY : lineWidth();
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

/** For what accompanies a result. */
export const standardError: OutputTarget = {
  write: async (content) => {
    process.stderr.write(content);
  },
};

/** Explains the output on stderr. */
export function printNote(message: string): void {
  process.stderr.write(`${message}\n`);
}

/** Reports on stderr why the output is incomplete or wrong, and sets the exit code to 1. */
export function reportFailure(message: string): void {
  printNote(message);
  process.exitCode = 1;
}

/** Reports on stderr what a reader skips because it cannot be read, and sets the exit code to 1. */
export function reportDamage(error: JobError): void {
  reportFailure(messageWithFix(error));
}

/**
 * Writes rows and returns how many. JSON and CSV are streamed row by row; a table needs all rows in memory to
 * align its columns. A table in a file shows everything.
 */
export async function printRows<Row extends object>(
  rows: AsyncIterable<Row> | Iterable<Row>,
  { format, wide }: RowFormat,
  fields: readonly Field<Row>[],
  target: OutputTarget = standardOutput,
): Promise<number> {
  let count = 0;
  const columns = fields.filter(({ only = format }) => only === format);
  const texts = (row: Row) => columns.map(({ text }) => text(row) ?? "");
  const tableRows: string[][] = [];
  // The header is printed with the first row, so that a usage error found while reading leaves stdout empty.
  const header = format === "csv" ? csvLine(columns.map(({ title }) => title)) : "";
  for await (const row of rows) {
    if (count++ === 0) await target.write(header);
    if (format === "json") await target.write(`${JSON.stringify(row)}\n`);
    else if (format === "csv") await target.write(csvLine(texts(row)));
    else tableRows.push(texts(row));
  }
  if (count === 0) await target.write(header);
  if (tableRows.length > 0) {
    const filled = columns.map((column, at) => ({ ...column, texts: tableRows.map((row) => row[at] ?? "") }));
    const maxWidth = tableWidth({ wide: wide || target.path !== undefined });
    await target.write(`${rowTable(filled, maxWidth)}\n`);
  }
  return count;
}
