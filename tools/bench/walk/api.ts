import { createServer } from "node:http";
import { listenOnLoopback } from "../../../local/loopback-server.ts";
import { createRateLimit } from "../../../local/simulated-cdp/rate-limit.ts";

/** What the API of a benchmark answers. */
export interface ApiOptions {
  readonly accounts: readonly string[];
  /** Of each account. */
  readonly pages: number;
  readonly latencyMs: number;
  /** Default: 600, as in the API. */
  readonly readsPerTenSeconds?: number;
}

/** Balances on a page, and how the page size is requested has no effect. */
export const PAGE_SIZE = 20;
const ACCOUNTS_PER_PAGE = 100;

export interface ApiCounts {
  /** Answered with 200. */
  reads: number;
  /** Answered with 429. */
  refused: number;
}

/**
 * Starts an API that costs little, so that the client is what is measured: its pages are prepared, and it does not check tokens.
 * The limit is exact: 600 reads in any 10 seconds.
 */
export async function startApi({ accounts, pages, latencyMs, readsPerTenSeconds }: ApiOptions) {
  const bodies = Array.from({ length: pages }, (_, page) => balancesPage(page, pages));
  const admit = createRateLimit(readsPerTenSeconds);
  const counts: ApiCounts = { reads: 0, refused: 0 };
  const server = createServer((request, response) => {
    const isAdmitted = admit(performance.now());
    counts[isAdmitted ? "reads" : "refused"]++;
    const url = request.url ?? "";
    const page = Number(/pageToken=(\d+)/.exec(url)?.[1] ?? 0);
    const account = /(account_[\w-]+)$/.exec(url)?.[1];
    const list = () => (account === undefined ? accountsPage(accounts, page) : JSON.stringify(accountOf(account)));
    const body = url.includes("/balances") ? (bodies[page] ?? "") : list();
    setTimeout(() => {
      response.writeHead(isAdmitted ? 200 : 429, { "content-type": "application/json" });
      response.end(isAdmitted ? body : REFUSAL);
    }, latencyMs);
  });
  return { url: `${await listenOnLoopback(server)}/platform`, counts };
}

const REFUSAL = JSON.stringify({ errorType: "rate_limit_exceeded", errorMessage: "Too many requests." });

function balancesPage(page: number, pages: number): string {
  const balances = Array.from({ length: PAGE_SIZE }, (_, at) => {
    const symbol = `a${page * PAGE_SIZE + at}`;
    return {
      asset: { symbol, type: "crypto", name: `Asset ${symbol}`, decimals: 18 },
      amount: {
        [symbol]: { available: "12.345670000000000001", total: "12.345680000000000001" },
        usd: { available: "12345.67", total: "12345.68" },
      },
    };
  });
  return JSON.stringify({ balances, ...(page + 1 < pages && { nextPageToken: String(page + 1) }) });
}

function accountsPage(accounts: readonly string[], page: number): string {
  const end = (page + 1) * ACCOUNTS_PER_PAGE;
  const listed = accounts.slice(end - ACCOUNTS_PER_PAGE, end).map(accountOf);
  return JSON.stringify({ accounts: listed, ...(end < accounts.length && { nextPageToken: String(page + 1) }) });
}

function accountOf(accountId: string): object {
  const [createdAt, updatedAt] = ["2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z"];
  return { accountId, name: accountId.slice(-8), type: "prime", owner: "entity", createdAt, updatedAt };
}
