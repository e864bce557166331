import { type ZoneOffset, zoneOffset } from "./zone-offset.ts";

const DAY_MS = 86_400_000;

/**
 * What a clock in a time zone shows, written as if the time zone were UTC, in milliseconds since 1970. Calendars can then
 * do arithmetic with it.
 */
export type WallTime = number;

/**
 * The only conversion between instants, in milliseconds since 1970, and wall time. It uses the offset that was in force at that time,
 * not today's.
 */
export class WallClock {
  readonly #offsetMs: ZoneOffset;
  /** The offsets at every midnight in UTC that was asked for, because asking the time zone is slow. */
  readonly #offsets = new Map<number, number>();

  constructor(timezone: string) {
    this.#offsetMs = zoneOffset(timezone);
  }

  wallTimeOf(instant: number): WallTime {
    return instant + this.#offsetMs(instant);
  }

  /**
   * Returns the instant of a slot, or `undefined` if the clocks skip its wall time. Of a wall time that occurs twice, it is
   * the first instant. So EventBridge Scheduler does:
   * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time
   */
  slotAt(wallTime: WallTime): number | undefined {
    return this.#instantsOf(wallTime)[0];
  }

  /**
   * Returns the instant of a date or time that a person gives. If clocks go back and the wall time occurs twice, it is the
   * first instant or the last one. If clocks skip the wall time, it is the instant at which it would have occurred without
   * the change.
   */
  instantOf(wallTime: WallTime, which: "first" | "last"): number {
    const instant = this.#instantsOf(wallTime).at(which === "first" ? 0 : -1);
    return instant ?? wallTime - this.offsetsAround(startOfDay(wallTime))[0];
  }

  /**
   * Returns the last instant of the days before a local midnight: the close of a day, given the midnight after it. If clocks
   * go back, midnight can occur twice: the day ends before the first midnight if they went back to it from 1:00, and before
   * the second if they went back from 0:01 to the day before.
   */
  closeBefore(midnight: WallTime): number {
    const close = this.instantOf(midnight, "last") - 1;
    return this.wallTimeOf(close) < midnight ? close : this.instantOf(midnight, "first") - 1;
  }

  /** Returns the offsets from UTC a day before a day starts, when it starts, when it ends, and a day later. */
  offsetsAround(day: WallTime): readonly [number, number, number, number] {
    const at = (days: number) => this.#offsetAtMidnight(day + days * DAY_MS);
    return [at(-1), at(0), at(1), at(2)];
  }

  /** Returns the instants at which the clock shows a wall time, in ascending order: none, one or two. */
  #instantsOf(wallTime: WallTime): number[] {
    const [before, , , after] = this.offsetsAround(startOfDay(wallTime));
    if (before === after) return [wallTime - before];
    const instants = [before, after].map((offset) => wallTime - offset);
    return instants.filter((instant) => this.wallTimeOf(instant) === wallTime).sort((a, b) => a - b);
  }

  #offsetAtMidnight(instant: number): number {
    const known = this.#offsets.get(instant);
    if (known !== undefined) return known;
    const offset = this.#offsetMs(instant);
    this.#offsets.set(instant, offset);
    return offset;
  }
}

/** Returns the midnight before a wall time. */
export function startOfDay(wallTime: WallTime): WallTime {
  return Math.floor(wallTime / DAY_MS) * DAY_MS;
}
