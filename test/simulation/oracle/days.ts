const HOUR_MS = 3_600_000;

/** A local day: its date, and its first and last millisecond. */
export interface Day {
  readonly date: string;
  readonly from: number;
  readonly to: number;
}

/** Returns the whole local days in a range. Looks at the date in the time zone at every hour: offsets are whole hours here. */
export function daysOf(timezone: string, from: number, to: number): Day[] {
  const dates = new Intl.DateTimeFormat("en-CA", {
    timeZone: timezone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  const starts: { date: string; from: number }[] = [];
  let last = dates.format(from - 1);
  for (let at = Math.ceil(from / HOUR_MS) * HOUR_MS; at <= to; at += HOUR_MS) {
    const date = dates.format(at);
    if (date !== last) starts.push({ date, from: at });
    last = date;
  }
  return starts.slice(0, -1).map(({ date, from }, at) => ({ date, from, to: (starts[at + 1]?.from ?? from) - 1 }));
}
