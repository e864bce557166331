import { displayWidth, piecesOf } from "./display-width.ts";

/** Narrower lines would be unreadable: a terminal with fewer columns wraps them. */
const MIN_WIDTH = 20;

/** Returns the columns that lines may take: those of the terminal, but at least 20. */
export function usableWidth(columns: number): number {
  return Math.max(MIN_WIDTH, columns);
}

/**
 * Returns a text on lines that fit, broken between words. A word that is longer than a line is broken after a slash or a colon,
 * or else anywhere: nothing is left out.
 * @param text with spaces between its words; or words that may contain spaces
 * @param indent before each line except the first
 * @param lineEnd ends each line except the last one of a command. Its words are not broken: the shell would see two
 */
export function wrapWords(
  text: string | readonly string[],
  maxWidth = Number.POSITIVE_INFINITY,
  indent = "  ",
  lineEnd = "",
): string {
  const words = typeof text === "string" ? text.split(" ") : text;
  if (maxWidth === Number.POSITIVE_INFINITY) return words.join(" ");
  const width = usableWidth(maxWidth);
  const room = width - displayWidth(indent);
  const lines: string[] = [];
  let line = "";
  words.forEach((word, at) => {
    const parts =
      lineEnd !== "" || displayWidth(word) <= room
        ? [word]
        : (word.match(/[^/:]*[/:]|[^/:]+$/g) ?? []).flatMap((part) => piecesOf(part, room));
    parts.forEach((part, index) => {
      const longer = `${line}${at > 0 && index === 0 ? " " : ""}${part}`;
      if (line === "" || displayWidth(longer + lineEnd) <= width) line = longer;
      else {
        lines.push(line.trimEnd());
        line = indent + part;
      }
    });
  });
  return [...lines, line].join(`${lineEnd}\n`);
}

/** Returns facts with commas between them, on as many lines as they need. */
export function wrapFacts(facts: readonly string[], maxWidth?: number): string {
  return wrapWords(separated(facts, ","), maxWidth, "");
}

/** Returns texts as words with a separator behind each except the last. */
export function separated(texts: readonly string[], separator: string): string[] {
  return texts.map((text, at) => (at < texts.length - 1 ? text + separator : text));
}
