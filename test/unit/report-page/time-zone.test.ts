import { timeLabels } from "../../../report-page/browser/plots/time-labels.ts";
import { timeZone } from "../../../report-page/browser/state/time-zone.ts";
import { describe, expect, it } from "../../support/jest.ts";

const HOUR = 3_600_000;

describe("timeZone", () => {
  it.each([
    ["Europe/Zurich", "2026-07-01T00:30:00.061Z", "2026-07-01 02:30:00.061 +02:00"],
    ["Europe/Zurich", "2026-12-31T23:30:00Z", "2027-01-01 00:30:00 +01:00"],
    ["UTC", "1970-01-01T00:00:00Z", "1970-01-01 00:00:00 +00:00"],
  ])("in %s formats %s as %s", (name, instant, text) => {
    expect(timeZone(name).instant(Date.parse(instant))).toBe(text);
  });
});

it.each([
  ["2026-03-29T00:00:00Z", 1, 4, "UTC", "00:00/2026-03-29 01:00 02:00 03:00"],
  ["2026-03-29T00:00:00Z", 1, 3, "Europe/Berlin", "01:00/2026-03-29 03:00 04:00"],
  ["2026-10-24T23:00:00Z", 1, 4, "Europe/Berlin", "01:00/2026-10-25 02:00 02:00 03:00"],
  ["2026-12-31T12:00:00Z", 6, 4, "UTC", "12:00/2026-12-31 18:00 00:00/2027-01-01 06:00"],
  ["2026-12-30T00:00:00Z", 24, 3, "UTC", "12-30/2026 12-31 01-01/2027"],
  ["2026-10-01T00:00:00Z", 31 * 24, 2, "UTC", "2026-10 2026-11"],
  ["2026-01-01T00:00:00Z", 365 * 24, 2, "UTC", "2026 2027"],
  ["2026-01-01T00:00:00Z", 1 / 120, 2, "UTC", "00:00:00/2026-01-01 00:00:30"],
])("timeLabels labels %s and every %d hours, %d ticks in %s", (start, hours, count, zone, labels) => {
  const ticks = Array.from({ length: count }, (_, at) => Date.parse(start) + at * hours * HOUR);

  expect(
    timeLabels(ticks, hours * HOUR, timeZone(zone))
      .join(" ")
      .replaceAll("\n", "/"),
  ).toBe(labels);
});
