import fc from "fast-check";
import { matchesGlob } from "../../../cli/shared/glob.ts";
import { describe, expect, it } from "../../support/jest.ts";

describe("matchesGlob", () => {
  it("matches what a regular expression matches", () => {
    const anyText = fc.string({ unit: fc.constantFrom("a", "b", "🏦"), maxLength: 8 });
    const anyGlob = fc.string({ unit: fc.constantFrom("a", "b", "🏦", "*", "?"), maxLength: 6 });
    fc.assert(
      fc.property(anyGlob, anyText, (glob, text) => {
        const pattern = new RegExp(`^${glob.replaceAll("*", ".*").replaceAll("?", ".")}$`, "u");

        expect(matchesGlob(glob, text)).toBe(pattern.test(text));
      }),
      { numRuns: 1000 },
    );
  });

  it("answers at once for a glob on which a regular expression would backtrack", () => {
    expect(matchesGlob(`${"*L".repeat(40)}x`, "L".repeat(1000))).toBe(false);
    expect(matchesGlob(`${"*L".repeat(40)}*`, "L".repeat(1000))).toBe(true);
  });
});
