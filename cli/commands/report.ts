import type { Command } from "commander";
import type { Interval } from "../../core/history/interval.ts";
import { collectReport, MAX_STEPS } from "../shared/collect-report.ts";
import { sizeText } from "../shared/counted.ts";
import { historyCommand, type ValueOptions } from "../shared/history-command.ts";
import { DEFAULT_DENOMINATION } from "../shared/name-checks.ts";
import { printNote } from "../shared/output.ts";
import { formatOf, withOutput } from "../shared/output-file.ts";
import { type RangeOptions, withRange, withRangeOptions } from "../shared/range-options.ts";
import { everyOption } from "../shared/step-options.ts";

interface Options extends ValueOptions, RangeOptions {
  readonly out: string;
  readonly format?: "html";
  readonly every?: Interval;
  readonly title: string;
}

/** A larger page takes a browser seconds to open, and many mail servers refuse it. */
const LARGE_BYTES = 10_000_000;

export function reportCommand(): Command {
  const command = historyCommand("report", ["html"], "html")
    .requiredOption("--out <file>", "the HTML file, replaced when complete; - is stdout")
    .addOption(everyOption(`the interval between steps (default: the shortest that gives at most ${MAX_STEPS} steps)`))
    .option("--denomination <symbol>", "denomination of the values", DEFAULT_DENOMINATION)
    .option("--title <text>", "the page's heading", "Balances")
    .action(async (given: Options) => {
      formatOf(given, ["html"]);
      const { path, bytes } = await withOutput(given.out, {}, (target) =>
        withRange(given, async (context, options, range) => {
          // Imported on demand because it loads a bundler.
          const { renderReport } = await import("../../report-page/build/render.ts");
          const page = await renderReport(await collectReport(context, range, options));
          await target.write(page);
          return { path: target.path ?? "stdout", bytes: Buffer.byteLength(page) };
        }),
      );
      process.stderr.write(`Wrote ${path} (${sizeText(bytes)}).\n`);
      const note = largePageNote(bytes);
      if (note !== undefined) printNote(note);
    });
  return withRangeOptions(command);
}

/** Returns what to do about a page that is too large to share; `undefined`: it is not. */
export function largePageNote(bytes: number): string | undefined {
  if (bytes <= LARGE_BYTES) return undefined;
  return (
    `The page has ${sizeText(bytes)}: browsers open it slowly, and it may be too large to send. For a smaller one, give ` +
    "a longer --every, a shorter range or fewer accounts."
  );
}
