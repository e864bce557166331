import { describe, expect, it } from "@jest/globals";
import { suggestedFixFor } from "../../../core/coinbase/suggested-fixes.ts";

describe("the remedy", () => {
  it.each([
    ["api_unauthorized", 401, "rotated"],
    ["api_forbidden", 403, "permission"],
    ["api_timeout", 0, "CDP_REQUEST_TIMEOUT_MS"],
    ["api_unreachable", 0, "CDP_API_BASE_URL"],
    ["api_rate_limit_exceeded", 429, "CDP_READS_PER_10_SECONDS"],
  ])("for %s speaks of it", (code, status, words) => {
    expect(suggestedFixFor(code, status)).toContain(words);
  });

  it.each([401, 403, 404, 200, 502])("for a %d that is none of the API's does not blame the key", (status) => {
    for (const code of ["api_not_json", "api_empty_body"]) expect(suggestedFixFor(code, status)).toContain("A proxy");
  });

  it.each([408, 409, 425, 429, 500, 502, 503, 504])("for any other %d is to wait", (status) => {
    expect(suggestedFixFor("api_brand_new", status)).toContain("Redo the slot");
  });

  it.each([400, 410, 422])("for any other %d is not to ask again", (status) => {
    expect(suggestedFixFor("api_brand_new", status)).toContain("does not help");
  });
});
