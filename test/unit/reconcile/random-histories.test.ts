import fc from "fast-check";
import { EXHAUSTIVE } from "../../support/exhaustive.ts";
import { it } from "../../support/jest.ts";
import * as properties from "./properties.ts";
import { anyHistory } from "./random-history.ts";

/** A few histories in `npm test`, where the other tests of this folder check each rule. */
const RUNS = { numRuns: EXHAUSTIVE ? 4_000 : 10, endOnFailure: true };

it("remainders, undetermined and unknown lines of random histories are what really happened", () => {
  const check = (history: Parameters<typeof properties.expectEquation>[0]) => {
    properties.expectConcealedRemainders(history);
    properties.expectUndetermined(history);
    properties.expectEquation(history);
    properties.expectKnown(history);
    properties.expectExplainedBy(history);
  };
  fc.assert(fc.property(anyHistory({ conceals: true }), check), RUNS);
});

it("with nothing concealed, the chosen reading of fees leaves nothing unexplained", () => {
  fc.assert(fc.property(anyHistory({ conceals: false }), properties.expectAllExplained), RUNS);
});
