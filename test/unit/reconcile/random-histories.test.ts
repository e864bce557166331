import fc from "fast-check";
import { it } from "../../support/jest.ts";
import * as properties from "./properties.ts";
import { anyHistory } from "./random-history.ts";

/** Enough to notice a wrong rule in most runs. test/exhaustive/reconcile.test.ts searches 4,000 histories. */
const RUNS = { numRuns: 25 };

it("with the true reading of fees, each remainder is what was concealed, to the last digit", () => {
  fc.assert(fc.property(anyHistory({ conceals: true }), properties.expectConcealedRemainders), RUNS);
});

it("with nothing concealed, the chosen reading of fees leaves nothing unexplained", () => {
  fc.assert(fc.property(anyHistory({ conceals: false }), properties.expectAllExplained), RUNS);
});

it("the undetermined transfers are exactly those that may or may not be in the period", () => {
  fc.assert(fc.property(anyHistory({ conceals: false }), properties.expectUndetermined), RUNS);
});

it("opening + in − out − fees + unexplained = closing, in any order of the transfers", () => {
  fc.assert(fc.property(anyHistory({ conceals: true }), properties.expectEquation), RUNS);
});

it("only a line with an unknown quantity or amount is unknown", () => {
  fc.assert(fc.property(anyHistory({ conceals: true }), properties.expectKnown), RUNS);
});

it("an undetermined line is explained by those of its undetermined transfers that it names", () => {
  fc.assert(fc.property(anyHistory({ conceals: false }), properties.expectExplainedBy), RUNS);
});
