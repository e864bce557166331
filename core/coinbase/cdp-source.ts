import type { Balance } from "../domain/balance.ts";
import { ApiError } from "../domain/errors.ts";
import type { BalanceSource, Pass } from "../domain/ports.ts";
import type { CdpClient } from "./client.ts";
import { PageSize } from "./page-size.ts";
import { pages } from "./pages.ts";
import { isTransient } from "./retry.ts";
import { balanceDecoder, type Decoder, decodeAccountsPage, decodeBalancesPage, type Page } from "./schema.ts";

export interface SourceSettings {
  /** Balances a page at most; `undefined`: as many as the server takes. */
  readonly pageSize: number | undefined;
  readonly maxPages: number;
  /** The API's own filters of the list of accounts, comma-separated owners and one type. */
  readonly owner: string | undefined;
  readonly type: string | undefined;
}

/** A list of the API to read to its end. */
interface List<T> {
  readonly path: string;
  readonly query: Record<string, string>;
  readonly decode: Decoder<Page<T>>;
  readonly pageSize: PageSize;
  /** The page size of the last time, as far as it is known. */
  readonly taken?: number | undefined;
}

/** Balances from the CDP API. */
export class CdpSource implements BalanceSource {
  readonly #client: CdpClient;
  readonly #settings: SourceSettings;
  /** One for each kind of list: the server may limit them differently. */
  readonly #pageSizes: { readonly accounts: PageSize; readonly balances: PageSize };

  constructor(client: CdpClient, settings: SourceSettings) {
    this.#client = client;
    this.#settings = settings;
    this.#pageSizes = { accounts: new PageSize(settings.pageSize), balances: new PageSize(settings.pageSize) };
  }

  /** The ids of the accounts that the key may see, as far as they pass the filters. */
  async listAccounts(deadline: AbortSignal): Promise<string[]> {
    const { owner, type } = this.#settings;
    const query = { ...(owner !== undefined && { owner }), ...(type !== undefined && { type }) };
    const pageSize = this.#pageSizes.accounts;
    const list = { path: "/v2/accounts", query, decode: decodeAccountsPage, pageSize };
    return [...new Set((await this.#read(list, deadline)).items)];
  }

  async pass(accountId: string, deadline: AbortSignal): Promise<Pass> {
    const path = `/v2/accounts/${accountId}/balances`;
    const list = { path, query: {}, decode: decodeBalancesPage, pageSize: this.#pageSizes.balances };
    const { items, pages } = await this.#read(list, deadline);
    return { balances: items, pages };
  }

  async balance(accountId: string, asset: string, deadline: AbortSignal): Promise<Balance | "absent" | "unknown"> {
    const path = `/v2/accounts/${accountId}/balances/${encodeURIComponent(asset)}`;
    try {
      return await this.#client.get(path, {}, balanceDecoder(asset), deadline);
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      // The account was listed a moment ago: it is the asset that is not found.
      if (thrown.code === "api_not_found") return "absent";
      // What might be answered another time fails the attempt, which is tried again. What never will must not do that in
      // every slot from here on.
      const never = !isTransient(thrown) && thrown.status !== 401;
      if (never || thrown.code === "api_endpoint_unavailable") return "unknown";
      throw thrown;
    }
  }

  async #read<T>({ path, query, decode, pageSize, taken }: List<T>, deadline: AbortSignal) {
    let size = 0;
    const get = (pageSize: number, paging = {}) =>
      this.#client.get(path, { ...query, pageSize: String(pageSize), ...paging }, decode, deadline);
    const ask = async (pageToken: string | undefined): Promise<Page<T>> => {
      if (pageToken !== undefined) return get(size, { pageToken });
      const first = await pageSize.firstPage(get, taken);
      size = first.pageSize;
      return first.page;
    };
    const items: T[] = [];
    let count = 0;
    for await (const page of pages(ask, `GET ${path}`, this.#settings.maxPages)) {
      items.push(...page);
      count++;
    }
    return { items, pages: count, pageSize: size };
  }
}
