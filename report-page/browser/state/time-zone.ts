/** Formats instants in a time zone. Times are epoch milliseconds. */
export type TimeZone = ReturnType<typeof timeZone>;

/** @param name IANA name */
export function timeZone(name: string) {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: name,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    hourCycle: "h23",
    timeZoneName: "longOffset",
  });
  /** `2026-11-23 03:00:00.061 +01:00`; the fraction is omitted if it is zero. */
  const instant = (time: number): string => {
    const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type as string, value]));
    const join = (separator: string, ...types: string[]) => types.map((type) => parts.get(type)).join(separator);
    const [day, clock] = [join("-", "year", "month", "day"), join(":", "hour", "minute", "second")];
    const fraction = parts.get("fractionalSecond");
    const offset = parts.get("timeZoneName")?.replace("GMT", "") || "+00:00";
    return `${day} ${clock}${fraction === "000" ? "" : `.${fraction}`} ${offset}`;
  };
  return {
    instant,
    /** `2026-11-23 03:00` */
    minute: (time: number): string => instant(time).slice(0, 16),
    /** `2026-11-23` */
    day: (time: number): string => instant(time).slice(0, 10),
    /** A date whose local parts on this machine are those of the zone: text without an offset is read as local time. */
    wallClockDate(time: number): Date {
      const [day, clock] = instant(time).split(" ");
      return new Date(`${day}T${clock}`);
    },
  };
}
