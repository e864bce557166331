import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { nominalMs, parseInterval, stepsOf } from "../../../core/history/steps.ts";
import { dailySteps, evenSteps, instant, localTextOf } from "../../support/history-naive.ts";

const ms = (text: string) => Date.parse(text);
const DAY = { count: 1, unit: "days" } as const;

describe("parseInterval and nominalMs", () => {
  it.each([
    ["90min", { count: 90, unit: "minutes" }, 5_400_000],
    ["2h", { count: 2, unit: "hours" }, 7_200_000],
    ["1d", { count: 1, unit: "days" }, 86_400_000],
    ["2w", { count: 2, unit: "weeks" }, 14 * 86_400_000],
    ["1mo", { count: 1, unit: "months" }, 30 * 86_400_000],
    ["10y", { count: 10, unit: "years" }, 3650 * 86_400_000],
  ])("parse %s and return its length", (text, expected, length) => {
    expect(parseInterval(text)).toEqual(expected);
    expect(nominalMs(parseInterval(text) ?? DAY)).toBe(length);
  });

  it.each([...["", "h", "0d", "-1d", "1.5h", "1 d", "1m", "1M", "1D", "01d", "100000d", "1dd", "d1", "1d\n"]])(
    "returns undefined for %p",
    (text) => {
      expect(parseInterval(text)).toBeUndefined();
    },
  );
});

describe("stepsOf", () => {
  it.each([
    [
      "Europe/Zurich",
      "2025-10-24T22:00:00Z",
      ["2025-10-24T22:00", "2025-10-25T22:00", "2025-10-26T23:00", "2025-10-27T23:00"],
    ],
    [
      "America/New_York",
      "2025-03-08T05:00:00Z",
      ["2025-03-08T05:00", "2025-03-09T05:00", "2025-03-10T04:00", "2025-03-11T04:00"],
    ],
  ])("yields every midnight in %s, across a change of the clocks", (timezone, from, expected) => {
    const steps = [...stepsOf(ms(from), ms(from) + 75 * 3_600_000, DAY, timezone)];

    expect(steps.map(({ at }) => instant(at).slice(0, 16))).toEqual(expected);
    expect(steps.map(({ at }) => localTextOf(at, timezone).slice(11))).toEqual(expected.map(() => "00:00:00.000"));
  });

  it("yields every hour once, across a change of the clocks", () => {
    const from = ms("2025-10-25T22:00:00Z");

    const steps = [...stepsOf(from, from + 24 * 3_600_000, { count: 1, unit: "hours" }, "Europe/Zurich")];

    expect(steps).toEqual(evenSteps(from, from + 24 * 3_600_000, 3_600_000));
  });

  it.each([
    ["the last of each month", "2025-01-31T00:00:00Z", "1mo", ["2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30"]],
    [
      "29 February",
      "2024-02-29T00:00:00Z",
      "1y",
      ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"],
    ],
    ["weeks", "2025-12-24T00:00:00Z", "1w", ["2025-12-24", "2025-12-31", "2026-01-07"]],
  ])("loses no day over time: %s", (_, from, every, expected) => {
    const to = ms(`${expected.at(-1)}T12:00:00Z`);

    const steps = [...stepsOf(ms(from), to, parseInterval(every) ?? DAY, "UTC")];

    expect(steps.map(({ at }) => instant(at).slice(0, 10))).toEqual(expected);
  });

  it("agrees with an independent computation, from the start to the end", () => {
    const anyDays = fc.record({
      from: fc.integer({ min: ms("2024-01-01T00:00:00Z"), max: ms("2027-01-01T00:00:00Z") }),
      days: fc.integer({ min: 1, max: 9 }),
      length: fc.integer({ min: -1, max: 60 }),
      timezone: fc.constantFrom("UTC", "Europe/Zurich", "America/New_York", "Asia/Kolkata"),
    });
    fc.assert(
      fc.property(anyDays, ({ from, days, length, timezone }) => {
        // Avoids the hours around a change of the clocks, when a local time occurs twice or never.
        fc.pre(!/T0[0-3]/.test(localTextOf(from, timezone)));
        const to = from + length * 86_400_000;

        const steps = [...stepsOf(from, to, { count: days, unit: "days" }, timezone)];

        expect(steps).toEqual(dailySteps(from, to, days, timezone));
        expect(steps[0]?.at).toBe(length < 0 ? undefined : from);
      }),
      { numRuns: 50 },
    );
  });
});
