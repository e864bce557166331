import type { CommandContext } from "../history-command.ts";
import { type OutputTarget, printRows, type RowFormat, reportFailure, tableWidth } from "../output.ts";
import { documentText } from "../statement/document-text.ts";
import { type ReconcileTexts, reconcileDocument } from "./reconcile-document.ts";
import { countOf } from "./reconcile-output.ts";
import { lineFields, lineRows, sumFields, sumRows } from "./reconcile-rows.ts";

/** Writes a reconciliation. Sets the exit code to 1 unless everything is explained, or explained if undetermined transfers count. */
export async function writeReconciliation(
  target: OutputTarget,
  texts: ReconcileTexts,
  context: CommandContext,
  printing: RowFormat,
): Promise<void> {
  const { output, byAsset, detail } = texts;
  const { format, wide } = printing;
  if (format === "json") await target.write(`${JSON.stringify(output)}\n`);
  else if (format === "table") {
    const width = tableWidth({ wide: wide || target.path !== undefined });
    await target.write(documentText(reconcileDocument(texts), width));
  } else if (byAsset) await printRows(sumRows(texts), printing, sumFields(context), target);
  else await printRows(lineRows(texts), printing, lineFields(context, detail), target);
  if (!texts.isExplained) process.exitCode = 1;
  // A text has all of this on top.
  if (format === "table" && target.path === undefined) return;
  for (const sentence of output.incomplete) reportFailure(`incomplete: ${sentence}`);
  const unexplained = countOf(output.lines, "unexplained");
  if (unexplained > 0) reportFailure(`${unexplained} of ${output.lines.length} lines unexplained.`);
}
