/** Returns the offset of a time zone from UTC at an instant. Both are in milliseconds. */
export type ZoneOffset = (instant: number) => number;

/** How Node.js writes an offset: `GMT`, `GMT+02:00`, and before time zones `GMT-00:01:15`. */
const OFFSET = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;

/**
 * Returns the offsets of a time zone, as Node.js knows them.
 * @throws {RangeError} if Node.js does not know the time zone
 */
export function zoneOffset(timezone: string): ZoneOffset {
  // The default time zone. Asking Node.js for its offsets is slow.
  if (timezone === "UTC") return () => 0;
  // The offset at the end of a date. The parts of date and time, from which it could be computed, take four times as long.
  const format = new Intl.DateTimeFormat("en-US", { timeZone: timezone, timeZoneName: "longOffset" });
  return (instant) => {
    const date = format.format(instant);
    const offset = OFFSET.exec(date);
    // A wrong offset would move slots.
    if (offset === null) throw new TypeError(`"${date}" has no offset from UTC at its end`);
    const [, sign, hours = 0, minutes = 0, seconds = 0] = offset;
    const offsetMs = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000;
    return sign === "-" ? -offsetMs : offsetMs;
  };
}
