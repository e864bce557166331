import { WalkError } from "../domain/errors.ts";
import type { Page } from "./schema.ts";

/**
 * Walks a list of the API, page by page, to its end.
 * @param ask one page; without a token, the first
 * @param where the list, as it is told in errors
 * @param maxPages the walk ends in an error after so many
 * @throws WalkError `page_token_repeated`: going on would never end; `too_many_pages`
 */
export async function* pages<T>(
  ask: (pageToken: string | undefined) => Promise<Page<T>>,
  where: string,
  maxPages: number,
): AsyncGenerator<readonly T[]> {
  const seen = new Set<string>();
  let next: string | undefined;
  do {
    const page = await ask(next);
    yield page.items;
    next = page.next;
    if (next === undefined) return;
    if (seen.has(next)) {
      throw new WalkError(
        "page_token_repeated",
        `${where}: page ${seen.size + 1} names a page that was read already. The list has no end; nothing is stored. ` +
          "Try again; if it stays so, report it to Coinbase.",
      );
    }
    seen.add(next);
  } while (seen.size < maxPages);
  throw new WalkError(
    "too_many_pages",
    `${where}: more than ${maxPages} pages. Raise CDP_MAX_PAGES if the account really has so many assets.`,
  );
}
