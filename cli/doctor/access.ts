import { generateKeyPairSync, randomUUID } from "node:crypto";
import { CdpClient } from "../../core/coinbase/client.ts";
import { RateLimiter } from "../../core/coinbase/limiter.ts";
import { pages } from "../../core/coinbase/pages.ts";
import { decodeAccountsPage } from "../../core/coinbase/schema.ts";
import { Signer } from "../../core/coinbase/signer.ts";
import type { Config } from "../../core/config.ts";
import type { ApiKey } from "../../core/domain/api-key.ts";
import { ApiError } from "../../core/domain/errors.ts";
import type { Clock } from "../../core/domain/ports.ts";
import type { Reached } from "./api.ts";
import { apiSuggestedFix, told } from "./api-failure.ts";
import { after, type CheckResult, type CheckResults, failed, ok, type Prerequisite, skipped } from "./check-result.ts";

/** What the API lets the key do. */
export interface Access {
  readonly client: CdpClient;
  /** The accounts that it lists, if it does. */
  readonly listed: Prerequisite<readonly string[]>;
}

/** What the steps stand on. */
export interface AccessDependencies {
  readonly clock: Clock;
  readonly config: Pick<Config, "readsPerTenSeconds" | "requestTimeoutMs" | "maxPages">;
  readonly baseUrl: Prerequisite<string>;
  readonly reached: Prerequisite<Reached>;
  readonly key: Prerequisite<ApiKey>;
  /** The address from which the function calls: of a stack; `null`: it has no fixed one. */
  readonly egress: Prerequisite<string | null>;
}

/** For requests that have their own time limit and are tried once. */
export const UNLIMITED = new AbortController().signal;

const PATH = "/v2/accounts";
const TEN_SECONDS_MS = 10_000;

/** Asks for the accounts with the key, by the job's own client: the list tells what the API makes of the key. */
export async function* checkAccess(parts: AccessDependencies): CheckResults<Prerequisite<Access>> {
  const { key, baseUrl, reached } = parts;
  const missing = key.missing ?? baseUrl.missing ?? reached.missing;
  if (key.value === undefined || baseUrl.value === undefined || reached.value === undefined) {
    yield* skipped(["signature", "permission", "allowlist", "accounts"], missing ?? "");
    return { missing: missing ?? "" };
  }
  const client = clientOf(key.value, baseUrl.value, parts);
  const list = pages(
    (pageToken) => client.get(PATH, pageToken === undefined ? {} : { pageToken }, decodeAccountsPage, UNLIMITED),
    `GET ${PATH}`,
    parts.config.maxPages,
  );
  const ids = new Set<string>();
  try {
    const first = await list.next();
    for (const id of first.value ?? []) ids.add(id);
  } catch (thrown) {
    return yield* refused(thrown, { ...parts, client, key: key.value, baseUrl: baseUrl.value, reached: reached.value });
  }
  yield ok("signature", "the API takes a token signed with the key");
  yield ok("permission", "the key may read accounts");
  yield ok("allowlist", `this machine's address is let through; ${elsewhere(parts.egress)}`);
  try {
    for await (const page of list) for (const id of page) ids.add(id);
  } catch (thrown) {
    yield failed("accounts", told(thrown), apiSuggestedFix(thrown));
    return { value: { client, listed: after("accounts") } };
  }
  const none = "Is it the key of the right project, and of the right environment (--sandbox)?";
  if (ids.size === 0) yield failed("accounts", "the key sees none", none);
  else yield ok("accounts", `the key sees ${ids.size}`);
  return { value: { client, listed: { value: [...ids] } } };
}

/** The address that matters is the function's, and what is seen from here says nothing of it. */
function elsewhere({ value, missing }: Prerequisite<string | null>): string {
  if (missing !== undefined) return "the function calls from another one";
  if (value === null) return "the function has no fixed one: if the key has a list, it shuts the function out";
  return `the function calls from ${value}: if the key has a list, that one has to be on it`;
}

interface Refusal extends Omit<AccessDependencies, "key" | "baseUrl" | "reached"> {
  readonly client: CdpClient;
  readonly key: ApiKey;
  readonly baseUrl: string;
  readonly reached: Reached;
}

async function* refused(thrown: unknown, refusal: Refusal): CheckResults<Prerequisite<Access>> {
  const { client } = refusal;
  if (!(thrown instanceof ApiError) || (thrown.status !== 401 && thrown.status !== 403)) {
    yield failed("signature", `cannot tell: ${told(thrown)}`, apiSuggestedFix(thrown));
    yield* skipped(["permission", "allowlist", "accounts"], after("signature").missing);
    // Balances are another endpoint, and may be well.
    return { value: { client, listed: after("signature") } };
  }
  if (thrown.status === 401) {
    yield await notTaken(thrown, refusal);
    yield* skipped(["permission", "allowlist", "accounts"], after("signature").missing);
    return after("signature");
  }
  yield ok("signature", "the API knows the key: it answers with a 403, not with a 401");
  const remedy = `${apiSuggestedFix(thrown)} If it has it: its IP allowlist may lack this machine's address.`;
  yield failed("permission", told(thrown), remedy);
  yield* skipped(["allowlist", "accounts"], after("permission").missing);
  return after("permission");
}

/**
 * A 401 is all that the API says for a bad key, and probably for an address that is not on its allowlist: how that refusal
 * looks is not documented. What is likeliest is told by what else is known: the clock; that a fixed address was paid for,
 * which is done for an allowlist; and whether a key that does not exist is refused in the same words.
 */
async function notTaken(thrown: ApiError, refusal: Refusal): Promise<CheckResult> {
  const { reached, egress, key } = refusal;
  const noKey = await wordsForNoKey(refusal);
  const alike = noKey === undefined || noKey === words(thrown, key.id);
  const compared =
    noKey === undefined ? "" : `, in ${alike ? "the same words as" : "other words than"} a key that does not exist`;
  const bad = "the key is revoked, deleted, or of the other environment (--sandbox): make one in the CDP portal";
  const list = "the key's IP allowlist lacks this machine's address: add it, or look from where it is allowed";
  const clock = "the clock, see above";
  const allowlistFirst = !alike || typeof egress.value === "string";
  const causes = [...(reached.clockIsOff ? [clock] : []), ...(allowlistFirst ? [list, bad] : [bad, list])];
  const remedy = `Likeliest first: ${causes.map((cause, at) => `(${at + 1}) ${cause}`).join("; ")}.`;
  return failed("signature", `${told(thrown)}${compared}`, remedy);
}

/** How the API refuses a key that was made up here and now. */
async function wordsForNoKey({ baseUrl, clock, config }: Refusal): Promise<string | undefined> {
  const madeUp = {
    id: randomUUID(),
    algorithm: "EdDSA",
    privateKey: generateKeyPairSync("ed25519").privateKey,
  } as const;
  try {
    await clientOf(madeUp, baseUrl, { clock, config }).get(PATH, {}, decodeAccountsPage, UNLIMITED);
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.status === 401) return words(thrown, madeUp.id);
  }
  return undefined;
}

/** A refusal without what differs from one request to another. */
function words(error: ApiError, keyId: string): string {
  return told(error)
    .replaceAll(keyId, "")
    .replace(/\(correlation id .*\)/, "");
}

/** Asks once: what is wrong now is what is to be seen. */
function clientOf(
  key: ApiKey,
  baseUrl: string,
  { clock, config }: Pick<AccessDependencies, "clock" | "config">,
): CdpClient {
  const keys = { current: async () => key, afterRefusal: async () => undefined };
  const limiter = new RateLimiter(config.readsPerTenSeconds, TEN_SECONDS_MS, clock);
  return new CdpClient(
    { clock, keys, signer: new Signer(clock), limiter },
    { baseUrl, requestTimeoutMs: config.requestTimeoutMs, maxAttempts: 1 },
  );
}
