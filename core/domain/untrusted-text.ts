// Text from outside (the API, an event, a file, the command line) passes through here before a person reads it.

/** An emoji of several characters, which joiners and selectors hold together: they are visible by their effect. */
const EMOJI_PART = String.raw`\p{Extended_Pictographic}\uFE0F?\p{Emoji_Modifier}?`;
/**
 * Characters that cannot be seen, such as a zero-width space, that control a terminal or the direction of text, and halves of
 * a character; or an emoji, which is matched first so that its joiners are not.
 */
const EMOJI_OR_INVISIBLE = new RegExp(
  String.raw`(${EMOJI_PART}(?:\u200D${EMOJI_PART})*)|[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\p{Surrogate}]`,
  "gu",
);
/** Characters that \ufffd replaces in messages of the API. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Surrogate}]/gu;
/**
 * A JSON Web Token, whole or cut: base64 of a JSON object, or three words joined by dots. The lookbehind lets a match start
 * only where a word starts, which keeps the search linear: otherwise a word of 100,000 characters took half a minute.
 */
const TOKEN = /eyJ[\w-]{8,}(?:\.[\w-]*)*|(?<![\w-])[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)+/g;

/** The longest asset symbol in the API's document has 42 characters. */
const MAX_NAME_LENGTH = 42;

/** Returns the text with control and invisible characters, line ends included, escaped as `\u001b` or `\u{e0061}`. */
export function printable(text: string): string {
  return text.replace(EMOJI_OR_INVISIBLE, (match, emoji: string | undefined) => emoji ?? escaped(match));
}

function escaped(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`;
}

/** Returns at most `maxLength` characters, ending in `…` if any are left out. Never splits a surrogate pair. */
export function truncate(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, "")}…` : text;
}

/** Returns the text on one line, truncated, with `\ufffd` for each invisible character. */
export function singleLine(text: string, maxLength: number): string {
  return truncate(text.replace(/\s+/g, " "), maxLength).replace(INVISIBLE, "\ufffd");
}

/** Returns the text with `[token]` for everything that may be a JSON Web Token or the start of one. */
export function redactTokens(text: string): string {
  return text.replace(TOKEN, "[token]");
}

/** A PEM block, or its beginning, and any other long run of base64: they may be a key. */
const SECRET = /-----BEGIN[\s\S]*?(?:-----END[^-]*-----|$)|[\w+/]{40,}={0,2}/g;

/** Returns the text with `[redacted]` for everything that may be a key. Account ids are shown: their parts are shorter. */
export function redactSecrets(text: string): string {
  return text.replace(SECRET, "[redacted]");
}

/**
 * Describes a value of any type and size in a few words. The content of objects and lists is never shown: it may be a key
 * in the wrong place.
 */
export function describeValue(value: unknown, maxLength = 80): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  return truncate(typeof value === "string" ? JSON.stringify(value) : String(value), maxLength);
}

/** Returns a path into a JSON document, such as `balances.0.amount.btc`, with long names truncated. */
export function jsonPath(path: readonly PropertyKey[]): string {
  return path.map((name) => truncate(String(name), MAX_NAME_LENGTH)).join(".");
}
