import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CdpSource, type SourceSettings } from "../../../core/coinbase/cdp-source.ts";
import { CdpClient, type ClientSettings } from "../../../core/coinbase/client.ts";
import { RateLimiter } from "../../../core/coinbase/limiter.ts";
import { decodeBalancesPage } from "../../../core/coinbase/schema.ts";
import { Signer } from "../../../core/coinbase/signer.ts";
import type { Clock } from "../../../core/domain/ports.ts";
import { KeyCache } from "../../../core/key/key-cache.ts";
import type { Fault } from "../../../local/simulated-cdp/faults/fault.ts";
import {
  type SimulatedAccount,
  type SimulatedCdpOptions,
  startSimulatedCdp,
  type WireBalance,
} from "../../../local/simulated-cdp/server.ts";
import { testClock } from "../../support/clock.ts";
import { makeEd25519Key } from "../../support/keys.ts";
import { sawOutput } from "../../support/leak-watch.ts";

export const ACCOUNT = "account_af2937b0-9846-4fe7-bfe9-ccc22d935114";
export const BALANCES = `/v2/accounts/${ACCOUNT}/balances`;

export const key = makeEd25519Key();

export const WINDOW_MS = 10_000;

const closers: (() => Promise<void>)[] = [];

export async function closeServers(): Promise<void> {
  await Promise.all(closers.splice(0).map((close) => close()));
}

export interface ApiOptions extends Partial<SimulatedCdpOptions> {
  /** The clock of client and server. Default: a test clock. */
  clock?: Clock;
  /** Called for each read of the secret. */
  secret?: () => string;
  settings?: Partial<ClientSettings>;
  /** The client's limit of requests in `WINDOW_MS`. */
  limit?: number;
}

export async function startApi(options: ApiOptions = {}) {
  const { clock = testClock(), secret = () => key.file, settings, limit = 600, ...simulated } = options;
  const server = await startSimulatedCdp({
    accounts: () => [account(45)],
    keys: () => [key],
    now: () => clock.now(),
    ...simulated,
  });
  closers.push(() => server.close());
  let reads = 0;
  const keys = new KeyCache(async () => {
    reads++;
    return secret();
  }, clock);
  const client = new CdpClient(
    {
      clock,
      keys,
      signer: new Signer(clock),
      limiter: new RateLimiter(limit, WINDOW_MS, clock),
      random: () => 0,
    },
    { baseUrl: server.url, requestTimeoutMs: 60_000, maxAttempts: 4, ...settings },
  );
  const source = (changes: Partial<SourceSettings> = {}) =>
    new CdpSource(client, { pageSize: 20, maxPages: 100, owner: undefined, type: undefined, ...changes });
  return { server, client, source, secretReads: () => reads };
}

export type Api = Awaited<ReturnType<typeof startApi>>;

/** Starts an HTTP server that is not the simulated API, and records its requests. */
export async function startPlainServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => void response.end(),
): Promise<{ url: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** An account with `assets` assets, of which `a00` has the highest value. */
export function account(assets: number, changes: Partial<SimulatedAccount> = {}): SimulatedAccount {
  return {
    accountId: ACCOUNT,
    type: "prime",
    owner: "entity_af2937b0-9846-4fe7-bfe9-ccc22d935114",
    createdAt: "2026-01-01T00:00:00Z",
    updatedAt: "2026-01-01T00:00:00Z",
    balances: Array.from({ length: assets }, (_, i) => balance(`a${String(i).padStart(2, "0")}`, `${10_000 - i}.50`)),
    ...changes,
  };
}

export function balance(symbol: string, usd: string, total = "3.00"): WireBalance {
  return {
    asset: { symbol, type: "crypto", name: symbol.toUpperCase(), decimals: 8 },
    amount: { [symbol]: { available: "1.500", total }, usd: { available: usd, total: usd } },
  };
}

export function get({ client }: { client: CdpClient }, query: Record<string, string> = {}, deadline = noDeadline()) {
  return client.get(BALANCES, query, decodeBalancesPage, deadline);
}

/** Starts an API with faults and a test clock. */
export async function startFaultyApi(faults: readonly Fault[], options: ApiOptions = {}) {
  const clock = testClock();
  const api = await startApi({ clock, ...options });
  for (const fault of faults) api.server.addFault(fault);
  return { api, clock, statuses: () => api.server.requests.map(({ status }) => status) };
}

export function noDeadline(): AbortSignal {
  return new AbortController().signal;
}

/** Returns the error that a promise must reject with. The leak watch sees it. */
export async function errorOf(work: Promise<unknown>): Promise<unknown> {
  const outcome = await work.then(
    (value) => ({ value }),
    (thrown: unknown) => ({ thrown }),
  );
  sawOutput(outcome);
  if ("value" in outcome) throw new Error("expected an error");
  return outcome.thrown;
}

export { testClock };
