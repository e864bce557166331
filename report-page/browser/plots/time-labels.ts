import type { TimeZone } from "../state/time-zone.ts";

const DAY_MS = 86_400_000;

/**
 * Returns the labels of a time axis in ISO form. A label omits what the previous one already shows.
 * @param times epoch milliseconds, ascending
 * @param distance between them, in milliseconds
 */
export function timeLabels(times: readonly number[], distance: number, zone: TimeZone): string[] {
  const local = times.map((time) => zone.instant(time).split(" ") as [day: string, time: string]);
  return local.map(([day, time], at) => {
    const previous = local[at - 1]?.[0] ?? "";
    const sameYear = previous.slice(0, 4) === day.slice(0, 4);
    if (distance >= 365 * DAY_MS) return day.slice(0, 4);
    if (distance >= 28 * DAY_MS) return day.slice(0, 7);
    if (distance >= DAY_MS) return sameYear ? day.slice(5) : `${day.slice(5)}\n${day.slice(0, 4)}`;
    const clock = time.slice(0, distance < 60_000 ? 8 : 5);
    return previous === day ? clock : `${clock}\n${sameYear ? day.slice(5) : day}`;
  });
}
