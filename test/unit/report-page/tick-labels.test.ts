import fc from "fast-check";
import { MAX_LABEL, tickLabels } from "../../../report-page/browser/plots/tick-labels.ts";
import { expect, it } from "../../support/jest.ts";

it.each([
  ["0 500000 1000000", "0 0.5M 1.0M"],
  ["66.25 66.5 66.75", "66.25 66.50 66.75"],
  ["0 2500 5000", "0 2.5k 5.0k"],
  // Distances from the first tick, because the digits do not fit.
  ["1000000000 1000000000.25 1000000000.5", "1bn +0.25 +0.5"],
  ["999123456.5 999123457 999123457.5", "999.1M +0.5 +1"],
  ["-20000000.002 -20000000.001 -20000000", "-20M +0.001 +0.002"],
  ["1e+20 1.0000001e+20", "1.00e+20 +10T"],
])("tickLabels labels the ticks %s with as many decimals as distinguish them", (ticks, labels) => {
  expect(tickLabels(ticks.split(" ").map(Number)).join(" ")).toBe(labels);
});

it("tickLabels gives neighbours distinct labels of a bounded width", () => {
  const steps = fc.record({
    low: fc.integer({ min: -1_000_000, max: 1_000_000 }),
    increment: fc.constantFrom(1, 2, 2.5, 5),
    exponent: fc.integer({ min: -12, max: 15 }),
    count: fc.integer({ min: 2, max: 10 }),
  });
  fc.assert(
    fc.property(steps, ({ low, increment, exponent, count }) => {
      const ticks = Array.from({ length: count }, (_, at) => (low + at) * increment * 10 ** exponent);

      const labels = tickLabels(ticks);

      expect(new Set(labels).size).toBe(count);
      expect(Math.max(...labels.map(({ length }) => length))).toBeLessThanOrEqual(MAX_LABEL);
    }),
  );
});
