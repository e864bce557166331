import { IANAZone } from "luxon";

const DAY_MS = 86_400_000;

/** A local date and time, written as if the time zone were UTC, in milliseconds since 1970. */
export type WallTime = number;

/** Converts between instants and the local times of a time zone. */
export class WallClock {
  readonly #zone: IANAZone;
  /** The offsets at every midnight in UTC that was asked for, because asking the time zone is slow. */
  readonly #offsets = new Map<number, number>();

  constructor(timezone: string) {
    this.#zone = IANAZone.create(timezone);
  }

  wallTimeOf(instant: number): WallTime {
    return instant + this.#offsetMs(instant);
  }

  /**
   * Returns the instant of a local time, or `undefined` if the clocks skip it. Of a local time that occurs twice, it is
   * the first instant. So EventBridge Scheduler does:
   * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time
   */
  instantOf(wallTime: WallTime): number | undefined {
    const [before, , , after] = this.offsetsAround(wallTime - (((wallTime % DAY_MS) + DAY_MS) % DAY_MS));
    if (before === after) return wallTime - before;
    const instants = [before, after].map((offset) => wallTime - offset);
    return instants.sort((a, b) => a - b).find((instant) => this.wallTimeOf(instant) === wallTime);
  }

  /** Returns the offsets from UTC a day before a day starts, when it starts, when it ends, and a day later. */
  offsetsAround(day: WallTime): readonly [number, number, number, number] {
    const at = (days: number) => this.#offsetAtMidnight(day + days * DAY_MS);
    return [at(-1), at(0), at(1), at(2)];
  }

  #offsetAtMidnight(instant: number): number {
    const known = this.#offsets.get(instant);
    if (known !== undefined) return known;
    const offset = this.#offsetMs(instant);
    this.#offsets.set(instant, offset);
    return offset;
  }

  #offsetMs(instant: number): number {
    return this.#zone.offset(instant) * 60_000;
  }
}
