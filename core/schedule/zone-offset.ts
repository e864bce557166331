/** Returns the offset of a time zone from UTC at an instant. Both are in milliseconds. */
export type ZoneOffset = (instant: number) => number;

/**
 * Returns the offsets of a time zone, as Node.js knows them.
 * @throws {RangeError} if Node.js does not know the time zone
 */
export function zoneOffset(timezone: string): ZoneOffset {
  // The default time zone. Asking Node.js for its offsets is slow.
  if (timezone === "UTC") return () => 0;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: timezone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    era: "short",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  return (instant) => {
    const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
    const part = (name: Intl.DateTimeFormatPartTypes) => Number(parts[name]);
    const year = parts["era"] === "BC" ? 1 - part("year") : part("year");
    // `Date.UTC` would take the years 0 to 99 for 1900 to 1999.
    const date = new Date(0);
    date.setUTCFullYear(year, part("month") - 1, part("day"));
    date.setUTCHours(part("hour"), part("minute"), part("second"));
    // The clock shows whole seconds.
    return date.getTime() - Math.floor(instant / 1000) * 1000;
  };
}
