import { renderStatement } from "../../../report-page/statement/render.ts";
import type { OutputTarget } from "../output.ts";
import { documentText } from "./document-text.ts";
import { type StatementTexts, statementDocument } from "./statement-document.ts";

/** Writes a statement and returns its length in bytes. @param width the columns that a line of a text may take */
export async function writeStatement(
  target: OutputTarget,
  format: "table" | "json" | "html",
  texts: StatementTexts,
  width: number,
): Promise<number> {
  const content = await contentOf(format, texts, width);
  await target.write(content);
  return Buffer.byteLength(content);
}

function contentOf(format: "table" | "json" | "html", texts: StatementTexts, width: number): string | Promise<string> {
  if (format === "json") return `${JSON.stringify(texts.statement)}\n`;
  const document = statementDocument(texts);
  if (format === "html") return renderStatement(document);
  return documentText(document, width);
}
