import { renameSync, rmSync } from "node:fs";
import type { Command } from "commander";
import { InputError } from "../../core/domain/errors.ts";
import { capturedIn } from "../../core/history/captured.ts";
import { ExportTotals } from "../../core/history/export-totals.ts";
import { csvSink, fileTarget, jsonSink, type Sink, standardOutput } from "../shared/export/sinks.ts";
import { type HistoryOptions, historyCommand, type OpenHistory, withHistory } from "../shared/history-command.ts";
import { assertOutFile } from "../shared/option-file.ts";
import { type RangeOptions, readRange, withRangeOptions } from "../shared/ranges.ts";

const EXPORT_FORMATS = ["json", "csv", "parquet"] as const;

interface Options extends Omit<HistoryOptions, "format">, RangeOptions {
  readonly format?: (typeof EXPORT_FORMATS)[number];
  readonly out?: string;
}

/** `export`: every amount of every snapshot in a range. */
export function exportCommand(): Command {
  const description = "writes every amount of every complete snapshot in a range, and a control record";
  const command = historyCommand("export", description, EXPORT_FORMATS, "csv; json is one object a line")
    .option("--out <file>", "the file (default: stdout; parquet needs a file); it is there only when it is complete")
    .action((options: Options) => {
      if (options.format === "parquet" && options.out === undefined) {
        throw new InputError("usage", ["--format parquet needs a file: give --out."]);
      }
      if (options.out !== undefined) assertOutFile(options.out);
      return withHistory(options, (history) => exportTo(history, options));
    });
  return withRangeOptions(command);
}

async function exportTo(history: OpenHistory, options: Options): Promise<void> {
  const range = readRange(options, history);
  const { out } = options;
  // Under another name until it is whole: an export that was broken off leaves nothing that looks like one.
  const partial = out === undefined ? undefined : `${out}.partial`;
  const tidyUp = () => partial !== undefined && rmSync(partial, { force: true });
  const interrupt = () => {
    tidyUp();
    process.exit(130);
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    const sink = await openSink(options, partial);
    const ledger = new ExportTotals();
    for (const accountId of history.accountIds) {
      for await (const snapshot of capturedIn(history.reader, accountId, range, history.periodMs(range))) {
        await sink.write(ledger.add(snapshot));
      }
    }
    const control = ledger.control();
    await sink.end(control);
    if (out !== undefined && partial !== undefined) renameSync(partial, out);
    process.stderr.write(
      `${control.snapshots} snapshots, ${control.rows} rows${out === undefined ? "" : `, in ${out}`}\n`,
    );
  } catch (thrown) {
    tidyUp();
    throw thrown;
  } finally {
    process.removeListener("SIGINT", interrupt).removeListener("SIGTERM", interrupt);
  }
}

async function openSink({ format }: Options, path: string | undefined): Promise<Sink> {
  if (format === "parquet") return (await import("../shared/export/parquet.ts")).parquetSink(path ?? "");
  const target = path === undefined ? standardOutput : await fileTarget(path);
  return format === "json" ? jsonSink(target) : csvSink(target);
}
