import { WalkError } from "../domain/errors.ts";
import type { Page } from "./schema.ts";

const REPORT = "Try again. If it keeps happening, report it to Coinbase.";

/** The bounds of a list, so that one that never ends exhausts neither the memory nor the time of the other accounts. */
export interface ListLimits {
  readonly maxPages: number;
  /** Default: any number. */
  readonly maxItems?: number;
}

/**
 * Pages in a row that bring nothing new. One is possible: everything on the last, short page can have moved there from pages
 * that were read.
 */
const MAX_REPEATED_PAGES = 3;

/**
 * Reads a list of the API page by page to its end.
 * @param get requests a page; without a token, the first one
 * @param keyOf identifies an item
 * @param where the list, for error messages
 * @throws WalkError `page_token_repeated` or `pages_repeated` if the list would never end; `too_many_pages` and
 * `too_many_items` beyond the limits
 */
export async function* pages<T>(
  get: (pageToken: string | undefined) => Promise<Page<T>>,
  keyOf: (item: T) => string,
  where: string,
  { maxPages, maxItems = Number.POSITIVE_INFINITY }: ListLimits,
): AsyncGenerator<readonly T[]> {
  const seen = new Set<string>();
  const keys = new Set<string>();
  let items = 0;
  let repeated = 0;
  let next: string | undefined;
  do {
    const page = await get(next);
    yield page.items;
    next = page.next;
    if (next === undefined) return;
    const known = keys.size;
    for (const item of page.items) keys.add(keyOf(item));
    // A filter can leave pages empty.
    if (page.items.length > 0) repeated = keys.size > known ? 0 : repeated + 1;
    items += page.items.length;
    if (repeated === MAX_REPEATED_PAGES) {
      throw new WalkError(
        "pages_repeated",
        `${where}: ${MAX_REPEATED_PAGES} pages in a row list only what earlier pages list, so the list never ends. Nothing is stored.`,
        { suggestedFix: REPORT },
      );
    }
    if (items > maxItems) {
      throw new WalkError("too_many_items", `${where}: the list has more than ${maxItems} items. Nothing is stored.`, {
        suggestedFix: "Report the account to this project if it really has that many.",
      });
    }
    if (seen.has(next)) {
      throw new WalkError(
        "page_token_repeated",
        `${where}: page ${seen.size + 1} points to a page that was already read, so the list never ends. Nothing is stored.`,
        { suggestedFix: REPORT },
      );
    }
    seen.add(next);
  } while (seen.size < maxPages);
  throw new WalkError("too_many_pages", `${where}: the list has more than ${maxPages} pages.`, {
    suggestedFix: "If the account really has that many assets, raise CDP_MAX_PAGES.",
  });
}
