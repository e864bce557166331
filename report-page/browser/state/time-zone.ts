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
  const partsOf = (time: number) => {
    const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type as string, value]));
    const get = (type: string) => parts.get(type) ?? "";
    return {
      day: `${get("year")}-${get("month")}-${get("day")}`,
      minute: `${get("hour")}:${get("minute")}`,
      second: get("second"),
      fraction: get("fractionalSecond"),
      offset: get("timeZoneName").replace("GMT", "") || "+00:00",
    };
  };
  const wallClockText = (time: number) => {
    const { day, minute, second, fraction } = partsOf(time);
    return `${day}T${minute}:${second}.${fraction}`;
  };
  return {
    /** `2026-11-23 03:00:00.061 +01:00`; the fraction is omitted if it is zero. */
    instant(time: number): string {
      const { day, minute, second, fraction, offset } = partsOf(time);
      return `${day} ${minute}:${second}${fraction === "000" ? "" : `.${fraction}`} ${offset}`;
    },
    /** `2026-11-23 03:00:00` */
    second(time: number): string {
      const { day, minute, second } = partsOf(time);
      return `${day} ${minute}:${second}`;
    },
    /** `2026-11-23 03:00` */
    minute(time: number): string {
      const { day, minute } = partsOf(time);
      return `${day} ${minute}`;
    },
    /** `2026-11-23` */
    day: (time: number): string => partsOf(time).day,
    /** A date whose local parts on this machine are those of the zone: text without an offset is read as local time. */
    wallClockDate: (time: number): Date => new Date(wallClockText(time)),
  };
}
