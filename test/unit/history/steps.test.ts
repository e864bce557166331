import fc from "fast-check";
import { type Interval, parseInterval } from "../../../core/history/interval.ts";
import { type Step, stepsOf } from "../../../core/history/steps.ts";
import { EXHAUSTIVE } from "../../support/exhaustive.ts";
import { HOUR, MINUTE } from "../../support/history-facts.ts";
import { instant, instantOfLocal, localTextOf } from "../../support/history-naive.ts";
import { describe, expect, it } from "../../support/jest.ts";

const ms = (text: string) => Date.parse(text);

describe("parseInterval", () => {
  it.each([
    ["1min", { lengthMs: MINUTE }],
    ["90min", { lengthMs: 90 * MINUTE }],
    ["6h", { lengthMs: 6 * HOUR }],
    ["1d", { period: "day", lengthMs: 24 * HOUR }],
    ["1w", { period: "week", lengthMs: 7 * 24 * HOUR }],
    ["1mo", { period: "month", lengthMs: 30 * 24 * HOUR }],
    ["3mo", { period: "quarter", lengthMs: 90 * 24 * HOUR }],
    ["1y", { period: "year", lengthMs: 365 * 24 * HOUR }],
  ])("parses %s", (text, expected) => {
    expect(parseInterval(text)).toEqual({ text, ...expected });
  });

  it.each([
    ...["2d", "6d", "7h", "2w", "2mo", "12mo", "2y", "7min", "24h", "1440min", "", "h", "0d", "1.5h", "1D", "1d\n"],
  ])("returns undefined for %p, which has no steps that every range shares", (text) => {
    expect(parseInterval(text)).toBeUndefined();
  });
});

const ZONES = Intl.supportedValuesOf("timeZone");
/** Zones that change clocks over midnight, crossed the date line, or have unusual offsets. */
const ODD_ZONES =
  "UTC America/Havana America/Sao_Paulo Atlantic/Azores America/St_Johns Africa/Cairo Asia/Kathmandu " +
  "Australia/Lord_Howe Pacific/Apia Pacific/Kwajalein Europe/Berlin Europe/Dublin";

function stepsIn(from: string | number, to: string | number, every: string, timezone: string): Step[] {
  const [start, end] = [from, to].map((time) => new Date(time).getTime());
  return [...stepsOf({ from: start ?? 0, to: end ?? 0 }, parseInterval(every) as Interval, timezone)];
}

describe("stepsOf", () => {
  it.each([
    ["2026-12-31", "2026-W53"],
    ["2027-01-04", "2027-W01"],
    ["2025-12-29", "2026-W01"],
  ])("counts %s to the ISO week %s", (day, week) => {
    expect(stepsIn(`${day}T00:00:00Z`, `${day}T23:59:59.999Z`, "1w", "UTC").map(({ label }) => label)).toEqual([week]);
  });

  it.each([
    ["1d", "2026-10-31", "2026-10-31T22:59:59.999Z"],
    ["1w", "2026-W44", "2026-11-01T22:59:59.999Z"],
    ["1mo", "2026-10", "2026-10-31T22:59:59.999Z"],
    ["3mo", "2026-Q4", "2026-12-31T22:59:59.999Z"],
    ["1y", "2026", "2026-12-31T22:59:59.999Z"],
  ])("shows at a step of %s the close of its period", (every, label, close) => {
    const [step] = stepsIn("2026-10-31T10:00:00Z", "2027-01-01T00:00:00Z", every, "Europe/Berlin");

    expect(step).toMatchObject({ label, at: ms(close), open: false });
  });

  it("marks the step in which the range ends as open, and ends it there", () => {
    const steps = stepsIn("2026-10-24T04:00:00Z", "2026-10-25T03:00:00Z", "1d", "Europe/Berlin");

    expect(steps.map(({ label, at, open }) => [label, instant(at), open])).toEqual([
      ["2026-10-24", "2026-10-24T21:59:59.999Z", false],
      ["2026-10-25", "2026-10-25T03:00:00.000Z", true],
    ]);
  });

  it.each([
    ["2025-03-30", 23],
    ["2025-10-26", 25],
  ])("counts hours from local midnight in elapsed time: %s has %d", (day, hours) => {
    const [from, to] = [`${day}T00:00:00.000`, `${day}T23:59:59.999`].map((text) =>
      instantOfLocal(text, "Europe/Zurich"),
    );

    const steps = stepsIn((from ?? 0) + 1, to ?? 0, "1h", "Europe/Zurich");

    const lengths = steps.map(({ after, at }) => at - after);
    expect(lengths).toEqual([...Array<number>(hours - 1).fill(HOUR), HOUR - 1]);
    expect(steps.every(({ label, at, open }) => label === instant(at) && !open)).toBe(true);
  });

  it.each([
    ["2025-03-30", [6, 6, 6, 5]],
    ["2025-10-26", [6, 6, 6, 6, 1]],
  ])("ends the last step of %s at midnight: its hours are %j", (day, hours) => {
    const noon = instantOfLocal(`${day}T12:00:00.000`, "Europe/Zurich");

    const steps = stepsIn(noon - 12.5 * HOUR, noon + 24 * HOUR, "6h", "Europe/Zurich");

    const ofDay = steps.filter(({ at }) => localTextOf(at - 1, "Europe/Zurich").startsWith(day));
    expect(ofDay.map(({ after, at }) => (at - after) / HOUR)).toEqual(hours);
  });

  it.each([
    [
      "a midnight that is skipped",
      "America/Sao_Paulo",
      "2018-11-04",
      "2018-11-03T03:00:00Z",
      "2018-11-05T01:59:59.999Z",
    ],
    [
      "a midnight that occurs twice",
      "America/Havana",
      "2025-11-02",
      "2025-11-02T03:59:59.999Z",
      "2025-11-03T04:59:59.999Z",
    ],
  ])("has one step for a day with %s", (_, timezone, day, from, close) => {
    const steps = stepsIn(from, ms(close), "1d", timezone);

    expect(steps.map(({ label }) => label)).toHaveLength(2);
    expect(steps.at(-1)).toMatchObject({ label: day, at: ms(close), open: false });
  });

  it("has no step for a day that a zone skipped when it crossed the date line", () => {
    const steps = stepsIn("2011-12-29T10:00:00Z", "2011-12-31T09:59:59.999Z", "1d", "Pacific/Apia");

    expect(steps.map(({ label }) => label)).toEqual(["2011-12-29", "2011-12-31"]);
  });

  it("has the same steps whatever the start of the range, in every zone, each the close of its label", () => {
    const anyMs = fc.integer({ min: Date.UTC(1980, 0, 1), max: Date.UTC(2036, 0, 1) });
    const cases = fc.record({
      to: anyMs,
      days: fc.tuple(fc.double({ min: 0, max: 40, noNaN: true }), fc.double({ min: 0, max: 40, noNaN: true })),
      every: fc.constantFrom("45min", "1h", "6h", "1d", "1d", "1d", "1w", "1mo", "3mo", "1y"),
    });
    const check = (timezone: string) => (of: { to: number; days: readonly number[]; every: string }) => {
      const [from = 0, earlier = 0] = of.days.map((days) => of.to - Math.floor(days * 24 * HOUR)).sort((a, b) => b - a);

      const [steps, more] = [stepsIn(from, of.to, of.every, timezone), stepsIn(earlier, of.to, of.every, timezone)];

      expect(more.slice(-steps.length)).toEqual(steps);
      expect(steps.at(-1)?.at).toBe(of.to);
      expect(
        steps.every(({ after, at }, index) => after < at && at >= from && after === (steps[index - 1]?.at ?? after)),
      ).toBe(true);
      for (const { label, after, at, open } of more) {
        if (/T/.test(label)) expect(label).toBe(instant(at));
        if (!/^\d{4}(-\d\d){0,2}$/.test(label)) continue;
        const dates = [after + 1, at, at + 1].map((time) => localTextOf(time, timezone).slice(0, label.length));
        expect([label, ...dates.slice(0, 2), open || (dates[2] ?? "") > label]).toEqual([label, label, label, true]);
      }
    };
    const zones = EXHAUSTIVE ? ZONES : [...ODD_ZONES.split(" "), ...fc.sample(fc.constantFrom(...ZONES), 4)];
    for (const timezone of zones) fc.assert(fc.property(cases, check(timezone)), { numRuns: EXHAUSTIVE ? 20 : 4 });
  }, 600_000);
});
