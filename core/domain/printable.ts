/** What steers a terminal, or the order in which text is read, in place of being read itself. */
const STEERING = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/**
 * A text that shows all that is in it: a name from outside may hold characters by which a terminal would hide or forge
 * what stands beside it. They are shown as `\u001b`, line ends included.
 */
export function printable(text: string): string {
  return text.replace(STEERING, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
