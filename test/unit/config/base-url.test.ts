import { describe, expect, it } from "@jest/globals";
import { ENV } from "../../../core/names/environment.ts";
import { configOf, problemsOf } from "./harness.ts";

describe("the API's base URL", () => {
  it.each([
    ["https://example.com/platform/", "https://example.com/platform"],
    ["https://example.com:8443/a/b", "https://example.com:8443/a/b"],
    ["http://127.255.1.9/platform", "http://127.255.1.9/platform"],
    ["http://localhost:3000", "http://localhost:3000"],
    ["http://LOCALHOST:3000", "http://localhost:3000"],
    ["http://[::1]:3000/platform", "http://[::1]:3000/platform"],
  ])("may be %s", (given, expected) => {
    const config = configOf({ [ENV.apiBaseUrl]: given });

    expect(config.apiBaseUrl).toBe(expected);
  });

  it.each([
    "http://evil.com",
    "http://127.0.0.1.evil.com",
    "http://localhost.evil.com",
    "http://evil.com/127.0.0.1",
    "http://evil.com#localhost",
    "http://127.0.0.1@evil.com",
    "http://128.0.0.1",
    "ftp://127.0.0.1",
    "file:///etc/passwd",
    "api.cdp.coinbase.com/platform",
    "https://example.com/?a=b",
    "https://example.com/#a",
    // An empty query or fragment: a path cannot be appended.
    "https://example.com/platform?",
    "https://example.com/platform#",
    "https://user:hunter2@example.com",
  ])("may not be %s", (given) => {
    const problems = problemsOf({ [ENV.apiBaseUrl]: given });

    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^CDP_API_BASE_URL: is not a valid base URL\. Expected https .* The default is https:/);
    expect(problems.join()).not.toContain("hunter2");
  });
});
