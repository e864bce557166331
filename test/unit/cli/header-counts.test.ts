import { countHeaders, type HeaderCounts } from "../../../cli/doctor/probe/header-counts.ts";
import { describe, expect, it } from "../../support/jest.ts";

describe("the rate limit headers in the record of a probe", () => {
  it.each([
    ["x-ratelimit-remaining", "599", "599"],
    ["ratelimit", '"default";r=50;t=30', "r=50 t=30"],
    ["ratelimit-policy", '"key";q=600;w=10;pk=:NDcxMQ==:', "q=600 w=10"],
    ["ratelimit-policy", "600;w=10;pk=4711", "w=10"],
    ["x-ratelimit-limit", "1234567890 9876543210", "other"],
    ["rate-limit-user", "1234567890", undefined],
  ])("%s: %s is shown as %s, without anything that can identify the caller", (name, value, shown) => {
    const counts: HeaderCounts = new Map();

    countHeaders(counts, new Map([[name, value]]));

    expect(counts.get(name)?.values).toEqual(shown && [shown]);
  });
});
