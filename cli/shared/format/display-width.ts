const SEGMENTER = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Starts with a character of two columns: East Asian Wide or Fullwidth (Unicode, EastAsianWidth.txt), or is an emoji. */
const WIDE = new RegExp(
  "^[\\u1100-\\u115F\\u2E80-\\u303E\\u3041-\\u4DBF\\u4E00-\\uA4CF\\uA960-\\uA97C\\uAC00-\\uD7A3\\uF900-\\uFAFF\\uFE10-\\uFE19" +
    "\\uFE30-\\uFE6F\\uFF01-\\uFF60\\uFFE0-\\uFFE6\\u{17000}-\\u{18DFF}\\u{1AFF0}-\\u{1B2FF}\\u{20000}-\\u{3FFFD}" +
    "\\p{Emoji_Presentation}]|^\\p{Emoji}\\uFE0F",
  "u",
);

/** Text whose characters take one column each. Most text is, and segmenting it is slow. */
const PRINTABLE_ASCII = /^[ -~]*$/;

/** Returns how many columns of a terminal the text takes. */
export function displayWidth(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  return graphemes(text).reduce((sum, { width }) => sum + width, 0);
}

/** Returns the start of the text that takes at most `maxWidth` columns, ending in `…` if anything is left out. */
export function truncateWidth(text: string, maxWidth: number): string {
  if (text.length <= maxWidth / 2 || displayWidth(text) <= maxWidth) return text;
  let [result, left] = ["", maxWidth - 1];
  for (const { segment, width } of graphemes(text)) {
    left -= width;
    if (left < 0) break;
    result += segment;
  }
  return `${result}…`;
}

/** Returns the text in pieces of at most `maxWidth` columns each; a character that is wider is a piece. */
export function piecesOf(text: string, maxWidth: number): string[] {
  const pieces: string[] = [];
  let left = 0;
  for (const { segment, width } of graphemes(text)) {
    if (left < width) {
      pieces.push("");
      left = maxWidth;
    }
    pieces[pieces.length - 1] += segment;
    left -= width;
  }
  return pieces;
}

function graphemes(text: string): { segment: string; width: number }[] {
  return [...SEGMENTER.segment(text)].map(({ segment }) => ({ segment, width: WIDE.test(segment) ? 2 : 1 }));
}
