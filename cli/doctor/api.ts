import { decodeProblem } from "../../core/coinbase/schema.ts";
import type { Clock } from "../../core/domain/ports.ts";
import {
  after,
  type CheckResult,
  type CheckResults,
  failed,
  ok,
  type Prerequisite,
  skipped,
  warning,
} from "./check-result.ts";

/** Tokens are good from the second they are signed in: a clock that is ahead by more may be refused. */
const CLOCK_DOUBTFUL_S = 5;
/** Tokens are handed out for 60 of their 120 seconds: a clock that is behind by more is refused, and one ahead surely. */
const CLOCK_BAD_S = 30;

/** How the API is reached, and what is known of the clock. */
export interface Reached {
  readonly clockIsOff: boolean;
}

/** Asks the API without a token, so that the way there and the clock are looked at whatever the key is like. */
export async function* checkReachability(
  baseUrl: Prerequisite<string>,
  clock: Clock,
  timeoutMs: number,
): CheckResults<Prerequisite<Reached>> {
  if (baseUrl.missing !== undefined) {
    yield* skipped(["api", "clock"], baseUrl.missing);
    return baseUrl;
  }
  const url = `${baseUrl.value}/v2/accounts`;
  const sentAt = clock.now();
  const startedAt = performance.now();
  try {
    const response = await fetch(url, {
      headers: { accept: "application/json", "user-agent": "cdp-balance-snapshots" },
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const tookMs = performance.now() - startedAt;
    yield judgeAnswer(new URL(url), response, await response.text(), tookMs);
    const aheadS = aheadOf(response.headers.get("date"), sentAt + tookMs / 2);
    yield judgeClock(aheadS);
    return { value: { clockIsOff: Math.abs(aheadS ?? 0) > CLOCK_BAD_S } };
  } catch (thrown) {
    yield unreachable(new URL(url), thrown, timeoutMs);
    yield* skipped(["clock"], after("api").missing);
    return after("api");
  }
}

function judgeAnswer({ host }: URL, { status, headers }: Response, body: string, tookMs: number): CheckResult {
  const took = `in ${Math.round(tookMs)} ms`;
  const answers = `${host} answers HTTP ${status} ${took}`;
  if (status >= 300 && status < 400) {
    return failed("api", `${answers}, a redirect to ${headers.get("location")}`, WRONG_URL);
  }
  if (status === 404) return failed("api", `${answers}: it has no such path`, WRONG_URL);
  if (status >= 500) {
    return failed("api", answers, "The API is at fault, or a proxy before it: see status.coinbase.com.");
  }
  if (!isTheApis(body)) {
    const found = `${answers}, not in the API's form (content type ${headers.get("content-type") ?? "none"})`;
    return warning("api", found, "A proxy or a sign-in page may be in between: curl -v it, and check --api.");
  }
  if (status === 401) return ok("api", `${host} answers ${took} (HTTP 401, as no token was sent)`);
  return ok("api", answers);
}

const WRONG_URL = "Check --api (or CDP_API_BASE_URL): without any it is https://api.cdp.coinbase.com/platform.";

function isTheApis(body: string): boolean {
  try {
    const value: unknown = JSON.parse(body);
    return decodeProblem(value) !== undefined || (typeof value === "object" && value !== null && "accounts" in value);
  } catch {
    return false;
  }
}

/** By how many seconds our clock is ahead of the server's. A `Date` header is in whole seconds, rounded down. */
function aheadOf(date: string | null, now: number): number | undefined {
  const server = Date.parse(date ?? "") + 500;
  return Number.isNaN(server) ? undefined : (now - server) / 1000;
}

function judgeClock(aheadS: number | undefined): CheckResult {
  if (aheadS === undefined) {
    return warning("clock", "cannot tell: the server sends no Date", "Compare this machine's clock with another one.");
  }
  const off = Math.abs(aheadS);
  if (off < 1) return ok("clock", "within a second of the server's");
  const found = `${Math.round(off)} s ${aheadS > 0 ? "ahead of" : "behind"} the server's`;
  if (off <= CLOCK_DOUBTFUL_S) return ok("clock", found);
  const remedy = "Set this machine's clock (timedatectl set-ntp true). The function's is another one, which AWS keeps.";
  return off > CLOCK_BAD_S ? failed("clock", found, remedy) : warning("clock", found, remedy);
}

/** `fetch` tells no more than "fetch failed"; what failed is in the cause. */
function unreachable({ host }: URL, thrown: unknown, timeoutMs: number): CheckResult {
  const error = thrown as Error;
  if (error.name === "TimeoutError") {
    return failed(
      "api",
      `${host} does not answer within ${timeoutMs} ms`,
      "A firewall or a proxy may be in between: curl -v it.",
    );
  }
  const cause = (error.cause ?? error) as Error & { code?: string };
  const found = `${host} cannot be reached: ${[cause.code, cause.message].filter(Boolean).join(": ")}`;
  if (/ENOTFOUND|EAI_AGAIN/.test(cause.code ?? "")) {
    return failed("api", found, "Its name is not found: is this machine online, is its DNS right, and --api?");
  }
  if (/CERT|TLS|SSL|SIGNATURE|SELF_SIGNED/.test(cause.code ?? "")) {
    return failed(
      "api",
      found,
      "Somebody else may speak for it (a proxy), or this machine's clock or certificates are off.",
    );
  }
  return failed("api", found, "A firewall or a proxy may be in between: curl -v it.");
}
