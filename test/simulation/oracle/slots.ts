const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A schedule with slots at the same local times on every day. */
export interface DailySchedule {
  /** Minutes of the hour, and hours of the day. */
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** IANA name. */
  readonly timezone: string;
}

/** Returns the schedule in the notation of EventBridge Scheduler. */
export function expressionOf({ minutes, hours }: DailySchedule): string {
  return `cron(${minutes.join(",")} ${hours.join(",")} * * ? *)`;
}

/**
 * Returns the slots of a schedule from one time to another, both included, in milliseconds since 1970. Looks at the clock in
 * the time zone at every minute. A local time that occurs twice has one slot, the first; one that does not occur has none:
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time
 */
export function slotsOf(schedule: DailySchedule, from: number, to: number): readonly number[] {
  const key = JSON.stringify([schedule, from, to]);
  const slots = known.get(key) ?? enumerate(schedule, from, to);
  known.set(key, slots);
  return slots;
}

/** The same questions are asked for several commands, and time zones are slow. */
const known = new Map<string, readonly number[]>();

function enumerate({ minutes, hours, timezone }: DailySchedule, from: number, to: number): number[] {
  const clock = new Intl.DateTimeFormat("en-GB", {
    ...{ timeZone: timezone, year: "numeric", month: "2-digit", day: "2-digit" },
    ...{ hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  });
  const slots: number[] = [];
  const seen = new Set<string>();
  // From a day earlier, so that the first of two equal local times is seen. Offsets are multiples of 15 minutes.
  for (let hour = Math.floor((from - DAY_MS) / MINUTE_MS / 60) * 60; hour * MINUTE_MS <= to; hour += 15) {
    for (const minute of new Set(minutes.map((of) => of % 15))) {
      const at = (hour + minute) * MINUTE_MS;
      const local = clock.format(at);
      const [, localHour, localMinute] = /(\d\d):(\d\d)$/.exec(local) ?? [];
      if (!hours.includes(Number(localHour)) || !minutes.includes(Number(localMinute)) || seen.has(local)) continue;
      seen.add(local);
      if (at >= from && at <= to) slots.push(at);
    }
  }
  return slots.sort((a, b) => a - b);
}
