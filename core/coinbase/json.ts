import { jsonPath } from "../domain/untrusted-text.ts";

/** What a body holds, and what is wrong with it: `flaw` says where, and no value of the body. */
export interface ParsedBody {
  /** `undefined` where it could not be read. */
  readonly value?: unknown;
  readonly flaw?: { readonly code: string; readonly what: string };
}

/** The API's own answers have five levels. */
const DEEPEST = 64;

/** Reads a body of JSON. Of what `JSON.parse` takes, it finds fault with what that would lose without a word. */
export function parseBody(bytes: Uint8Array): ParsedBody {
  if (bytes.length === 0) return { flaw: { code: "api_empty_body", what: "an empty body" } };
  // The parser's own message quotes the body: not for a log.
  const notJson = { code: "api_not_json", what: `a body of ${bytes.length} bytes that is no (or cut) JSON` };
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const found = findFlaw(text);
    const flaw = found && { code: "api_unexpected_shape", what: found.what };
    return { ...(found?.tooDeep ? {} : { value: JSON.parse(text) as unknown }), ...(flaw && { flaw }) };
  } catch {
    return { flaw: notJson };
  }
}

/** An object or array that is open at some place of a text. */
interface Level {
  /** Of an object, those that it had so far. */
  readonly keys: Set<string> | undefined;
  /** The key or index that the text is at. */
  at: string | number;
  awaitsKey: boolean;
}

/**
 * The first key that comes twice in its object (of two values one would be lost), that is `__proto__` (the same, on its way
 * through any object), or the depth at which reading on would take more memory than the function has.
 * @param text may be no JSON
 */
function findFlaw(text: string): { what: string; tooDeep?: true } | undefined {
  const levels: Level[] = [];
  const place = () => jsonPath(levels.map(({ at }) => at));
  for (let at = 0; at < text.length; at++) {
    const level = levels.at(-1);
    const sign = text[at];
    if (sign === '"') {
      const end = endOfText(text, at);
      if (level?.keys !== undefined && level.awaitsKey) {
        level.at = keyIn(text.slice(at, end + 1));
        if (level.at === "__proto__") return { what: `a key __proto__ in its body: ${place()}` };
        if (level.keys.has(level.at)) return { what: `a key that is given twice in its body: ${place()}` };
        level.keys.add(level.at);
        level.awaitsKey = false;
      }
      at = end;
    } else if (sign === "{" || sign === "[") {
      if (levels.length === DEEPEST) return { what: `a body of more than ${DEEPEST} levels`, tooDeep: true };
      const keys = sign === "{" ? new Set<string>() : undefined;
      levels.push({ keys, at: keys ? "" : 0, awaitsKey: keys !== undefined });
    } else if (sign === "}" || sign === "]") {
      levels.pop();
    } else if (sign === "," && level !== undefined) {
      if (typeof level.at === "number") level.at++;
      else level.awaitsKey = true;
    }
  }
  return undefined;
}

/** The index of the quote that ends the text which begins at `from`. */
function endOfText(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}

function keyIn(quoted: string): string {
  return quoted.includes("\\") ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
}
