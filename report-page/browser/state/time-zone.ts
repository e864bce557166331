/** Instants as the people of a time zone write them. */
export interface Zone {
  /** `2026-11-23 03:00:00.061 +01:00`; a fraction of nought is left out. */
  instant(time: number): string;
  /** `2026-11-23 03:00`, for what happens by the minute. */
  minute(time: number): string;
  /** `2026-11-23` */
  day(time: number): string;
  /** A date whose local parts, those of this machine, are the zone's: for what draws time axes. */
  wall(time: number): Date;
  /** The instant at which a day (`2026-11-23`) starts. */
  startOf(day: string): number;
}

/** @param timezone an IANA name */
export function zoneOf(timezone: string): Zone {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: timezone,
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
  const wallClock = (time: number) => {
    const { day, minute, second, fraction } = partsOf(time);
    return Date.parse(`${day}T${minute}:${second}.${fraction}Z`);
  };
  return {
    instant(time) {
      const { day, minute, second, fraction, offset } = partsOf(time);
      return `${day} ${minute}:${second}${fraction === "000" ? "" : `.${fraction}`} ${offset}`;
    },
    minute(time) {
      const { day, minute } = partsOf(time);
      return `${day} ${minute}`;
    },
    day: (time) => partsOf(time).day,
    wall(time) {
      const { day, minute, second, fraction } = partsOf(time);
      // Without a zone it is read as local.
      return new Date(`${day}T${minute}:${second}.${fraction}`);
    },
    startOf(day) {
      const midnight = Date.parse(`${day}T00:00:00.000Z`);
      const guess = midnight - (wallClock(midnight) - midnight);
      const start = guess - (wallClock(guess) - midnight);
      // A day whose clocks go forward at midnight starts at one o'clock.
      return partsOf(start).day === day ? start : guess;
    },
  };
}
