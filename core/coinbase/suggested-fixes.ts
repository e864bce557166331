/** By the error's code: what a client knows that the API's own message does not say. */
const BY_CODE: Readonly<Record<string, string>> = {
  api_unauthorized:
    "The key may be revoked or rotated (put the new one into the secret), its IP allowlist may not name this " +
    "machine's address, or a clock may be off.",
  api_forbidden: "Give the key the permission accounts:read@entity in the portal.",
  api_not_found: "Check the account id, and that the key belongs to the project that may see the account.",
  api_account_not_ready: "Redo the slot when the account is ready.",
  api_rate_limit_exceeded: "If others use this key, too, lower CDP_READS_PER_10_SECONDS; then redo the slot.",
  api_redirect: "Check CDP_API_BASE_URL.",
  api_empty_body: "A proxy or a firewall on the way may have answered, and not the API.",
  api_not_json: "A proxy or a firewall on the way may have answered, and not the API.",
  api_unexpected_shape: "If it stays so, the API has changed: report it.",
  api_body_too_large: "Lower CDP_PAGE_SIZE.",
  api_timeout: "Redo the slot when the API is quick again; if it is only slow, raise CDP_REQUEST_TIMEOUT_MS.",
  api_unreachable: "Check CDP_API_BASE_URL and the way there (DNS, network, TLS); redo the slot when it is open.",
};

/** Timeouts and the like besides the server's own faults. */
const PASSING: readonly number[] = [408, 409, 425, 429];
const OUTAGE = "Redo the slot when the API is well again.";
const REFUSED = "Asking again does not help: report it to Coinbase, with the correlation id if there is one.";

/** What to do about an answer of the API, or about none. @param status the HTTP status, or 0 where no answer came */
export function suggestedFixFor(code: string, status: number): string {
  return BY_CODE[code] ?? (status >= 500 || PASSING.includes(status) ? OUTAGE : REFUSED);
}
