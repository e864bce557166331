import { type ColumnSource, fileWriter, ParquetWriter } from "hyparquet-writer";
import type { AmountRow } from "../../../core/history/export-totals.ts";
import { COLUMNS, type Sink } from "./sinks.ts";

/** Rows of one row group: as many as are held in memory. */
const ROW_GROUP = 50_000;

/** Parquet, all columns texts (amounts have more digits than any number type); the control record is in its metadata. */
export function parquetSink(path: string): Sink {
  const writer = new ParquetWriter({
    writer: fileWriter(path),
    schema: [
      { name: "root", num_children: COLUMNS.length },
      ...COLUMNS.map((name) => ({
        name,
        type: "BYTE_ARRAY" as const,
        converted_type: "UTF8" as const,
        repetition_type: "REQUIRED" as const,
      })),
    ],
  });
  let group: AmountRow[] = [];
  const flush = async () => {
    const columnData: ColumnSource[] = COLUMNS.map((name) => ({ name, data: group.map((row) => row[name]) }));
    await writer.write({ columnData, rowGroupSize: ROW_GROUP });
    group = [];
  };
  return {
    write: async (rows) => {
      group.push(...rows);
      if (group.length >= ROW_GROUP) await flush();
    },
    end: async (control) => {
      if (group.length > 0) await flush();
      writer.kvMetadata = [{ key: "control", value: JSON.stringify(control) }];
      await writer.finish();
    },
  };
}
