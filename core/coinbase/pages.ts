import { LIST_TOO_LARGE, WalkError } from "../domain/errors.ts";
import type { Page } from "./decode.ts";

const REPORT = "Try again. If it keeps happening, report it to Coinbase.";
const REPORT_TOO_LARGE = "Report it to this project if the list is really that long.";

/** The bounds of a list, so that one that never ends exhausts neither the memory nor the time of the other accounts. */
export interface ListLimits {
  readonly maxPages: number;
  readonly maxItems: number;
  /** What to do about a list that exceeds a limit. Default: to report it. */
  readonly tooLargeFix?: string;
  /** Default: as for the other limits. */
  readonly tooManyPagesFix?: string;
}

/**
 * Pages and items in a row that bring nothing new. A few are possible: items can move from pages that were read to the next
 * one, and pages can be small. No list that ends repeats more items than it has shown.
 */
const MAX_REPEATED = { pages: 3, items: 60 };

/**
 * Reads a list of the API page by page to its end.
 * @param get requests a page; without a token, the first one
 * @param keyOf identifies an item
 * @param where the list, for error messages
 * @throws WalkError `page_token_repeated` or `pages_repeated` if the list would never end; `too_many_pages` and
 * `list_too_large` beyond the limits
 */
export async function* pages<T>(
  get: (pageToken: string | undefined) => Promise<Page<T>>,
  keyOf: (item: T) => string,
  where: string,
  limits: ListLimits,
): AsyncGenerator<readonly T[], undefined> {
  const { maxPages, maxItems, tooLargeFix = REPORT_TOO_LARGE, tooManyPagesFix = tooLargeFix } = limits;
  const seen = new Set<string>();
  const keys = new Set<string>();
  let items = 0;
  let repeated = { pages: 0, items: 0 };
  let next: string | undefined;
  do {
    const page = await get(next);
    yield page.items;
    next = page.next;
    if (next === undefined) return;
    const known = keys.size;
    for (const item of page.items) keys.add(keyOf(item));
    // A filter can leave pages empty.
    const hasNew = keys.size > known || page.items.length === 0;
    repeated = hasNew
      ? { pages: 0, items: 0 }
      : { pages: repeated.pages + 1, items: repeated.items + page.items.length };
    items += page.items.length;
    if (repeated.pages >= MAX_REPEATED.pages && repeated.items >= Math.max(MAX_REPEATED.items, keys.size)) {
      throw new WalkError(
        "pages_repeated",
        `${where}: ${repeated.pages} pages in a row list only what earlier pages list, so the list never ends.`,
        { suggestedFix: REPORT },
      );
    }
    if (items > maxItems) throw listTooLarge(where, `${maxItems} items`, limits);
    if (seen.has(next)) {
      throw new WalkError(
        "page_token_repeated",
        `${where}: page ${seen.size + 1} points to a page that was already read, so the list never ends.`,
        { suggestedFix: REPORT },
      );
    }
    seen.add(next);
  } while (seen.size < maxPages);
  throw new WalkError("too_many_pages", `${where}: the list has more than ${maxPages} pages.`, {
    suggestedFix: tooManyPagesFix,
  });
}

/** The error for a list that exceeds a limit. @param limit a number with its unit */
export function listTooLarge(
  where: string,
  limit: string,
  { tooLargeFix = REPORT_TOO_LARGE }: Pick<ListLimits, "tooLargeFix">,
): WalkError {
  return new WalkError(LIST_TOO_LARGE, `${where}: the list has more than ${limit}.`, { suggestedFix: tooLargeFix });
}
