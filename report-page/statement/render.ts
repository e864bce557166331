import { escapeHtml } from "../build/body.ts";
import { assertSafeInline, hashSource } from "../build/inline.ts";
import { statementStyle } from "../build/page-parts.ts";
import type { StatementDocument, StatementSection } from "./document.ts";
import { fractionRules, isWide, tableHtml } from "./table.ts";
import { sentenceHtml, textHtml } from "./text-html.ts";

/** Returns a statement as one HTML page, for the screen and for A4 paper. It has no script and loads nothing. */
export async function renderStatement(statement: StatementDocument): Promise<string> {
  const { title, subtitle, generated, incomplete, sections } = statement;
  const style = [
    await statementStyle(),
    fractionRules(sections.flatMap(({ tables = [] }) => tables)),
    `@page { @bottom-left { content: ${cssString(`${title} · ${subtitle}`)}; } }\n`,
  ].join("");
  assertSafeInline(style, "style");
  const policy = `default-src 'none'; style-src '${hashSource(style)}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
<p>${textHtml(subtitle)}</p>
<p class="note">${textHtml(generated)}</p>
${incompleteHtml(incomplete)}</header>
<main>
${sections.map((section, at) => sectionHtml(section, `section-${at}`)).join("\n")}
</main>
</body>
</html>
`;
}

function incompleteHtml(sentences: readonly string[]): string {
  if (sentences.length === 0) return "";
  const items = sentences.map((sentence) => `<li>${sentenceHtml(sentence)}</li>`).join("");
  return `<div class="incomplete" role="note"><p>Incomplete</p><ul>${items}</ul></div>\n`;
}

function sectionHtml(
  { title, notes = [], tables = [], download, commands = [] }: StatementSection,
  id: string,
): string {
  const filled = tables.filter(({ rows }) => rows.length > 0);
  return [
    `<section aria-labelledby="${id}"${filled.some(isWide) ? ' class="wide"' : ""}>`,
    `<div class="heading"><h2 id="${id}">${textHtml(title)}</h2>`,
    ...notes.map((note) => `<p class="note">${sentenceHtml(note)}</p>`),
    "</div>",
    ...filled.map((table) => tableHtml(table, id)),
    ...(download === undefined ? [] : [downloadHtml(download)]),
    ...(commands.length === 0
      ? []
      : [`<pre tabindex="0">${escapeHtml(commands.map((words) => words.join(" ")).join("\n"))}</pre>`]),
    "</section>",
  ].join("\n");
}

function downloadHtml({ name, content }: NonNullable<StatementSection["download"]>): string {
  const link = `data:application/octet-stream,${encodeURIComponent(content)}`;
  return `<p class="download"><a download="${escapeHtml(name)}" href="${escapeHtml(link)}">Save ${escapeHtml(name)}</a></p>`;
}

/** Returns text as a string of CSS, with an escape for every character that could end it. */
function cssString(text: string): string {
  return `"${text.replace(/[^\w ·,.:+-]/gu, (character) => `\\${character.codePointAt(0)?.toString(16)} `)}"`;
}
