/** How suggested fixes name what the caller can change. */
export interface SettingNames {
  /** What sets the base URL of the API: an option or a variable. */
  readonly baseUrl: string;
  /** What to do with a new key, as an instruction. */
  readonly replaceKey: string;
}

export const FUNCTION_SETTINGS: SettingNames = {
  baseUrl: "CDP_API_BASE_URL",
  replaceKey: "store the new one in the secret",
};

/** What to do about an error, by its code, where the API's own message does not say it. */
const BY_CODE: Readonly<Record<string, string | ((names: SettingNames, path: string) => string)>> = {
  api_unauthorized: ({ replaceKey }) =>
    `Check whether the key was revoked or rotated (${replaceKey}), whether its IP allowlist contains ` +
    "this machine's address, and whether the clock is right.",
  api_forbidden: (_, path) => `Give the key the permission ${permissionFor(path)}@entity in the CDP portal.`,
  api_not_found: "Check the account id, and that the key's project has access to the account.",
  api_account_not_ready: "Try again when the account is ready.",
  api_endpoint_unavailable:
    "Coinbase has switched this endpoint off, possibly for a long time: see status.coinbase.com. Try again afterwards.",
  api_rate_limit_exceeded:
    "Try again. If other programs use the same key, lower readsPerTenSeconds (CDP_READS_PER_10_SECONDS).",
  api_redirect: ({ baseUrl }) => `Check ${baseUrl}.`,
  api_empty_body: "Check the network: a proxy or firewall may have answered instead of the API.",
  api_not_json: "Check the network: a proxy or firewall may have answered instead of the API.",
  api_unexpected_shape: "If it keeps happening, the API has changed: report it to the project's maintainers.",
  api_body_too_large: "Lower CDP_PAGE_SIZE. If that does not help, report it to Coinbase.",
  api_timeout: "Try again when the API is fast again. If it stays slow, raise CDP_REQUEST_TIMEOUT_MS.",
  api_unreachable: ({ baseUrl }) => `Check ${baseUrl} and the network (DNS, routes, TLS), then try again.`,
};

/** The codes of errors whose suggested fix does not depend on the status. */
export const CODES_WITH_FIX: readonly string[] = Object.keys(BY_CODE);

/** Statuses below 500 that a later request may not get. */
const TEMPORARY: readonly number[] = [408, 409, 425, 429];
const OUTAGE = "Try again when the API works again: see status.coinbase.com.";
const REJECTED = "A retry does not help. Report it to Coinbase, with the correlation id if there is one.";

/** Source: `x-required-permissions` in the API's OpenAPI documents. */
function permissionFor(path: string): string {
  return path.endsWith("/v2/transfers") ? "transfers:read" : "accounts:read";
}

/**
 * Returns what to do about an error response of the API, or about a missing response.
 * @param status the HTTP status, or 0 if there was no response
 * @param path of the request, on which the permission that a key needs depends
 */
export function apiSuggestedFix(code: string, status: number, names = FUNCTION_SETTINGS, path = ""): string {
  const fix = BY_CODE[code];
  if (fix !== undefined) return typeof fix === "string" ? fix : fix(names, path);
  return status >= 500 || TEMPORARY.includes(status) ? OUTAGE : REJECTED;
}
