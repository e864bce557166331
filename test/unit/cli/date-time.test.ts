import { assertTimezone, localTime, parseDateTime } from "../../../cli/shared/date-time.ts";
import { withoutZeroMilliseconds } from "../../../cli/shared/format/row-table.ts";
import { InputError } from "../../../core/domain/errors.ts";
import { slotAt } from "../../../core/domain/slot.ts";
import { describe, expect, it } from "../../support/jest.ts";

const NOW = "2026-03-31T10:20:30.400Z";

function parsed(text: string, edge: "start" | "end" = "start", timezone = "UTC", now = NOW): string {
  return new Date(parseDateTime(text, { option: "--at", edge, timezone, now: Date.parse(now) })).toISOString();
}

describe("parseDateTime", () => {
  it.each([
    ["now", NOW],
    ["2025-12-31T23:00:00Z", "2025-12-31T23:00:00.000Z"],
    ["2025-12-31T23:00Z", "2025-12-31T23:00:00.000Z"],
    ["2025-12-31T23:00:00+05:30", "2025-12-31T17:30:00.000Z"],
    ["2025-12-31 23:00:01.417 -05:30", "2026-01-01T04:30:01.417Z"],
    ["2025-12-31 23:00:00", "2025-12-31T22:00:00.000Z"],
    ["2025-12-31T23:00", "2025-12-31T22:00:00.000Z"],
    ["2025-07-31T10:00:30", "2025-07-31T08:00:30.000Z"],
    ["2025-10-26T02:30+02:00", "2025-10-26T00:30:00.000Z"],
    // The local time is 12:20:30 on both days; the clocks changed in between.
    ["-2d", "2026-03-29T10:20:30.400Z"],
    ["-3d", "2026-03-28T11:20:30.400Z"],
    ["-90min", "2026-03-31T08:50:30.400Z"],
    ["-2w", "2026-03-17T11:20:30.400Z"],
    ["-1mo", "2026-02-28T11:20:30.400Z"],
    ["-1y", "2025-03-31T10:20:30.400Z"],
  ])("parses %s in Europe/Zurich, the same as a start and as an end", (text, expected) => {
    const ends = [parsed(text, "start", "Europe/Zurich"), parsed(text, "end", "Europe/Zurich")];

    expect(ends).toEqual([expected, expected]);
  });

  it.each([
    ["2025-03-30", "Europe/Zurich", "2025-03-29T23:00:00.000Z", "2025-03-30T21:59:59.999Z"],
    ["2024-02", "UTC", "2024-02-01T00:00:00.000Z", "2024-02-29T23:59:59.999Z"],
    ["2025", "Europe/Zurich", "2024-12-31T23:00:00.000Z", "2025-12-31T22:59:59.999Z"],
    // Clocks go back to midnight, so the day has two midnights.
    ["2025-11-02", "America/Havana", "2025-11-02T04:00:00.000Z", "2025-11-03T04:59:59.999Z"],
    ["2025-10-26", "Atlantic/Azores", "2025-10-26T00:00:00.000Z", "2025-10-27T00:59:59.999Z"],
    // Clocks went back from 0:01 to 23:01, so the first day has a second evening.
    ["1991-10-26", "America/St_Johns", "1991-10-26T02:30:00.000Z", "1991-10-27T03:29:59.999Z"],
    ["1991-10-27", "America/St_Johns", "1991-10-27T02:30:00.000Z", "1991-10-28T03:29:59.999Z"],
    // A repeated local time covers both of its occurrences.
    ["2025-10-26T02:30", "Europe/Zurich", "2025-10-26T00:30:00.000Z", "2025-10-26T01:30:00.000Z"],
    // A time near a clock change has its own offset.
    ["1981-10-25T00:00", "America/Metlakatla", "1981-10-25T07:00:00.000Z", "1981-10-25T07:00:00.000Z"],
  ])(
    "parses %s in %s from its first to its last millisecond, in summer and in winter",
    (text, timezone, start, end) => {
      const ends = [NOW, "2026-01-01T00:00:00Z"].map((now) => [
        parsed(text, "start", timezone, now),
        parsed(text, "end", timezone, now),
      ]);

      expect(ends).toEqual([
        [start, end],
        [start, end],
      ]);
    },
  );

  it.each([
    ["2026-03-29T02:30", NOW, "2026-03-29T01:30:00.000Z", "2026-03-29T01:30:00.000Z"],
    ["-1d", "2026-03-30T00:30:00.000Z", "2026-03-29T01:30:00.000Z", "2026-03-29T01:30:00.000Z"],
    ["-1mo", "2026-04-29T00:30:00.000Z", "2026-03-29T01:30:00.000Z", "2026-03-29T01:30:00.000Z"],
    ["-1d", "2026-10-26T01:30:00.000Z", "2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z"],
    ["-1y", "2027-10-25T00:30:00.000Z", "2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z"],
  ])("reads %s at %s by one rule if Zurich's clocks skip or repeat its local time", (text, now, start, end) => {
    const ends = [parsed(text, "start", "Europe/Zurich", now), parsed(text, "end", "Europe/Zurich", now)];

    expect(ends).toEqual([start, end]);
  });

  it.each([
    ["9999", "America/New_York"],
    ["9999-12-31", "America/New_York"],
    ["9999-12-31T23:59:59Z", "UTC"],
    ["0000", "Asia/Tokyo"],
    ["-9999y", "UTC"],
  ])("returns for a time as far away as %s in %s one that sorts among the slots", (text, timezone) => {
    for (const edge of ["start", "end"] as const) expect(parsed(text, edge, timezone)).toMatch(/^\d{4}-/);
    const end = parseDateTime("9999", { option: "--to", edge: "end", timezone, now: 0 });
    expect(slotAt(end + 60_000)).toMatch(/^\d{4}-/);
  });

  it.each([
    ...["", "yesterday", "2025-13-01", "2025-02-30", "2025-02-29", "2025-1-1", "31.12.2025", "12/31/2025"],
    ...["2025-12-31T23:00:00+25:00", "2025-12-31T23:00-15", "2025-12-31T23:00:00+01:60"],
    ...["2025-12-31  10:00", "2025-12-31T25:00:00Z", "2025-12-31T10:60:00Z", "2025-12-31T10:00:00Zulu"],
    ...["2025-12-31T", "20251231", "25", "-0d", "-30", "-d", "--30d", "30d", "-1.5d", "NOW", " 2025", "1767225600"],
  ])("refuses %p with the option, the value and the expected formats", (text) => {
    const refused = () => parsed(text);

    expect(refused).toThrow(InputError);
    expect(refused).toThrow(
      `--at: "${text}" is not a valid date or time. Expected a date (2025-12-31), an instant (2025-12-31T23:00:00Z) or a relative time (-30d`,
    );
  });
});

describe("assertTimezone", () => {
  it.each(["", "Zurich", "Europe/Zürich", "Mars/Olympus", "UTC+2", "local"])(
    "refuses %p with an example of a name",
    (timezone) => {
      expect(() => assertTimezone(timezone)).toThrow(
        `--timezone: "${timezone}" is not a valid time zone. Expected an IANA name such as UTC or Europe/Zurich.`,
      );
    },
  );
});

describe("localTime", () => {
  it.each([
    ["UTC", "2025-03-30T01:00:00.123Z", "2025-03-30T01:00:00.123Z"],
    ["Europe/Zurich", "2025-03-30T00:59:59.999Z", "2025-03-30 01:59:59.999 +01:00"],
    ["Europe/Zurich", "2025-03-30T01:00:00.000Z", "2025-03-30 03:00:00 +02:00"],
  ])("in %s returns %s as %s, with the offset", (timezone, instant, expected) => {
    expect(localTime(instant, timezone)).toBe(expected);
  });

  it.each(["UTC", "Europe/Zurich", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])(
    "in %s returns a time that is accepted as input, and is the same instant",
    (timezone) => {
      // The clocks change twice a year, and an hour occurs twice. 1,234,567,891 ms are two weeks and a part of a second.
      for (let ms = Date.UTC(2025, 0, 1); ms < Date.UTC(2026, 0, 1); ms += 1_234_567_891) {
        for (const instant of [ms, ms - (ms % 60_000)].map(slotAt)) {
          // In CSV and messages, and in tables.
          const texts = [localTime(instant, timezone), withoutZeroMilliseconds(localTime(instant, timezone))];
          const read = texts.flatMap((text) => [parsed(text, "start", timezone), parsed(text, "end", timezone)]);
          expect(read).toEqual(Array(4).fill(instant));
        }
      }
    },
  );
});
