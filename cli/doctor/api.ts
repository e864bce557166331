import { MAX_BODY_BYTES, REQUEST_HEADERS } from "../../core/coinbase/client.ts";
import {
  BodyTooLargeError,
  connectionProblem,
  type HttpResponse,
  httpGet,
  TimeLimitError,
} from "../../core/coinbase/http-get.ts";
import { unusedProxyFix } from "../../core/coinbase/proxy.ts";
import { decodeProblem } from "../../core/coinbase/schema.ts";
import type { Clock } from "../../core/domain/ports.ts";
import { PRODUCTION_API } from "../../core/names/environment.ts";
import { NO_DEADLINE } from "./api-client.ts";
import type { CheckResult, CheckResults, Prerequisite } from "./check-result.ts";
import { failed, missingAfterFailed, passed, skipped, warning } from "./check-result.ts";

/** A token is valid from the second in which it is signed: the API may refuse it if the clock is further ahead. */
const CLOCK_WARNING_S = 5;
/** A token is used for 60 of its 120 seconds: the API refuses it if the clock is further off in either direction. */
const CLOCK_FAILURE_S = 30;

export interface ApiTarget {
  readonly baseUrl: string;
  /** What sets the base URL, as suggested fixes name it. */
  readonly setting: string;
}

/** An API that answered. */
export interface ReachableApi extends ApiTarget {
  /** Whether this machine's clock is so wrong that the API refuses its tokens. */
  readonly clockIsOff: boolean;
}

/** Sends a request without a token, so that network and clock are checked even if the key is invalid. */
export async function* checkApi(
  api: ApiTarget,
  clock: Clock,
  timeoutMs: number,
): CheckResults<Prerequisite<ReachableApi>> {
  const { baseUrl, setting } = api;
  const url = new URL(`${baseUrl}/v2/accounts`);
  const sentAt = clock.now();
  const startedAt = performance.now();
  try {
    const response = await httpGet(url, {
      ...{ headers: REQUEST_HEADERS, timeoutMs, maxBytes: MAX_BODY_BYTES },
      deadline: NO_DEADLINE,
    });
    const latencyMs = performance.now() - startedAt;
    yield judgeAnswer(url, response, latencyMs, setting);
    const aheadS = clockAheadS(response.headers.get("date"), sentAt + latencyMs / 2);
    yield judgeClock(aheadS);
    return { value: { ...api, clockIsOff: Math.abs(aheadS ?? 0) > CLOCK_FAILURE_S } };
  } catch (thrown) {
    const missing = missingAfterFailed("api");
    yield withProxyFix(url, explainNoAnswer(url, thrown, timeoutMs, setting));
    yield* skipped(["clock"], missing.missingReason);
    return missing;
  }
}

function judgeAnswer(
  { host, pathname }: URL,
  { status, headers, body }: HttpResponse,
  latencyMs: number,
  setting: string,
): CheckResult {
  const checkUrl = `Check ${setting}. The default is ${PRODUCTION_API}.`;
  const latency = `in ${Math.round(latencyMs)} ms`;
  const answer = `${host} answered HTTP ${status} ${latency}`;
  if (status >= 300 && status < 400) {
    return failed("api", `${answer} with a redirect to ${headers.get("location")}`, checkUrl);
  }
  if (status === 404) return failed("api", `${answer}: it does not have the path ${pathname}`, checkUrl);
  if (status >= 500) {
    return failed("api", answer, "The API or a proxy in front of it is failing: see status.coinbase.com.");
  }
  if (!isApiBody(Buffer.from(body).toString())) {
    const message = `${answer}, not in the API's format (content type ${headers.get("content-type") ?? "missing"})`;
    return warning("api", message, `A proxy or a sign-in page may have answered: check ${setting}, and try curl -v.`);
  }
  return passed("api", status === 401 ? `${host} answered ${latency} (HTTP 401, because no token was sent)` : answer);
}

function isApiBody(body: string): boolean {
  try {
    const value: unknown = JSON.parse(body);
    return decodeProblem(value) !== undefined || (typeof value === "object" && value !== null && "accounts" in value);
  } catch {
    return false;
  }
}

/** Returns by how many seconds our clock is ahead of the server's; a `Date` header is rounded down to whole seconds. */
function clockAheadS(date: string | undefined, now: number): number | undefined {
  const serverTime = Date.parse(date ?? "") + 500;
  return Number.isNaN(serverTime) ? undefined : (now - serverTime) / 1000;
}

function judgeClock(aheadS: number | undefined): CheckResult {
  if (aheadS === undefined) {
    const message = "cannot check: the server's answer has no Date header";
    return warning("clock", message, "Compare this machine's clock with another one.");
  }
  const offS = Math.abs(aheadS);
  if (offS < 1) return passed("clock", "within 1 s of the server's clock");
  const message = `${Math.round(offS)} s ${aheadS > 0 ? "ahead of" : "behind"} the server's clock`;
  if (offS <= CLOCK_WARNING_S) return passed("clock", message);
  const fix =
    "Set this machine's clock (timedatectl set-ntp true). The function has a different clock, which AWS sets.";
  return offS > CLOCK_FAILURE_S ? failed("clock", message, fix) : warning("clock", message, fix);
}

const CHECK_NETWORK = "A firewall or a proxy may block the connection: try curl -v.";

/** Puts an unused proxy first, because it explains every failure to connect. */
function withProxyFix(url: URL, result: CheckResult): CheckResult {
  const fix = unusedProxyFix(url);
  return fix === undefined ? result : { ...result, suggestedFix: `${fix} ${result.suggestedFix}` };
}

function explainNoAnswer({ host }: URL, thrown: unknown, timeoutMs: number, setting: string): CheckResult {
  if (thrown instanceof BodyTooLargeError) {
    return failed("api", `${host} answered with more than ${MAX_BODY_BYTES} bytes`, `Check ${setting}.`);
  }
  if (thrown instanceof TimeLimitError) {
    return failed("api", `${host} did not answer within ${timeoutMs} ms`, CHECK_NETWORK);
  }
  const { code, reason } = connectionProblem(thrown);
  const message = `cannot connect to ${host}: ${[code, reason].filter(Boolean).join(": ")}`;
  if (/ENOTFOUND|EAI_AGAIN/.test(code)) {
    return failed("api", message, `The host name is unknown: check ${setting}, the network connection and DNS.`);
  }
  if (/CERT|TLS|SSL|EPROTO|SIGNATURE|SELF_SIGNED/.test(code)) {
    const fix = "A proxy may intercept the connection, or this machine's clock or certificates are wrong.";
    return failed("api", message, fix);
  }
  return failed("api", message, CHECK_NETWORK);
}
