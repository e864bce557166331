import { ApiError } from "../domain/errors.ts";
import type { Page } from "./decode.ts";

/** The maximum that other lists of the API document; for accounts and balances, no maximum is documented. */
const LARGE = 100;
/** The API's default, which it therefore accepts. */
const FALLBACK = 20;

/**
 * Chooses the page size of a list: large, because an asset can move unseen from one page to another while a walk is under
 * way; and small from then on if the API rejects that.
 */
export class PageSize {
  #pageSize: number;

  /** @param first the size to try first */
  constructor(first = LARGE) {
    this.#pageSize = first;
  }

  /**
   * Requests the first page of a list.
   * @returns the page, and the size for all other pages: a page token may not be valid with another size
   * @throws what `get` throws, if a smaller page does not help
   */
  async firstPage<T>(get: (pageSize: number) => Promise<Page<T>>): Promise<{ page: Page<T>; pageSize: number }> {
    const pageSize = this.#pageSize;
    try {
      return { page: await get(pageSize), pageSize };
    } catch (thrown) {
      const rejected = thrown instanceof ApiError && thrown.status === 400;
      const tooLarge = thrown instanceof ApiError && thrown.code === "api_body_too_large";
      if (!(rejected || tooLarge) || pageSize <= FALLBACK) throw thrown;
      const page = await get(FALLBACK);
      // One account with large balances says nothing about the others.
      if (rejected) this.#pageSize = FALLBACK;
      return { page, pageSize: FALLBACK };
    }
  }
}
