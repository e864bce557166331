import { MAX_ACCOUNT_PAGES, MAX_ACCOUNTS } from "../../core/coinbase/cdp-source.ts";
import type { CdpClient } from "../../core/coinbase/client.ts";
import { pages } from "../../core/coinbase/pages.ts";
import { decodeAccountsPage } from "../../core/coinbase/schema.ts";
import type { AccountDescription } from "../../core/domain/account-activity.ts";
import { ApiError, toJobError } from "../../core/domain/errors.ts";
import { counted } from "../shared/counted.ts";
import { type ApiConnection, createClient, NO_DEADLINE, unknownKey } from "./api-client.ts";
import type { CheckResult, CheckResults, Prerequisite } from "./check-result.ts";
import { failed, missingAfterFailed, passed, skipped } from "./check-result.ts";

export interface ApiAccess {
  readonly client: CdpClient;
  /** The ids of all accounts that the API lists for the key. */
  readonly listedIds: Prerequisite<readonly string[]>;
  /** The names of those that have one, by id. */
  readonly names: ReadonlyMap<string, string>;
}

interface AccessDependencies extends ApiConnection {
  /** The IP address from which the stack's function calls: `null` if it is not fixed, `undefined` if it is unknown. */
  readonly functionAddress: string | null | undefined;
}

/** Returns what happened to an API request and how to fix it. A 401 needs a longer analysis. */
export function apiFailure(thrown: unknown): { readonly message: string; readonly suggestedFix: string } {
  const { message, suggestedFix = "Run the doctor again." } = toJobError(thrown);
  return { message, suggestedFix };
}

export const ACCESS_CHECKS = ["authentication", "permission", "allowlist", "accounts"] as const;

const PATH = "/v2/accounts";

/** Lists the accounts with the job's own client, which shows whether the API accepts the key. */
export async function* checkApiAccess(dependencies: AccessDependencies): CheckResults<Prerequisite<ApiAccess>> {
  const client = createClient(dependencies);
  const accountPages = pages(
    (pageToken) => client.get(PATH, pageToken === undefined ? {} : { pageToken }, decodeAccountsPage, NO_DEADLINE),
    ({ accountId }) => accountId,
    `GET ${PATH}`,
    { maxPages: MAX_ACCOUNT_PAGES, maxItems: MAX_ACCOUNTS },
  );
  const ids = new Set<string>();
  const names = new Map<string, string>();
  const add = ({ accountId, name }: AccountDescription) => {
    ids.add(accountId);
    if (name) names.set(accountId, name);
  };
  try {
    const first = await accountPages.next();
    for (const account of first.value ?? []) add(account);
  } catch (thrown) {
    return yield* explainFirstFailure(thrown, client, dependencies);
  }
  yield passed("authentication", "the API accepts a token signed with the key");
  yield passed("permission", "the key may read accounts");
  yield passed(
    "allowlist",
    `the API accepts this machine's address; ${describeFunctionAddress(dependencies.functionAddress)}`,
  );
  try {
    for await (const page of accountPages) for (const account of page) add(account);
  } catch (thrown) {
    const { message, suggestedFix } = apiFailure(thrown);
    yield failed("accounts", message, suggestedFix);
    return { value: { client, listedIds: missingAfterFailed("accounts"), names } };
  }
  if (ids.size > 0) yield passed("accounts", `the key sees ${counted(ids.size, "account")}`);
  else {
    const fix = "Check that the key belongs to the right project and environment (--sandbox).";
    yield failed("accounts", "the key sees no accounts", fix);
  }
  return { value: { client, listedIds: { value: [...ids] }, names } };
}

/** The allowlist must contain the function's address, which cannot be tested from this machine. */
function describeFunctionAddress(address: string | null | undefined): string {
  if (address === undefined) return "the function calls from a different address";
  return address === null
    ? "the function has no fixed address: if the key has an IP allowlist, the API refuses the function"
    : `the function calls from ${address}: if the key has an IP allowlist, it must contain that address`;
}

async function* explainFirstFailure(
  thrown: unknown,
  client: CdpClient,
  dependencies: AccessDependencies,
): CheckResults<Prerequisite<ApiAccess>> {
  const { message, suggestedFix } = apiFailure(thrown);
  const status = thrown instanceof ApiError ? thrown.status : undefined;
  if (status === 403) {
    const missing = missingAfterFailed("permission");
    yield passed("authentication", "the API knows the key: it answers HTTP 403, not 401");
    const allowlistHint = "If it has this permission, its IP allowlist may lack this machine's address.";
    yield failed("permission", message, `${suggestedFix} ${allowlistHint}`);
    yield* skipped(["allowlist", "accounts"], missing.missingReason);
    return missing;
  }
  const missing = missingAfterFailed("authentication");
  if (status === 401) yield await explain401(thrown as ApiError, dependencies);
  else yield failed("authentication", `cannot check: ${message}`, suggestedFix);
  yield* skipped(["permission", "allowlist", "accounts"], missing.missingReason);
  // Without a 401, the endpoint for balances may still work.
  return status === 401 ? missing : { value: { client, listedIds: missing, names: new Map() } };
}

/**
 * Ranks the causes of a 401. The API answers 401 to an invalid key and probably also to an address that is not on the
 * key's allowlist: how it refuses an address is not documented. Three facts help: whether the clock is wrong; whether the
 * function has a fixed address, which is useful only with an allowlist; and whether a key that does not exist gets the
 * same answer.
 */
async function explain401(error: ApiError, dependencies: AccessDependencies): Promise<CheckResult> {
  const { api, functionAddress, key } = dependencies;
  const refusal = await requestWithUnknownKey(dependencies);
  const isSame = refusal === undefined || refusal === comparableMessage(error, key.id);
  const answer = isSame ? "the same" : "a different";
  const comparison = refusal === undefined ? "" : ` The API gives ${answer} answer to a key that does not exist.`;
  const keyCause = "the key is revoked, deleted or for the other environment (--sandbox): create one in the CDP portal";
  const allowlistCause =
    "the key's IP allowlist lacks this machine's address: add it, or run the doctor from an allowed address";
  const allowlistFirst = !isSame || typeof functionAddress === "string";
  const causes = [
    ...(api.clockIsOff ? ['this machine\'s clock is wrong: see the check "clock"'] : []),
    ...(allowlistFirst ? [allowlistCause, keyCause] : [keyCause, allowlistCause]),
  ];
  const rankedCauses = causes.map((cause, index) => `(${index + 1}) ${cause}`).join("; ");
  const message = `${apiFailure(error).message}${comparison}`;
  return failed("authentication", message, `Most likely cause first: ${rankedCauses}.`);
}

/** Returns how the API refuses a newly generated key; `undefined` if the answer is not a 401. */
async function requestWithUnknownKey(dependencies: AccessDependencies): Promise<string | undefined> {
  const key = unknownKey();
  try {
    await createClient({ ...dependencies, key }).get(PATH, {}, decodeAccountsPage, NO_DEADLINE);
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.status === 401) return comparableMessage(thrown, key.id);
  }
  return undefined;
}

/** Returns an error's message without the ids that differ between two requests. */
function comparableMessage({ message, correlationId }: ApiError, keyId: string): string {
  return message.replaceAll(keyId, "").replaceAll(correlationId || keyId, "");
}
