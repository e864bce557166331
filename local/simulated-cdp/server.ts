import { setMaxListeners } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { closeServer, listenOnLoopback } from "../loopback-server.ts";
import { type AuthorizedKey, checkToken, keyNamedBy } from "./auth.ts";
import type { Fault } from "./faults/fault.ts";
import { changesPage, FaultInjector } from "./faults/fault-injector.ts";
import { send, substituteResponse } from "./faults/faulty-response.ts";
import { createRateLimits } from "./rate-limit.ts";
import { parseRequestTarget } from "./request-target.ts";
import { ApiError, type ApiResponse, errorResponse } from "./response.ts";
import { route } from "./routes.ts";
import { concerns } from "./transfers.ts";
import type { SimulatedAccount, WireTransfer } from "./wire.ts";

export type { AuthorizedKey } from "./auth.ts";
export type { SimulatedAccount, WireBalance, WireTransfer } from "./wire.ts";

/** A received request and its outcome. */
export interface RecordedRequest {
  method: string;
  /** Without the query string. */
  path: string;
  query: Record<string, string>;
  accountId: string | undefined;
  /** The page number in a list, from 1; 0 if the endpoint is not a list or the page token is invalid. */
  page: number;
  /** The bearer token as received, or "". */
  token: string;
  /** The id of the known key that the token names. */
  keyId?: string | undefined;
  /** The status of the response; 0 until it is sent. Stays 0 if the request hangs or the connection is reset. */
  status: number;
  /** The kind of the fault that replaced or damaged the response. */
  fault: Fault["kind"] | undefined;
}

export interface SimulatedCdpOptions {
  /** Called for each request, so that balances can change between two pages. */
  accounts: () => readonly SimulatedAccount[];
  /** Called for each request. Default: no transfers. */
  transfers?: () => readonly WireTransfer[];
  /** Called for each request, so that a key can be rotated. */
  keys: () => readonly AuthorizedKey[];
  /** The server's clock in ms: for tokens, the rate limit and the header `Date`. Default: Date.now. */
  now?: () => number;
  /** The maximum number of requests in any 10 s; others get a 429. Default: 600, as in the API. */
  readsPerTenSeconds?: number;
  /** A larger pageSize gets a 400. Default: 100, as in other lists of the API. */
  maxPageSize?: number;
  /** The time until a response is sent, in ms. Default: 0. */
  latencyMs?: number;
  /**
   * A hook for crash tests. The server awaits it when a request arrived, when the response is computed but not sent, and when
   * the response was sent. If it throws, the connection is reset.
   */
  onRequest?: (step: { path: string; phase: "received" | "handled" | "answered" }) => void | Promise<void>;
}

export interface SimulatedCdp {
  /** The base URL, without `/v2`: `http://127.0.0.1:PORT/platform`. */
  url: string;
  readonly server: Server;
  /** All received requests, in order of arrival. */
  requests: RecordedRequest[];
  /** Adds a fault. Faults apply only to authorized requests within the rate limit, so that they never hide a wrong token. */
  addFault(fault: Fault): void;
  clearFaults(): void;
  /** Closes the server at once, including open connections. */
  close(): Promise<void>;
}

/** Starts a simulated CDP API on 127.0.0.1 with the endpoints of the API's OpenAPI documents: accounts, balances and transfers. */
export async function startSimulatedCdp(options: SimulatedCdpOptions): Promise<SimulatedCdp> {
  const { accounts, transfers = () => [], keys, now = Date.now, maxPageSize = 100, latencyMs = 0, onRequest } = options;
  const admit = createRateLimits(options.readsPerTenSeconds);
  const requests: RecordedRequest[] = [];
  const faults = new FaultInjector();
  const closing = new AbortController();
  // Every request that waits listens to it, and Node.js warns of more than ten listeners.
  setMaxListeners(0, closing.signal);

  async function handle(request: IncomingMessage, stream: ServerResponse): Promise<void> {
    const { method = "", headers } = request;
    const target = parseRequestTarget(request.url ?? "");
    const { path, query, accountId, page } = target;
    const token = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1] ?? "";
    const receivedAt = now();
    const key = keyNamedBy(token, keys());
    const who = { token, keyId: key?.id };
    const record: RecordedRequest = { method, path, query, accountId, page, ...who, status: 0, fault: undefined };
    requests.push(record);
    const isAdmitted = admit(receivedAt, key);
    await onRequest?.({ path, phase: "received" });

    const rejection = responseOf(() => {
      if (!isAdmitted) throw new ApiError(429, "Too many requests.");
      checkToken({ token, keys: keys(), target: `${method} ${headers.host}${path}`, now: receivedAt });
      return undefined;
    });
    const ids = key?.accountIds;
    const visible = () => ({
      accounts: accounts().filter(({ accountId }) => ids?.includes(accountId) !== false),
      transfers: () => transfers().filter((one) => ids?.some((id) => concerns(one, id)) !== false),
      mayReadTransfers: key?.mayReadTransfers !== false,
    });
    const matching = rejection === undefined ? faults.match(target) : [];
    const modifiers = new Set(matching.map(({ kind }) => kind));
    const fault = matching.find((one) => !changesPage(one));
    record.fault = fault?.kind;
    if (latencyMs > 0) await sleep(latencyMs, undefined, { signal: closing.signal });

    const response =
      rejection ??
      substituteResponse(fault) ??
      responseOf(() => {
        const correct = route({ method, target, ...visible(), maxPageSize, modifiers });
        return fault?.kind === "change" ? { ...correct, ...fault.change(correct, target) } : correct;
      });
    await onRequest?.({ path, phase: "handled" });

    if (fault?.kind === "hang") return;
    if (fault?.kind === "reset") throw new Error("reset");
    record.status = response.status;
    stream.setHeader("date", new Date(now()).toUTCString());
    await send(stream, response, fault);
    await onRequest?.({ path, phase: "answered" });
  }

  const server = createServer((request, stream) => {
    // The fault "reset", a hook that throws and a closing server all reset the connection.
    handle(request, stream).catch(() => request.socket.destroy());
  });
  const url = await listenOnLoopback(server);

  return {
    url: `${url}/platform`,
    server,
    requests,
    addFault: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    close: async () => {
      closing.abort();
      await closeServer(server);
    },
  };
}

/** Returns what a step returns, or the error that it throws as a response in the API's shape. */
function responseOf<T extends ApiResponse | undefined>(step: () => T): T | ApiResponse {
  try {
    return step();
  } catch (error) {
    const status = error instanceof ApiError ? error.status : 500;
    return errorResponse(status, { message: error instanceof Error ? error.message : String(error) });
  }
}
