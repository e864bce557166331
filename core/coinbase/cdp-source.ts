import type { AccountDescription } from "../domain/account-activity.ts";
import type { Balance } from "../domain/balance.ts";
import { ApiError } from "../domain/errors.ts";
import type { BalanceSource, Moment, Pass } from "../domain/ports.ts";
import { LARGEST_ACCOUNT } from "../domain/walk-limits.ts";
import type { CdpClient } from "./client.ts";
import { type List, readList, readPages } from "./list-reader.ts";
import { PageSize } from "./page-size.ts";
import { isTransient } from "./retry.ts";
import { decodeAccount, decodeAccountsPage, decodeBalance, decodeBalancesPage } from "./schema.ts";

export interface SourceSettings {
  /** The page size to try first; `undefined`: the default of `PageSize`. */
  readonly pageSize: number | undefined;
  readonly maxPages: number;
  /** The API's own filters of the list of accounts: comma-separated owners, and one type. */
  readonly owner: string | undefined;
  readonly type: string | undefined;
}

/** More accounts than the API's limit allows a run of an hour to read: 216,000. */
export const MAX_ACCOUNTS = 250_000;
/** That many accounts at the API's own page size of 20. `maxPages` is for the pages of an account. */
export const MAX_ACCOUNT_PAGES = MAX_ACCOUNTS / 20;
/** What that many accounts take. */
const MAX_ACCOUNTS_BYTES = 80 * 1024 * 1024;
/** A balance has 250 bytes. Many are requested at once. */
const MAX_BALANCE_BYTES = 64 * 1024;

/** Reads balances from the CDP API. */
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
    const { items } = await readList(this.#client, this.#accountList(query), deadline);
    // An account that was created meanwhile can move another one to the next page, where it is listed again.
    return [...new Map(items.map((account) => [account.accountId, account])).values()];
  }

  #accountList(query: Record<string, string>): List<AccountDescription> {
    return {
      ...{ path: "/v2/accounts", query, decode: decodeAccountsPage, pageSize: this.#pageSizes.accounts },
      keyOf: ({ accountId }) => accountId,
      ...{ maxItems: MAX_ACCOUNTS, maxPages: MAX_ACCOUNT_PAGES, maxBytes: MAX_ACCOUNTS_BYTES },
    };
  }

  /**
   * Reads pages of the list while that can save requests, then asks for each missing account. This takes fewer than twice the
   * requests of the best choice: if it reads p pages, more accounts were missing before each of them, so every choice takes at
   * least p + 1 requests. This one takes at most 2p + 1.
   */
  async *describe(accountIds: readonly string[], deadline: AbortSignal): AsyncGenerator<AccountDescription> {
    const missing = new Set(accountIds);
    const list = readPages(this.#client, this.#accountList({}), deadline);
    for (let read = 0; missing.size > read + 1; read++) {
      const { value: page, done } = await list.next();
      // The list has every account that the key can see.
      if (done) return;
      for (const account of page) if (missing.delete(account.accountId)) yield account;
    }
    let refusal: unknown;
    for (const accountId of missing) {
      try {
        const account = await this.account(accountId, deadline);
        if (account !== undefined) yield account;
      } catch (thrown) {
        // The key may see the others. While the API is not available, more requests do not help.
        if (!(thrown instanceof ApiError) || isTransient(thrown)) throw thrown;
        refusal ??= thrown;
      }
    }
    if (refusal !== undefined) throw refusal;
  }

  async account(accountId: string, deadline: AbortSignal): Promise<AccountDescription | undefined> {
    try {
      return await this.#client.get(`/v2/accounts/${accountId}`, {}, decodeAccount, deadline);
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.code === "api_not_found") return undefined;
      throw thrown;
    }
  }

  async pass(accountId: string, deadline: AbortSignal, limits = LARGEST_ACCOUNT): Promise<Pass> {
    const path = `/v2/accounts/${accountId}/balances`;
    const list: List<Balance> = {
      ...{ path, query: {}, decode: decodeBalancesPage, pageSize: this.#pageSizes.balances },
      keyOf: ({ asset }) => asset.symbol,
      ...{ maxItems: limits.balances, maxPages: this.#settings.maxPages, maxBytes: limits.bytes },
      tooManyPagesFix: "If the account really has that many assets, raise CDP_MAX_PAGES.",
    };
    const { items, sent } = await readList(this.#client, list, deadline);
    return { balances: items, pages: sent.length, sent: sent[0] as Moment, lastSent: sent.at(-1) as Moment };
  }

  async balance(accountId: string, asset: string, deadline: AbortSignal): Promise<Balance | "absent" | "unknown"> {
    const path = `/v2/accounts/${accountId}/balances/${encodeURIComponent(asset)}`;
    try {
      return (await this.#client.ask(path, {}, decodeBalance, deadline, MAX_BALANCE_BYTES)).value;
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
}
