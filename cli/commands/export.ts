import type { Command } from "commander";
import { InputError } from "../../core/domain/errors.ts";
import type { SlotRange } from "../../core/domain/history-source.ts";
import { type ControlTotals, ExportTotals } from "../../core/history/export-totals.ts";
import { namesAt } from "../shared/account-names.ts";
import { counted } from "../shared/counted.ts";
import { columnsOf, csvSink, jsonSink, type Sink } from "../shared/export/sinks.ts";
import { type CommandContext, type HistoryOptions, historyCommand } from "../shared/history-command.ts";
import type { OutputTarget } from "../shared/output.ts";
import { formatOf, withOutput } from "../shared/output-file.ts";
import { type RangeOptions, withRange, withRangeOptions } from "../shared/range-options.ts";

const EXPORT_FORMATS = ["json", "csv", "parquet"] as const;

type ExportFormat = (typeof EXPORT_FORMATS)[number];

interface Options extends HistoryOptions, RangeOptions {
  readonly format?: ExportFormat;
  readonly out?: string;
}

export function exportCommand(): Command {
  const command = historyCommand("export", EXPORT_FORMATS, "the ending of --out, else csv")
    .option("--out <file>", "the output file, replaced when complete; - is stdout (default: stdout, except parquet)")
    .action(async (options: Options) => {
      const format = formatOf(options, EXPORT_FORMATS) ?? "csv";
      if (format === "parquet" && options.out === undefined) {
        throw new InputError("usage", ["--format parquet needs a file: add --out."]);
      }
      const written = await withOutput(options.out, {}, (target) =>
        withRange(options, (context, _, range) => exportTo(target, format, context, range)),
      );
      process.stderr.write(`${written}\n`);
    });
  return withRangeOptions(command);
}

/** Returns a summary of what was written. */
async function exportTo(
  target: OutputTarget,
  format: ExportFormat,
  context: CommandContext,
  range: SlotRange,
): Promise<string> {
  const { snapshots, rows } = await writeAmounts(await openSink(format, target, context), context, range);
  const written = `${counted(snapshots, "snapshot")}, ${counted(rows, "row")}`;
  return target.path === undefined ? written : `${written} written to ${target.path}`;
}

async function writeAmounts(
  sink: Sink,
  { history, accountIds }: CommandContext,
  range: SlotRange,
): Promise<ControlTotals> {
  const totals = new ExportTotals();
  for (const accountId of accountIds) {
    for await (const snapshot of history.completed(accountId, range)) {
      await sink.write(totals.add(snapshot, namesAt(history, accountId, snapshot.completedAt)));
    }
  }
  const controlTotals = totals.controlTotals();
  await sink.end(controlTotals);
  return controlTotals;
}

async function openSink(format: ExportFormat, target: OutputTarget, { history }: CommandContext): Promise<Sink> {
  const columns = columnsOf(history.hasKeys);
  // Loaded on demand, because only this format needs it.
  if (format === "parquet") return (await import("../shared/export/parquet.ts")).parquetSink(target, columns);
  return format === "json" ? jsonSink(target) : csvSink(target, columns);
}
