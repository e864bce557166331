import { ByteWriter, type ColumnSource, ParquetWriter } from "hyparquet-writer";
import type { OutputTarget } from "../output.ts";
import { type Columns, type Sink, textsOf } from "./sinks.ts";

/** The writer holds one row group in memory. */
const ROW_GROUP_SIZE = 50_000;

/**
 * Writes Parquet. All columns are strings, because amounts have more digits than any number type. The control totals
 * are in the file's metadata.
 */
export function parquetSink(target: OutputTarget, columns: Columns): Sink {
  const writer = new ParquetWriter({
    writer: new TargetWriter(target),
    schema: [
      { name: "root", num_children: columns.length },
      ...columns.map((name) => ({
        name,
        type: "BYTE_ARRAY" as const,
        converted_type: "UTF8" as const,
        repetition_type: "REQUIRED" as const,
      })),
    ],
  });
  let group: string[][] = [];
  const flush = async () => {
    const columnData: ColumnSource[] = columns.map((name, at) => ({ name, data: group.map((texts) => texts[at]) }));
    await writer.write({ columnData, rowGroupSize: ROW_GROUP_SIZE });
    group = [];
  };
  return {
    write: async (rows) => {
      group.push(...rows.map((row) => textsOf(row, columns)));
      if (group.length >= ROW_GROUP_SIZE) await flush();
    },
    end: async (totals) => {
      if (group.length > 0) await flush();
      writer.kvMetadata = [{ key: "control", value: JSON.stringify(totals) }];
      await writer.finish();
    },
  };
}

/** Passes each row group on, in order, because the target may be a pipe. */
class TargetWriter extends ByteWriter {
  readonly #target: OutputTarget;

  constructor(target: OutputTarget) {
    super();
    this.#target = target;
  }

  async flush(): Promise<void> {
    await this.#target.write(this.getBytes());
    this.index = 0;
  }

  override finish(): Promise<void> {
    return this.flush();
  }
}
