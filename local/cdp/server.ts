import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, ApiError, errorAnswer } from "./answer.ts";
import { type AuthorizedKey, checkToken } from "./auth.ts";
import { corrupt } from "./corrupt.ts";
import { FaultInjector, type FaultPlan, substitute } from "./fault-injector.ts";
import type { Fault } from "./faults.ts";
import { createRateLimit } from "./rate-limit.ts";
import { route } from "./routes.ts";
import { send } from "./send.ts";
import { readTarget } from "./target.ts";
import type { SimulatedAccount } from "./wire.ts";

export type { AuthorizedKey } from "./auth.ts";
export type { SimulatedAccount, WireBalance } from "./wire.ts";

/** What a request was and how it went, in order of arrival. Times are in ms, by the server's clock. */
export interface RecordedRequest {
  method: string;
  /** Without the query string. */
  path: string;
  query: Record<string, string>;
  accountId: string | undefined;
  /** Which page of a list, from 1; 0 for what is not a list, and for a page token that cannot be read. */
  page: number;
  /** The bearer token as received, or "". */
  token: string;
  /** 0 as long as it is not answered, for ever if it hangs or was reset. */
  status: number;
  receivedAt: number;
  /** When sending of the answer began; 0 as long as it is not answered. */
  answeredAt: number;
}

/** How the simulated API is to be. */
export interface SimulatedCdpOptions {
  /** Asked anew at each request, so that a market can move between two pages. */
  accounts: () => readonly SimulatedAccount[];
  /** Asked anew at each request, so that a key can be rotated. */
  keys: () => readonly AuthorizedKey[];
  /** The server's clock in ms: for tokens, the limit and the header `Date`. Default: Date.now. */
  now?: () => number;
  /** How many requests may arrive in any 10 s, above it they get a 429. Default: 600, the API's own. */
  readsPerTenSeconds?: number;
  /** A larger pageSize is a 400. Default: 100, as other lists of the API have it. */
  maxPageSize?: number;
  /** How long an answer takes, in ms. Default: 0. */
  latencyMs?: number;
  /** Default: 0, any that is free. */
  port?: number;
  /**
   * For tests of crashes, and awaited: a request arrived; its answer is computed but not sent; it was sent.
   * If it throws, the connection is reset.
   */
  onRequest?: (step: { path: string; phase: "received" | "handled" | "answered" }) => void | Promise<void>;
}

/** A simulated API that runs. */
export interface SimulatedCdp {
  /** The base URL, without `/v2`: `http://127.0.0.1:PORT/platform`. */
  url: string;
  readonly server: Server;
  /** Everything that arrived, in order of arrival. */
  requests: RecordedRequest[];
  /** Adds a fault. Faults strike only requests within the limit and with a right token: they never hide a wrong one. */
  misbehave(fault: Fault): void;
  /** Forgets all faults. */
  behave(): void;
  /** Ends it at once, whatever hangs. */
  close(): Promise<void>;
}

/** Starts a simulated CDP API on 127.0.0.1: the four endpoints of accounts and balances, as its OpenAPI document says. */
export async function startSimulatedCdp(options: SimulatedCdpOptions): Promise<SimulatedCdp> {
  const { accounts, keys, now = Date.now, maxPageSize = 100, latencyMs = 0, onRequest } = options;
  const withinLimit = createRateLimit(options.readsPerTenSeconds);
  const requests: RecordedRequest[] = [];
  const misbehaviour = new FaultInjector();
  const closing = new AbortController();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", headers } = request;
    const target = readTarget(request.url ?? "");
    const { path, query, accountId, page } = target;
    const token = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1] ?? "";
    const receivedAt = now();
    const record = {
      method,
      path,
      query,
      accountId,
      page,
      token,
      status: 0,
      receivedAt,
      answeredAt: 0,
    };
    requests.push(record);
    const admitted = withinLimit(receivedAt);
    await onRequest?.({ path, phase: "received" });

    const refusal = answerOf(() => {
      if (!admitted) throw new ApiError(429, "Too many requests.");
      checkToken({
        token,
        keys: keys(),
        target: `${method} ${headers.host}${path}`,
        now: receivedAt,
      });
      return undefined;
    });
    const { slowMs, twists, blow }: FaultPlan =
      refusal === undefined ? misbehaviour.match(target) : { slowMs: 0, twists: {}, blow: undefined };
    if (latencyMs + slowMs > 0) await sleep(latencyMs + slowMs, undefined, { signal: closing.signal });

    const answer =
      refusal ??
      substitute(blow) ??
      answerOf(() => corrupt(blow, route({ method, target, accounts: accounts(), maxPageSize, twists })));
    await onRequest?.({ path, phase: "handled" });

    if (blow?.kind === "hang") return;
    if (blow?.kind === "reset") throw new Error("reset");
    record.status = answer.status;
    record.answeredAt = now();
    response.setHeader("date", new Date(record.answeredAt).toUTCString());
    await send(response, answer, blow);
    await onRequest?.({ path, phase: "answered" });
  }

  const server = createServer((request, response) => {
    // A fault that resets, a hook that throws, a server that closes: they all look alike from outside.
    handle(request, response).catch(() => request.socket.destroy());
  });
  // By default Node closes idle connections after 5 seconds, on a busy machine in the middle of a request.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port ?? 0, "127.0.0.1", resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/platform`,
    server,
    requests,
    misbehave: (fault) => misbehaviour.add(fault),
    behave: () => misbehaviour.forget(),
    close: async () => {
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** What a step answers, or the error that it throws in the API's shape. */
function answerOf<T extends Answer | undefined>(step: () => T): T | Answer {
  try {
    return step();
  } catch (error) {
    const status = error instanceof ApiError ? error.status : 500;
    return errorAnswer(status, {
      message: error instanceof Error ? error.message : String(error),
    });
  }
}
