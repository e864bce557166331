import fc from "fast-check";

const SURROGATES = { from: 0xd800, count: 0x800 };

/**
 * Generates any Unicode character, as the `unit` of strings. Replaces fast-check's `binary`, which builds a table of all
 * characters in each suite: a second and 100 MB.
 */
export const anyCharacter = fc
  .integer({ min: 0, max: 0x10ffff - SURROGATES.count })
  .map((n) => String.fromCodePoint(n < SURROGATES.from ? n : n + SURROGATES.count), numberOf);

/** Returns a character's number, so that fast-check can mix in and shrink strings that often cause failures. */
function numberOf(text: unknown): number {
  const [character = "", ...others] = String(text);
  const code = character.codePointAt(0) ?? -1;
  if (others.length > 0 || code < 0 || /\p{Surrogate}/u.test(character)) throw new Error("This is not one character.");
  return code < SURROGATES.from ? code : code - SURROGATES.count;
}
