import { jsonPath } from "../domain/untrusted-text.ts";

/** A parsed body, and what is wrong with it. */
export interface ParsedBody {
  /** `undefined` if the body could not be parsed. */
  readonly value?: unknown;
  /** `description` names the place, and shows no value of the body. */
  readonly problem?: { readonly code: string; readonly description: string };
}

/** The API's own responses have five levels. */
const MAX_DEPTH = 64;
/**
 * A page of 1,000 balances, the largest that can be configured, has 12,000 values. A value can take 100 times as much memory as
 * its text, `{}`.
 */
const MAX_VALUES = 25_000;

const UTF_8 = new TextDecoder("utf-8", { fatal: true });

/** Parses a JSON body. Reports what `JSON.parse` would silently lose: duplicate keys and `__proto__`. */
export function parseBody(bytes: Uint8Array): ParsedBody {
  if (bytes.length === 0) return { problem: { code: "api_empty_body", description: "an empty body" } };
  try {
    const text = UTF_8.decode(bytes);
    const found = findProblem(text);
    if (found === undefined) return { value: JSON.parse(text) as unknown };
    const { description, tooLarge = false, tooDeep = false } = found;
    const problem = { code: tooLarge ? "api_body_too_large" : "api_unexpected_shape", description };
    return tooLarge || tooDeep ? { problem } : { value: JSON.parse(text) as unknown, problem };
  } catch {
    // The parser's own message is not used: it quotes the body.
    const description = `a body of ${bytes.length} bytes that is not complete JSON`;
    return { problem: { code: "api_not_json", description } };
  }
}

/** An object or array that is open at the current place in the text. */
interface Level {
  /** The keys so far; `undefined` for an array. */
  readonly keys: Set<string> | undefined;
  /** The current key or index. */
  at: string | number;
  awaitsKey: boolean;
}

/**
 * Finds the first duplicate key (`JSON.parse` would drop one of the values), the first key `__proto__` (an object may
 * lose it), or the place where there is so much nesting, or are so many values, that parsing could exhaust the memory.
 * @param text need not be JSON
 */
function findProblem(text: string): { description: string; tooDeep?: true; tooLarge?: true } | undefined {
  const levels: Level[] = [];
  /** Counts the starts of lists and objects, and the commas between values. */
  let values = 0;
  const path = () => jsonPath(levels.map(({ at }) => at));
  for (let at = 0; at < text.length; at++) {
    const level = levels.at(-1);
    const character = text[at];
    if (character === "," || character === "{" || character === "[") values++;
    if (values > MAX_VALUES) return { description: `a body of more than ${MAX_VALUES} values`, tooLarge: true };
    if (character === '"') {
      const end = endOfString(text, at);
      if (level?.keys !== undefined && level.awaitsKey) {
        level.at = parseKey(text.slice(at, end + 1));
        if (level.at === "__proto__") return { description: `a key __proto__ in its body: ${path()}` };
        if (level.keys.has(level.at)) return { description: `a duplicate key in its body: ${path()}` };
        level.keys.add(level.at);
        level.awaitsKey = false;
      }
      at = end;
    } else if (character === "{" || character === "[") {
      if (levels.length === MAX_DEPTH) return { description: `a body of more than ${MAX_DEPTH} levels`, tooDeep: true };
      const keys = character === "{" ? new Set<string>() : undefined;
      levels.push({ keys, at: keys ? "" : 0, awaitsKey: keys !== undefined });
    } else if (character === "}" || character === "]") {
      levels.pop();
    } else if (character === "," && level !== undefined) {
      if (typeof level.at === "number") level.at++;
      else level.awaitsKey = true;
    }
  }
  return undefined;
}

/** Returns the index of the quote that closes the string whose opening quote is at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = start; ; ) {
    at = text.indexOf('"', at + 1);
    if (at < 0) return text.length;
    let backslashes = 0;
    while (text[at - 1 - backslashes] === "\\") backslashes++;
    // Each pair of backslashes is one character of the string, so an even number does not escape the quote.
    if (backslashes % 2 === 0) return at;
  }
}

function parseKey(quoted: string): string {
  return quoted.includes("\\") ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
}
