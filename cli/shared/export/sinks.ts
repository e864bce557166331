import { open } from "node:fs/promises";
import type { AmountRow, ControlTotals } from "../../../core/history/export-totals.ts";
import { csvLine } from "../format/csv.ts";
import { print } from "../output.ts";

export interface Sink {
  write(rows: readonly AmountRow[]): Promise<void>;
  /** Writes the control totals and flushes everything. */
  end(totals: ControlTotals): Promise<void>;
}

/** The columns of an amount in CSV and Parquet. */
export const COLUMNS = [
  "slot",
  "capturedAt",
  "trigger",
  "consistency",
  "accountId",
  "asset",
  "denomination",
  "available",
  "total",
] as const satisfies readonly (keyof AmountRow)[];

export interface TextTarget {
  write(text: string): Promise<void>;
  end(): Promise<void>;
}

export const standardOutput: TextTarget = { write: print, end: async () => {} };

/** Creates a file, or empties it. */
export async function fileTarget(path: string): Promise<TextTarget> {
  const file = await open(path, "w");
  return { write: (text) => file.appendFile(text), end: () => file.close() };
}

/** Writes JSON lines: `{"record": "amount", …}` for each amount, then one `{"record": "control", …}`. */
export function jsonSink(target: TextTarget): Sink {
  const line = (record: string, row: object) => `${JSON.stringify({ record, ...row })}\n`;
  return {
    write: (rows) => target.write(rows.map((row) => line("amount", row)).join("")),
    end: async (totals) => {
      await target.write(line("control", totals));
      await target.end();
    },
  };
}

/** Writes CSV (RFC 4180): one record per amount, then a record `control` with the control totals as JSON in `total`. */
export async function csvSink(target: TextTarget): Promise<Sink> {
  await target.write(csvLine(["record", ...COLUMNS]));
  return {
    write: (rows) => target.write(rows.map((row) => csvLine(["amount", ...COLUMNS.map((name) => row[name])])).join("")),
    end: async (totals) => {
      await target.write(csvLine(["control", ...COLUMNS.slice(0, -1).map(() => ""), JSON.stringify(totals)]));
      await target.end();
    },
  };
}
