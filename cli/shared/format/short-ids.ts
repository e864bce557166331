/** What every account id begins with, and a table leaves out. */
export const ID_PREFIX = "account_";
/** The characters of an id that a table shows at least: its first part. */
export const SHORT_ID_LENGTH = 8;

/**
 * Returns a function that shortens the account ids in a text to prefixes that `--account` accepts.
 * @param known all accounts in the table, of which each prefix matches one
 */
export function shortIds(known: readonly string[]): (text: string) => string {
  const sorted = [...known].sort();
  const prefixes = new Map(
    sorted.map((id, at) => {
      // The ids that have most in common with this one are its neighbours.
      const common = [sorted[at - 1], sorted[at + 1]].map((other = "") => commonLength(id, other));
      const length = Math.max(ID_PREFIX.length + SHORT_ID_LENGTH, ...common.map((length) => length + 1));
      return [id, id.slice(0, length).replace(ID_PREFIX, "")];
    }),
  );
  return (text) => text.replace(/account_[^\s,]+/g, (id) => prefixes.get(id) ?? id);
}

/** Returns how many characters at the start of two texts are the same. */
function commonLength(text: string, other: string): number {
  const differs = [...text].findIndex((character, at) => character !== other[at]);
  return differs === -1 ? text.length : differs;
}
