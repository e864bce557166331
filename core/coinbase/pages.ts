import { WalkError } from "../domain/errors.ts";
import type { Page } from "./schema.ts";

/**
 * Reads a list of the API page by page to its end.
 * @param get requests a page; without a token, the first one
 * @param where the list, for error messages
 * @throws WalkError `page_token_repeated` if the list would never end; `too_many_pages` after `maxPages`
 */
export async function* pages<T>(
  get: (pageToken: string | undefined) => Promise<Page<T>>,
  where: string,
  maxPages: number,
): AsyncGenerator<readonly T[]> {
  const seen = new Set<string>();
  let next: string | undefined;
  do {
    const page = await get(next);
    yield page.items;
    next = page.next;
    if (next === undefined) return;
    if (seen.has(next)) {
      throw new WalkError(
        "page_token_repeated",
        `${where}: page ${seen.size + 1} points to a page that was already read, so the list never ends. Nothing is stored.`,
        { suggestedFix: "Try again. If it keeps happening, report it to Coinbase." },
      );
    }
    seen.add(next);
  } while (seen.size < maxPages);
  throw new WalkError("too_many_pages", `${where}: the list has more than ${maxPages} pages.`, {
    suggestedFix: "If the account really has that many assets, raise CDP_MAX_PAGES.",
  });
}
