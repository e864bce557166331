import fc from "fast-check";
import { type DateTimeContext, parseDateTime } from "../../cli/shared/date-time.ts";
import { localTextOf } from "../support/history-naive.ts";
import { describe, expect } from "../support/jest.ts";
import { fuzz } from "./fuzz.ts";

const DAY = 86_400_000;
const ZONES = Intl.supportedValuesOf("timeZone");
/** Zones, with a preference for those that change clocks over midnight or have unusual offsets. */
const ODD_ZONES =
  "UTC America/Havana Atlantic/Azores America/Scoresbysund America/Asuncion America/Santiago Asia/Beirut Africa/Cairo " +
  "Asia/Tehran Asia/Kathmandu Australia/Lord_Howe Pacific/Apia Pacific/Chatham America/St_Johns Europe/Dublin";
const anyZone = fc.oneof(fc.constantFrom(...ZONES), fc.constantFrom(...ODD_ZONES.split(" ")));
const anyEdge = fc.constantFrom<DateTimeContext["edge"]>("start", "end");

const NOW = Date.parse("2026-11-23T10:20:30.456Z");
/** Time zone data is reliable from 1972 and for some years ahead. */
const anyMs = fc.integer({ min: Date.UTC(1972, 0, 2), max: Date.UTC(2037, 11, 30) });
const anyNow = fc.oneof(fc.constantFrom(NOW, Date.parse("2026-07-01T00:00:00Z")), anyMs);

/** Returns how far local time is ahead of UTC, in milliseconds. */
const offsetAt = (ms: number, timezone: string) => Date.parse(`${localTextOf(ms, timezone)}Z`) - ms;

/** Returns the instants with this local time: none if the clocks skip it, two if they repeat it. */
function instantsOf(wall: string, timezone: string): number[] {
  const asUtc = Date.parse(`${wall}Z`);
  const offsets = new Set([-1.5, -1, -0.5, 0, 0.5, 1, 1.5].map((days) => offsetAt(asUtc + days * DAY, timezone)));
  return [...offsets]
    .map((offset) => asUtc - offset)
    .filter((ms) => localTextOf(ms, timezone) === wall)
    .sort((a, b) => a - b);
}

/** A zone and a time in it, half of them within two days of a clock change. */
const anyZoneAndMs = fc
  .record({ timezone: anyZone, ms: anyMs, off: fc.integer({ min: -2 * DAY, max: 2 * DAY }), near: fc.boolean() })
  .map(({ timezone, ms, off, near }) => {
    const days = Array.from({ length: near ? 366 : 0 }, (_, day) => ms + day * DAY);
    const change = days.find((day) => offsetAt(day, timezone) !== offsetAt(ms, timezone));
    return { timezone, ms: change === undefined ? ms : change + off };
  });

const read = (text: string, of: Omit<DateTimeContext, "option">) => parseDateTime(text, { option: "--at", ...of });

describe("moments", () => {
  const anyDate = fc.record({ at: anyZoneAndMs, letters: fc.constantFrom(4, 7, 10, 10), now: anyNow });

  fuzz(
    "a date covers its whole day, month or year in local time",
    60,
    anyDate,
    ({ at: { ms, timezone }, letters, now }) => {
      const date = localTextOf(ms, timezone).slice(0, letters);

      const start = read(date, { edge: "start", timezone, now });
      const end = read(date, { edge: "end", timezone, now });

      const within = [start, end, ms].map((at) => localTextOf(at, timezone).slice(0, letters) === date);
      const outside = [start - 1, end + 1].map((at) => localTextOf(at, timezone).slice(0, letters) === date);
      expect([within, outside]).toEqual([
        [true, true, true],
        [false, false],
      ]);
      expect(start <= ms && ms <= end).toBe(true);
    },
  );

  const letters = fc.constantFrom(16, 19, 23);
  const anyTime = fc.record({ at: anyZoneAndMs, letters, now: anyNow, edge: anyEdge });

  fuzz("a time without an offset is local time", 45, anyTime, ({ at: { ms, timezone }, letters, now, edge }) => {
    const text = localTextOf(ms, timezone).slice(0, letters);

    const moment = read(text, { edge, timezone, now });

    // A repeated time covers everything from its first to its last occurrence.
    const instants = instantsOf(`${text}${"T00:00:00.000".slice(letters - 10)}`, timezone);
    expect(moment).toBe(edge === "start" ? instants[0] : instants.at(-1));
  });
});
