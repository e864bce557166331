import { csvLine } from "../../../core/domain/csv.ts";
import type { AmountRow, ControlTotals } from "../../../core/history/export-totals.ts";
import { alteredText } from "../fields.ts";
import type { OutputTarget } from "../output.ts";

export interface Sink {
  write(rows: readonly AmountRow[]): Promise<void>;
  /** Writes the control totals and everything that is still in memory. */
  end(totals: ControlTotals): Promise<void>;
}

const COLUMNS = [
  "slot",
  "capturedAt",
  "completedAt",
  "trigger",
  "consistency",
  "accountId",
  "accountName",
  "altered",
  "asset",
  "denomination",
  "available",
  "total",
] as const satisfies readonly (keyof AmountRow)[];

/** The columns of an amount in CSV and Parquet. */
export type Columns = readonly ((typeof COLUMNS)[number] | "key")[];

/** Returns the columns. @param hasKeys whether a key with a name has served an account */
export function columnsOf(hasKeys: boolean): Columns {
  return hasKeys ? COLUMNS.flatMap((name) => (name === "accountName" ? [name, "key" as const] : name)) : COLUMNS;
}

/** Returns the columns as texts. */
export function textsOf(row: AmountRow, columns: Columns): string[] {
  return columns.map((name) => (name === "altered" ? alteredText(row) : (row[name] ?? "")));
}

/** Writes JSON lines: `{"record": "amount", …}` for each amount, then one `{"record": "control", …}`. */
export function jsonSink(target: OutputTarget): Sink {
  const line = (record: string, row: object) => `${JSON.stringify({ record, ...row })}\n`;
  return {
    write: (rows) => target.write(rows.map((row) => line("amount", row)).join("")),
    end: (totals) => target.write(line("control", totals)),
  };
}

/** Writes CSV (RFC 4180): one record per amount, then a record `control` with the control totals as JSON in `total`. */
export function csvSink(target: OutputTarget, columns: Columns): Sink {
  // The header is written with the first records, so that an error before these leaves stdout empty.
  let header = csvLine(["record", ...columns]);
  const write = (records: string) => {
    const text = header + records;
    header = "";
    return target.write(text);
  };
  return {
    write: (rows) => write(rows.map((row) => csvLine(["amount", ...textsOf(row, columns)])).join("")),
    end: (totals) => write(csvLine(["control", ...columns.slice(0, -1).map(() => ""), JSON.stringify(totals)])),
  };
}
