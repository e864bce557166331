import { renderStatement } from "../../../report-page/statement/render.ts";
import { documentText } from "../format/document-text.ts";
import { lineWidth, type OutputTarget } from "../output.ts";
import { type StatementTexts, statementDocument } from "./statement-document.ts";

/** Writes a statement and returns its length. */
export async function writeStatement(
  target: OutputTarget,
  format: "table" | "json" | "html",
  texts: StatementTexts,
): Promise<number> {
  const content = await contentOf(format, texts);
  await target.write(content);
  return Buffer.byteLength(content);
}

function contentOf(format: "table" | "json" | "html", texts: StatementTexts): string | Promise<string> {
  if (format === "json") return `${JSON.stringify(texts.statement)}\n`;
  const document = statementDocument(texts);
  if (format === "html") return renderStatement(document);
  return documentText(document, lineWidth());
}
