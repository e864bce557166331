import fc from "fast-check";

const SURROGATES = { from: 0xd800, count: 0x800 };

/**
 * Any character there is: fast-check's own `binary`, as the `unit` of its strings. That one makes a table of them all
 * in each suite, for a second and 100 MB.
 */
export const anyCharacter = fc
  .integer({ min: 0, max: 0x10ffff - SURROGATES.count })
  .map((n) => String.fromCodePoint(n < SURROGATES.from ? n : n + SURROGATES.count), numberOf);

/** So that fast-check can mix in texts that are known to cause trouble, and shrink them. */
function numberOf(text: unknown): number {
  const [character = "", ...others] = String(text);
  const code = character.codePointAt(0) ?? -1;
  if (others.length > 0 || code < 0 || /\p{Surrogate}/u.test(character)) throw new Error("This is not one character.");
  return code < SURROGATES.from ? code : code - SURROGATES.count;
}
