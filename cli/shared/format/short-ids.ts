/** `account_` and the first part of the id. */
const MIN_LENGTH = "account_12345678".length;

/**
 * Returns a function that shortens the account ids in a text, which spaces separate, to prefixes that `--account` accepts.
 * @param known all accounts in the table, of which each prefix matches one
 */
export function shortIds(known: readonly string[]): (text: string) => string {
  const sorted = [...known].sort();
  const prefixes = new Map(
    sorted.map((id, at) => {
      // The ids that have most in common with this one are its neighbours.
      const common = [sorted[at - 1], sorted[at + 1]].map((other = "") => commonLength(id, other));
      return [id, id.slice(0, Math.max(MIN_LENGTH, ...common.map((length) => length + 1)))];
    }),
  );
  const short = (id: string) => prefixes.get(id) ?? id;
  return (text) => text.split(" ").map(short).join(" ");
}

/** Returns how many characters at the start of two texts are the same. */
function commonLength(text: string, other: string): number {
  const differs = [...text].findIndex((character, at) => character !== other[at]);
  return differs === -1 ? text.length : differs;
}
