import { printable } from "../../core/domain/untrusted-text.ts";

/**
 * Describes where a text stops being JSON, or returns `undefined` if it is JSON. The parser's own message is not used: it quotes the text,
 * which may be a key file by mistake, and often it has no position. Only one character of the text is shown.
 */
export function describeSyntaxError(text: string): string | undefined {
  if (errorOf(text) === undefined) return undefined;
  // Binary search for the longest start of the text that some JSON has.
  let [valid, invalid] = [0, text.length + 1];
  while (invalid - valid > 1) {
    const middle = Math.floor((valid + invalid) / 2);
    if (isStartOfJson(text, middle)) valid = middle;
    else invalid = middle;
  }
  if (text === "") return "it is empty";
  const character = text.slice(valid).match(/^./su)?.[0];
  return character === undefined
    ? `it ends too early, after ${text.length} characters`
    : `unexpected ${printable(character)} at character ${valid + 1}`;
}

/** Returns whether only more text is missing: JSON that is cut off is an error at its end. */
function isStartOfJson(text: string, length: number): boolean {
  const message = errorOf(text.slice(0, length));
  return message === undefined || /end of JSON input/.test(message) || message.includes(` at position ${length}`);
}

function errorOf(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (thrown) {
    return (thrown as SyntaxError).message;
  }
}

/** A text, with the colon after it if it is a name, or the start or the end of an object or a list. */
const NAME_OR_BRACKET = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}[\]]/g;

/**
 * Returns the path to each name that an object in a JSON text has more than once, such as `["emea", "secretName"]`: `JSON.parse`
 * silently takes the last of its values. Lists have no part in a path.
 * @param json valid JSON
 */
export function findRepeatedNames(json: string): readonly (readonly string[])[] {
  const repeated: string[][] = [];
  /** The objects and the lists around the current position, outermost first. */
  const open: { name?: string; readonly counts: Map<string, number> }[] = [];
  for (const [token, text = "", colon] of json.matchAll(NAME_OR_BRACKET)) {
    const object = open.at(-1);
    if (token === "{" || token === "[") open.push({ counts: new Map() });
    else if (token === "}" || token === "]") open.pop();
    else if (object !== undefined && colon !== undefined) {
      const name: string = JSON.parse(text);
      const count = (object.counts.get(name) ?? 0) + 1;
      object.name = name;
      object.counts.set(name, count);
      if (count === 2) repeated.push(open.flatMap((one) => one.name ?? []));
    }
  }
  return repeated;
}
