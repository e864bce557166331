import type { AccountDescription } from "../domain/account-activity.ts";
import type { Balance } from "../domain/balance.ts";
import { ApiError } from "../domain/errors.ts";
import type { BalanceSource, Pass } from "../domain/ports.ts";
import type { CdpClient } from "./client.ts";
import { PageSize } from "./page-size.ts";
import { pages } from "./pages.ts";
import { isTransient } from "./retry.ts";
import {
  type Decoder,
  decodeAccount,
  decodeAccountsPage,
  decodeBalance,
  decodeBalancesPage,
  type Page,
} from "./schema.ts";

export interface SourceSettings {
  /** The page size to try first; `undefined`: the default of `PageSize`. */
  readonly pageSize: number | undefined;
  readonly maxPages: number;
  /** The API's own filters of the list of accounts: comma-separated owners, and one type. */
  readonly owner: string | undefined;
  readonly type: string | undefined;
}

interface List<T> {
  readonly path: string;
  readonly query: Record<string, string>;
  readonly decode: Decoder<Page<T>>;
  readonly pageSize: PageSize;
}

export class CdpSource implements BalanceSource {
  readonly #client: CdpClient;
  readonly #settings: SourceSettings;
  /** One for each kind of list, because the API may limit them differently. */
  readonly #pageSizes: { readonly accounts: PageSize; readonly balances: PageSize };

  constructor(client: CdpClient, settings: SourceSettings) {
    this.#client = client;
    this.#settings = settings;
    this.#pageSizes = { accounts: new PageSize(settings.pageSize), balances: new PageSize(settings.pageSize) };
  }

  checkKey(): Promise<void> {
    return this.#client.checkKey();
  }

  async listAccounts(deadline: AbortSignal): Promise<AccountDescription[]> {
    const { owner, type } = this.#settings;
    const query = { ...(owner !== undefined && { owner }), ...(type !== undefined && { type }) };
    const list = { path: "/v2/accounts", query, decode: decodeAccountsPage, pageSize: this.#pageSizes.accounts };
    const { items } = await this.#readAll(list, deadline);
    // An account that was created meanwhile can move another one to the next page, where it is listed again.
    return [...new Map(items.map((account) => [account.accountId, account])).values()];
  }

  async account(accountId: string, deadline: AbortSignal): Promise<AccountDescription | undefined> {
    try {
      return await this.#client.get(`/v2/accounts/${accountId}`, {}, decodeAccount, deadline);
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.code === "api_not_found") return undefined;
      throw thrown;
    }
  }

  async pass(accountId: string, deadline: AbortSignal): Promise<Pass> {
    const path = `/v2/accounts/${accountId}/balances`;
    const list = { path, query: {}, decode: decodeBalancesPage, pageSize: this.#pageSizes.balances };
    const { items, pageCount } = await this.#readAll(list, deadline);
    return { balances: items, pages: pageCount };
  }

  async balance(accountId: string, asset: string, deadline: AbortSignal): Promise<Balance | "absent" | "unknown"> {
    const path = `/v2/accounts/${accountId}/balances/${encodeURIComponent(asset)}`;
    try {
      return await this.#client.get(path, {}, decodeBalance, deadline);
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      // The account was found just before, so the 404 is about the asset.
      if (thrown.code === "api_not_found") return "absent";
      // An error that can pass fails the attempt, which is retried. One that lasts must not fail every slot from now on.
      const permanent = !isTransient(thrown) && thrown.status !== 401;
      if (permanent || thrown.code === "api_endpoint_unavailable") return "unknown";
      throw thrown;
    }
  }

  async #readAll<T>({ path, query, decode, ...list }: List<T>, deadline: AbortSignal) {
    let pageSize = 0;
    const get = (pageSize: number, paging = {}) =>
      this.#client.get(path, { ...query, pageSize: String(pageSize), ...paging }, decode, deadline);
    const getPage = async (pageToken: string | undefined): Promise<Page<T>> => {
      if (pageToken !== undefined) return get(pageSize, { pageToken });
      const first = await list.pageSize.firstPage(get);
      pageSize = first.pageSize;
      return first.page;
    };
    const items: T[] = [];
    let pageCount = 0;
    for await (const page of pages(getPage, `GET ${path}`, this.#settings.maxPages)) {
      items.push(...page);
      pageCount++;
    }
    return { items, pageCount };
  }
}
