import type { RateLimiter } from "../../../core/coinbase/limiter.ts";
import type { AccountDescription } from "../../../core/domain/account-activity.ts";
import { ApiError } from "../../../core/domain/errors.ts";
import { LIMIT_WINDOW_MS } from "../../../core/domain/limits.ts";
import type { BalanceSource, Clock } from "../../../core/domain/ports.ts";

const ACCOUNTS_PER_PAGE = 100;
const BTC = { symbol: "btc", type: "crypto", name: "Bitcoin", decimals: 8 };

export interface FleetApiSettings {
  /** Identifies the accounts of the key. One hexadecimal digit. */
  readonly digit: string;
  readonly accounts: number;
  /** In any ten seconds. */
  readonly limit: number;
  readonly latencyMs: number;
}

/** The API as one key sees it: accounts of one page, in memory, with the API's limit and a latency. */
export class FleetApi {
  readonly accountIds: readonly string[];
  /** Requests that exceeded the limit. */
  refused = 0;
  isKeyRevoked = false;
  readonly #settings: FleetApiSettings;
  /** When the requests of the last window arrived, ascending, from `#first` on. */
  readonly #arrivals: number[] = [];
  #first = 0;

  constructor(settings: FleetApiSettings) {
    this.#settings = settings;
    const id = (i: number) => `account_${settings.digit}0000000-0000-4000-8000-${String(i).padStart(12, "0")}`;
    this.accountIds = Array.from({ length: settings.accounts }, (_, i) => id(i));
  }

  /** Returns the source of an invocation, with its own limiter. */
  source(clock: Clock, limiter: RateLimiter): BalanceSource {
    const read = (signal: AbortSignal) => limiter.run(() => this.#read(clock, signal), signal);
    const descriptions = (ids: readonly string[]) => ids.map((accountId): AccountDescription => ({ accountId }));
    return {
      checkKey: async () => {},
      listAccounts: async (signal) => {
        const pages = Math.ceil(this.accountIds.length / ACCOUNTS_PER_PAGE);
        for (let page = 0; page < pages; page++) await read(signal);
        return descriptions(this.accountIds);
      },
      account: async (accountId, signal) => {
        await read(signal);
        return this.accountIds.includes(accountId) ? { accountId } : undefined;
      },
      describe: async function* (accountIds) {
        yield* descriptions(accountIds);
      },
      pass: async (accountId, signal) => {
        const sent = await read(signal);
        const amount = `${accountId.slice(-4)}.5`.replace(/^0+(?=\d)/, "");
        const amounts = new Map([["btc", { available: amount, total: amount }]]);
        return { sent, lastSent: sent, balances: [{ asset: BTC, amounts }], pages: 1 };
      },
      balance: async () => {
        throw new TypeError("The list of an account with one page is never in doubt");
      },
    };
  }

  /** Sends a request. Returns when it was sent. */
  async #read(clock: Clock, signal: AbortSignal) {
    const sent = { at: clock.now(), monotonicMs: clock.monotonic() };
    await clock.sleep(this.#settings.latencyMs / 2, signal);
    const isRefused = this.#exceedsLimit(clock.now());
    await clock.sleep(this.#settings.latencyMs / 2, signal);
    if (isRefused) throw new ApiError("api_rate_limit_exceeded", 429, "The API's limit was exceeded.");
    if (this.isKeyRevoked) throw new ApiError("api_unauthorized", 401, "The key was revoked.");
    return sent;
  }

  #exceedsLimit(now: number): boolean {
    while ((this.#arrivals[this.#first] ?? now) <= now - LIMIT_WINDOW_MS) this.#first++;
    const isRefused = this.#arrivals.length - this.#first >= this.#settings.limit;
    if (isRefused) this.refused++;
    this.#arrivals.push(now);
    return isRefused;
  }
}
