import { reportToJson } from "../data/packing.ts";
import type { ReportData } from "../data/report-data.ts";
import { bodyHtml, escapeHtml } from "./body.ts";
import { assertSafeInline, hashSource } from "./inline.ts";
import { pageScript, pageStyle } from "./page-parts.ts";

/**
 * Returns a report as one self-contained HTML page. The page opens from disk, and its content security policy blocks
 * all network access. Amounts stay exact decimal strings; only pixel positions use floating point.
 * A page of 2,000 steps and 31 assets takes about 1 MB.
 */
export async function renderReport(data: ReportData): Promise<string> {
  const [script, style] = await Promise.all([pageScript(), pageStyle()]);
  assertSafeInline(script, "script");
  assertSafeInline(style, "style");
  const policy = [
    "default-src 'none'",
    `script-src '${hashSource(script)}'`,
    `style-src '${hashSource(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(data.title)}</title>
<style>${style}</style>
</head>
<body>
${bodyHtml(data)}
<script type="application/json" id="report-data">${escapeJson(reportToJson(data))}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** Escapes JSON for a script element: no string in it can close the element or break a line. */
function escapeJson(json: string): string {
  return json.replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
