import { describe, expect, it } from "@jest/globals";
import { createRateLimit } from "../../../local/simulated-cdp/rate-limit.ts";

describe("createRateLimit", () => {
  it("admits 600 reads in any 10 s and does not count rejected reads", () => {
    const admit = createRateLimit();
    const at = (ms: number, times: number) => Array.from({ length: times }, () => admit(ms));

    expect(at(0, 1)).toEqual([true]);
    expect(at(4_000, 600)).toEqual([...Array(599).fill(true), false]);
    expect(at(9_999, 50)).toEqual(Array(50).fill(false));
    expect(at(10_000, 2)).toEqual([true, false]);
    expect(at(14_000, 600)).toEqual([...Array(599).fill(true), false]);
  });
});
