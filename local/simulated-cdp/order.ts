/** Sorts a list as the API does: newest first, then by id. */
export function newestFirst<T extends { createdAt: string }>(entries: readonly T[], id: (entry: T) => string): T[] {
  return entries.toSorted((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt) || compareText(id(a), id(b)));
}

/** Compares texts by their UTF-16 code units, for `sort`. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
