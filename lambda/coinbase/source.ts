import type { Balance } from "../domain/balance.ts";
import { ApiError } from "../domain/errors.ts";
import type { BalanceSource, Clock } from "../domain/ports.ts";
import type { Walk } from "../domain/snapshot.ts";
import type { CdpClient } from "./client.ts";
import { pages } from "./pages.ts";
import { type Decoder, decodeAccountsPage, decodeBalancesPage, type Page } from "./schema.ts";

export interface SourceSettings {
  /** Items a page; see `#list`. */
  readonly pageSize: number;
  readonly maxPages: number;
  /** The API's own filters of the list of accounts, comma-separated owners and one type. */
  readonly owner: string | undefined;
  readonly type: string | undefined;
}

/** The API's default: the one size that it is known to take. */
const DEFAULT_PAGE_SIZE = 20;
/** Walks of one account, until one shows no asset twice. */
const MAX_WALKS = 3;

/** Balances from the CDP API. */
export class CdpSource implements BalanceSource {
  readonly #client: CdpClient;
  readonly #clock: Clock;
  readonly #settings: SourceSettings;
  #pageSize: number;

  constructor(client: CdpClient, clock: Clock, settings: SourceSettings) {
    this.#client = client;
    this.#clock = clock;
    this.#settings = settings;
    this.#pageSize = settings.pageSize;
  }

  /** The ids of the accounts that the key may see, as far as they pass the filters. */
  async listAccounts(deadline: AbortSignal): Promise<string[]> {
    const { owner, type } = this.#settings;
    const filters = {
      ...(owner !== undefined && { owner }),
      ...(type !== undefined && { type }),
    };
    const ids = new Set<string>();
    for await (const page of this.#list("/v2/accounts", filters, decodeAccountsPage, deadline)) {
      for (const id of page) ids.add(id);
    }
    return [...ids];
  }

  /**
   * Every page of an account's balances. The list is sorted by a value that moves with prices: an asset that is seen
   * twice changed its place between two pages, and another one may have slipped past. Then the account is walked again.
   */
  async walk(accountId: string, deadline: AbortSignal): Promise<Walk> {
    for (let walks = 1; ; walks++) {
      const capturedAt = this.#clock.now();
      const balances = new Map<string, Balance>();
      let seen = 0;
      let pageCount = 0;
      const path = `/v2/accounts/${accountId}/balances`;
      for await (const page of this.#list(path, {}, decodeBalancesPage, deadline)) {
        pageCount++;
        seen += page.length;
        for (const balance of page) balances.set(balance.asset.symbol, balance);
      }
      const clean = seen === balances.size;
      if (!clean && walks < MAX_WALKS) continue;
      return {
        balances: [...balances.values()],
        pages: pageCount,
        consistency: !clean ? "reordered" : walks === 1 ? "clean" : "rewalked",
        capturedAt,
        completedAt: this.#clock.now(),
      };
    }
  }

  #list<T>(path: string, query: Record<string, string>, decode: Decoder<Page<T>>, deadline: AbortSignal) {
    // Kept for the whole walk: nothing says that a token of one page size is good for another.
    let pageSize = this.#pageSize;
    const get = (paging: Record<string, string>) =>
      this.#client.get(path, { ...query, pageSize: String(pageSize), ...paging }, decode, deadline);
    const ask = async (pageToken: string | undefined): Promise<Page<T>> => {
      if (pageToken !== undefined) return get({ pageToken });
      try {
        return await get({});
      } catch (thrown) {
        // Larger pages are better pages (fewer boundaries for an asset to slip through), but the API does not say how
        // large they may be. A refusal must not cost a snapshot: the default size is asked for, from here on.
        if (!(thrown instanceof ApiError) || thrown.code !== "api_invalid_request") throw thrown;
        if (pageSize <= DEFAULT_PAGE_SIZE) throw thrown;
        pageSize = DEFAULT_PAGE_SIZE;
        const page = await get({});
        this.#pageSize = pageSize;
        return page;
      }
    };
    return pages(ask, `GET ${path}`, this.#settings.maxPages);
  }
}
