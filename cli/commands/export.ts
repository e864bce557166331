import type { Command } from "commander";
import { InputError } from "../../core/domain/errors.ts";
import type { SlotRange } from "../../core/domain/history-source.ts";
import { type ControlTotals, ExportTotals } from "../../core/history/export-totals.ts";
import { counted } from "../shared/counted.ts";
import { csvSink, fileTarget, jsonSink, type Sink, standardOutput } from "../shared/export/sinks.ts";
import { assertOutFile, writeWholeFile } from "../shared/file-options.ts";
import { type CommandContext, type HistoryOptions, historyCommand, withHistory } from "../shared/history-command.ts";
import { type RangeOptions, readRange, withRangeOptions } from "../shared/range-options.ts";

const EXPORT_FORMATS = ["json", "csv", "parquet"] as const;

interface Options extends HistoryOptions, RangeOptions {
  readonly format?: (typeof EXPORT_FORMATS)[number];
  readonly out?: string;
}

export function exportCommand(): Command {
  const description = "writes every amount of every complete snapshot in a range, then control totals";
  const command = historyCommand("export", description, EXPORT_FORMATS, "csv; json writes one object per line")
    .option("--out <file>", "the output file, which appears only when it is complete (default: stdout, except parquet)")
    .action((options: Options) => {
      if (options.format === "parquet" && options.out === undefined) {
        throw new InputError("usage", ["--format parquet needs a file: add --out."]);
      }
      if (options.out !== undefined) assertOutFile(options.out);
      return withHistory(options, (context) => exportTo(context, options));
    });
  return withRangeOptions(command);
}

async function exportTo(context: CommandContext, options: Options): Promise<void> {
  const range = readRange(options, context);
  const { out } = options;
  const write = async (path?: string) => writeAmounts(await openSink(options, path), context, range);
  const { snapshots, rows } = await (out === undefined ? write() : writeWholeFile(out, write));
  const written = `${counted(snapshots, "snapshot")}, ${counted(rows, "row")}`;
  process.stderr.write(out === undefined ? `${written}\n` : `${written} written to ${out}\n`);
}

async function writeAmounts(
  sink: Sink,
  { history, accountIds }: CommandContext,
  range: SlotRange,
): Promise<ControlTotals> {
  const totals = new ExportTotals();
  for (const accountId of accountIds) {
    for await (const snapshot of history.captured(accountId, range)) await sink.write(totals.add(snapshot));
  }
  const controlTotals = totals.controlTotals();
  await sink.end(controlTotals);
  return controlTotals;
}

async function openSink({ format }: Options, path: string | undefined): Promise<Sink> {
  if (format === "parquet") return (await import("../shared/export/parquet.ts")).parquetSink(path ?? "");
  const target = path === undefined ? standardOutput : await fileTarget(path);
  return format === "json" ? jsonSink(target) : csvSink(target);
}
