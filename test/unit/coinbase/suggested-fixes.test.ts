import { describe, expect, it } from "@jest/globals";
import { apiSuggestedFix } from "../../../core/coinbase/suggested-fixes.ts";

describe("apiSuggestedFix", () => {
  it.each([
    ["api_unauthorized", 401, "rotated"],
    ["api_forbidden", 403, "permission accounts:read@entity"],
    ["api_not_found", 404, "Check the account id"],
    ["api_endpoint_unavailable", 503, "status.coinbase.com"],
    ["api_timeout", 0, "CDP_REQUEST_TIMEOUT_MS"],
    ["api_unreachable", 0, "CDP_API_BASE_URL"],
    ["api_rate_limit_exceeded", 429, "CDP_READS_PER_10_SECONDS"],
    ["api_not_json", 401, "a proxy or firewall"],
    ["api_empty_body", 403, "a proxy or firewall"],
    ...[408, 409, 425, 429, 500, 502, 503, 504].map((status) => ["api_new_code", status, "Try again"] as const),
    ...[400, 410, 422].map((status) => ["api_new_code", status, "A retry does not help"] as const),
  ])("returns for %s with status %d: %s", (code, status, words) => {
    expect(apiSuggestedFix(code, status)).toContain(words);
  });
});
