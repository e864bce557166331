import { ApiError } from "../domain/errors.ts";
import type { Page } from "./schema.ts";

/**
 * Tried in this order. The API says that a page has 20 items where nothing is asked for, and not how many it may have: other
 * lists of it end at 100.
 */
const SIZES = [1000, 500, 250, 200, 100, 50, 20];

/** The server's words for a page that it finds too large, and ours. */
const TOO_LARGE = ["api_invalid_request", "api_body_too_large"];

/**
 * The largest page that the server takes: the fewer boundaries a walk has, the fewer assets can slip past one. It is found
 * once and kept, and it never costs a snapshot: a page that is refused is asked for again with a smaller size.
 */
export class PageSize {
  readonly #first: number | undefined;
  #found: number | undefined;

  /** @param first the size to begin with; `undefined`: what was taken the last time, or else the largest */
  constructor(first: number | undefined) {
    this.#first = first;
  }

  /**
   * The first page of a list, and the size it was had with, which is that of the whole list: nothing says that a token of
   * one size is good for another.
   * @param taken the size that was taken the last time, as far as the caller knows
   * @throws what `ask` throws where a smaller size is no remedy
   */
  async firstPage<T>(
    ask: (pageSize: number) => Promise<Page<T>>,
    taken: number | undefined,
  ): Promise<{ page: Page<T>; pageSize: number }> {
    const first = this.#found ?? this.#first ?? taken ?? (SIZES[0] as number);
    for (let pageSize = first; ; ) {
      try {
        const page = await ask(pageSize);
        if (pageSize < first) this.#found = pageSize;
        return { page, pageSize };
      } catch (thrown) {
        const smaller = SIZES.find((size) => size < pageSize);
        if (!(thrown instanceof ApiError && TOO_LARGE.includes(thrown.code)) || smaller === undefined) throw thrown;
        pageSize = smaller;
      }
    }
  }
}
