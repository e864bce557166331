import fc from "fast-check";
import { it } from "../support/jest.ts";
import * as properties from "../unit/reconcile/properties.ts";
import { anyHistory } from "../unit/reconcile/random-history.ts";

const RUNS = { numRuns: 4_000, endOnFailure: true };

it("each remainder is what was concealed, in a large search", () => {
  const checks = fc.property(anyHistory({ conceals: true }), (history) => {
    properties.expectConcealedRemainders(history);
    properties.expectUndetermined(history);
    properties.expectEquation(history);
    properties.expectKnown(history);
    properties.expectExplainedBy(history);
  });
  fc.assert(checks, RUNS);
});

it("nothing is unexplained if nothing was concealed, in a large search", () => {
  fc.assert(fc.property(anyHistory({ conceals: false }), properties.expectAllExplained), RUNS);
});
