import { EventEmitter, once } from "node:events";
import { Readable } from "node:stream";
import type { HttpOptions, InstanceOptions } from "./instance.ts";
import type { Disturbance, DisturbanceKind } from "./oracle/facts.ts";
import { between, randomOf } from "./oracle/random.ts";
import type { SimulatedTime } from "./time.ts";

/** What a process and its requests share. */
export interface Wire {
  readonly time: SimulatedTime;
  readonly seed: string;
  readonly disturbances: readonly Disturbance[];
  /** Called before and after each request takes effect. Returns `false` if the process is dead. */
  readonly step: (phase: "before" | "after") => boolean;
}

/** Returns the kinds of the disturbances that affect an account, or a request without one, at a time. */
export function activeKinds(
  disturbances: readonly Disturbance[],
  at: number,
  accountId?: string,
): Set<DisturbanceKind> {
  return new Set(activeAt(disturbances, at, accountId).map(({ kind }) => kind));
}

function activeAt(disturbances: readonly Disturbance[], at: number, accountId?: string): Disturbance[] {
  const isActive = (one: Disturbance) => one.from <= at && at < one.to;
  return disturbances.filter((one) => isActive(one) && (one.accountId ?? accountId) === accountId);
}

/**
 * Returns the `get` of `node:http` for a process: it sends requests to the real server, with simulated latency, and disturbs
 * some. A process that is dead waits forever.
 */
export function networkOf(wire: Wire): InstanceOptions["get"] {
  const exchange = exchangeOf(wire);
  const { time } = wire;
  return (url, { headers }, onResponse) => {
    const destroyed = new AbortController();
    const request = Object.assign(new EventEmitter(), { destroy: () => destroyed.abort() });
    exchange(url, headers, destroyed.signal).then(
      ({ status, headers, body }) => {
        if (destroyed.signal.aborted) return;
        const response = Object.assign(Readable.from([Buffer.from(body)]), { statusCode: status, headers });
        void time.during(once(response, "close"));
        onResponse(response);
      },
      (thrown) => destroyed.signal.aborted || request.emit("error", thrown),
    );
    return request;
  };
}

function exchangeOf({ time, seed, disturbances, step }: Wire) {
  return async (url: URL, headers: HttpOptions["headers"], signal: AbortSignal): Promise<Answer> => {
    const [accountId] = /account_[a-f0-9-]{36}/.exec(url.pathname) ?? [];
    const random = randomOf(seed, "latency", url.pathname, url.search, time.now);
    const isSlow = activeKinds(disturbances, time.now, accountId).has("slow");
    const latency = () => (isSlow ? between(random, 2_000, 4_000) : between(random, 10, 200));
    if (!step("before")) return never();
    await time.sleep(latency(), signal);
    const kinds = activeKinds(disturbances, time.now, accountId);
    if (kinds.has("reset")) throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
    if (kinds.has("hang")) await time.sleep(24 * 3_600_000, signal);
    const disturbed = disturbedAnswer(kinds, activeAt(disturbances, time.now, accountId), time.now);
    const answer = disturbed ?? (await time.during(send(url, headers)));
    if (!step("after")) return never();
    await time.sleep(latency(), signal);
    return changed(answer, kinds, disturbances, time.now, accountId);
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

async function send(url: URL, headers: HttpOptions["headers"]): Promise<Answer> {
  const response = await fetch(url, { headers, redirect: "manual" });
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}

function disturbedAnswer(
  kinds: ReadonlySet<DisturbanceKind>,
  active: readonly Disturbance[],
  now: number,
): Answer | undefined {
  const error = (status: number, errorType: string, headers = {}): Answer => ({
    ...{ status, headers: { "content-type": "application/json", ...headers } },
    body: JSON.stringify({ errorType, errorMessage: `Simulated ${errorType}.` }),
  });
  if (kinds.has("outage")) return { status: 503, headers: { "content-type": "text/html" }, body: "<html>503</html>" };
  const throttled = active.find(({ kind }) => kind === "throttled");
  if (throttled !== undefined) {
    const seconds = Math.ceil((throttled.to - now) / 1000);
    return error(429, "rate_limit_exceeded", { "retry-after": String(seconds) });
  }
  return kinds.has("forbidden") ? error(403, "forbidden") : undefined;
}

/** Returns a response whose content is wrong because of a disturbance, or the correct one. */
function changed(
  { status, headers, body }: Answer,
  kinds: ReadonlySet<DisturbanceKind>,
  disturbances: readonly Disturbance[],
  now: number,
  accountId: string | undefined,
): Answer {
  const content = status === 200 ? JSON.parse(body) : undefined;
  if (kinds.has("malformed") && content?.balances?.length > 0) delete content.balances[0].amount;
  if (accountId === undefined && Array.isArray(content?.accounts)) {
    const isListed = (id: string) => !activeKinds(disturbances, now, id).has("unlisted");
    content.accounts = content.accounts.filter((account: { accountId: string }) => isListed(account.accountId));
  }
  const { "content-length": _, ...others } = headers;
  return { status, headers: others, body: content === undefined ? body : JSON.stringify(content) };
}

function never(): Promise<never> {
  return new Promise(() => {});
}
