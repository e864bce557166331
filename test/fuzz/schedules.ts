import fc from "fast-check";

// Valid and invalid expressions of EventBridge Scheduler, and when the valid ones have slots.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html

/** A text of a field, and whether it matches a local time, which is written as if the time zone were UTC. */
interface Matcher {
  readonly text: string;
  matches(local: Date): boolean;
}

interface Part {
  readonly text: string;
  readonly values: readonly number[];
}

/** Returns every `step`th value from one to another, continuing at the minimum after the maximum. */
function valuesFrom(from: number, to: number, step: number, min: number, max: number): number[] {
  const all: number[] = [];
  for (let value = from; ; value = value === max ? min : value + 1) {
    all.push(value);
    if (value === to) return all.filter((_, at) => at % step === 0);
  }
}

/** A value, a range, or steps from a value, a range or `*`. Ranges of named values may wrap around. */
function part(min: number, max: number, names?: readonly string[]): fc.Arbitrary<Part> {
  const value = fc.integer({ min, max });
  const write = fc
    .constantFrom(...(names ? [0, 1, 2] : [0]))
    .map(
      (style) => (number: number) =>
        [String(number), names?.[number - min] ?? "", names?.[number - min]?.toLowerCase() ?? ""][style] ?? "",
    );
  const range = fc.tuple(value, value).map((ends) => (names ? ends : ends.toSorted((a, b) => a - b)));
  const step = fc.integer({ min: 1, max: max - min + 1 });
  return fc.oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(value, write).map(([only, text]): Part => ({ text: text(only), values: [only] })),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(range, write).map(([[from = min, to = max], text]): Part => {
        return { text: `${text(from)}-${text(to)}`, values: valuesFrom(from, to, 1, min, max) };
      }),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(range, step, write).map(([[from = min, to = max], every, text]): Part => {
        return { text: `${text(from)}-${text(to)}/${every}`, values: valuesFrom(from, to, every, min, max) };
      }),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(value, step).map(([from, every]): Part => {
        return { text: `${from}/${every}`, values: valuesFrom(from, max, every, min, max) };
      }),
    },
    {
      weight: 1,
      arbitrary: step.map((every): Part => ({ text: `*/${every}`, values: valuesFrom(min, max, every, min, max) })),
    },
  );
}

/** `*`, or a list of parts. */
function field(parts: fc.Arbitrary<Part>, valueAt: (local: Date) => number): fc.Arbitrary<Matcher> {
  const any: Matcher = { text: "*", matches: () => true };
  const list = fc.array(parts, { minLength: 1, maxLength: 3 }).map((all): Matcher => {
    const values = new Set(all.flatMap(({ values }) => values));
    return { text: all.map(({ text }) => text).join(","), matches: (local) => values.has(valueAt(local)) };
  });
  return fc.oneof({ weight: 1, arbitrary: fc.constant(any) }, { weight: 2, arbitrary: list });
}

const MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");
const WEEKDAYS = "SUN MON TUE WED THU FRI SAT".split(" ");

const date = (local: Date) => local.getUTCDate();
const weekday = (local: Date) => local.getUTCDay() + 1;
const isWeekday = (local: Date) => weekday(local) > 1 && weekday(local) < 7;
const daysOfMonth = (local: Date) =>
  new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, 0)).getUTCDate();
const sameMonth = (local: Date) =>
  Array.from(
    { length: daysOfMonth(local) },
    (_, at) => new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), at + 1)),
  );

/** Whether a day is the weekday that is nearest to a date in its month. */
function isNearestWeekday(local: Date, to: number): boolean {
  if (to > daysOfMonth(local)) return false;
  const [nearest] = sameMonth(local)
    .filter(isWeekday)
    .sort((a, b) => Math.abs(date(a) - to) - Math.abs(date(b) - to));
  return nearest !== undefined && date(nearest) === date(local);
}

const specialDaysOfMonth: Matcher[] = [
  { text: "L", matches: (local) => date(local) === daysOfMonth(local) },
  { text: "LW", matches: (local) => date(local) === Math.max(...sameMonth(local).filter(isWeekday).map(date)) },
  ...[1, 2, 15, 30, 31].map((to) => ({ text: `${to}W`, matches: (local: Date) => isNearestWeekday(local, to) })),
  ...[1, 3, 27].map((n) => ({ text: `L-${n}`, matches: (local: Date) => date(local) === daysOfMonth(local) - n })),
];

const specialDaysOfWeek: Matcher[] = [
  { text: "L", matches: (local) => weekday(local) === 7 },
  ...["1", "6", "FRI", "sun"].flatMap((day) => {
    const number = /\d/.test(day) ? Number(day) : WEEKDAYS.indexOf(day.toUpperCase()) + 1;
    const isDay = (local: Date) => weekday(local) === number;
    return [
      { text: `${day}L`, matches: (local: Date) => isDay(local) && date(local) + 7 > daysOfMonth(local) },
      ...[1, 3, 5].map((n) => ({
        text: `${day}#${n}`,
        matches: (local: Date) => isDay(local) && Math.ceil(date(local) / 7) === n,
      })),
    ];
  }),
];

const days = fc.oneof(
  fc
    .oneof({ weight: 3, arbitrary: field(part(1, 31), date) }, fc.constantFrom(...specialDaysOfMonth))
    .map(({ text, matches }) => ({ dayOfMonth: text, dayOfWeek: "?", matches })),
  fc
    .oneof({ weight: 3, arbitrary: field(part(1, 7, WEEKDAYS), weekday) }, fc.constantFrom(...specialDaysOfWeek))
    .map(({ text, matches }) => ({ dayOfMonth: "?", dayOfWeek: text, matches })),
);

const years: fc.Arbitrary<Matcher> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ text: "*", matches: () => true }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Matcher>(
      { text: "2026-2199", matches: (local) => local.getUTCFullYear() >= 2026 },
      { text: "2026/2", matches: (local) => local.getUTCFullYear() >= 2026 && local.getUTCFullYear() % 2 === 0 },
    ),
  },
);

/** A cron expression, and whether it has a slot at a local time of a full minute. */
export const anyCron: fc.Arbitrary<Matcher & { readonly day: Matcher["matches"] }> = fc
  .record({
    minutes: field(part(0, 59), (local) => local.getUTCMinutes()),
    hours: field(part(0, 23), (local) => local.getUTCHours()),
    days,
    month: field(part(1, 12, MONTHS), (local) => local.getUTCMonth() + 1),
    year: years,
  })
  .map(({ minutes, hours, days, month, year }) => {
    const day = oncePerDay((local) => [year, month, days].every((one) => one.matches(local)));
    return {
      text: `cron(${[minutes.text, hours.text, days.dayOfMonth, month.text, days.dayOfWeek, year.text].join(" ")})`,
      matches: (local: Date) => minutes.matches(local) && hours.matches(local) && day(local),
      day,
    };
  });

/** Remembers the result for a day: that of all its minutes is the same. */
function oncePerDay(matches: Matcher["matches"]): Matcher["matches"] {
  const known = new Map<number, boolean>();
  return (local) => {
    const day = Math.floor(local.getTime() / 86_400_000);
    const result = known.get(day) ?? matches(local);
    known.set(day, result);
    return result;
  };
}

/** Returns whether a schedule has a slot. The stack refuses one that has none, such as on 30 February. */
function hasSlots({ day }: { readonly day: Matcher["matches"] }): boolean {
  for (let at = Date.UTC(2024, 0, 1); at < Date.UTC(2052, 0, 1); at += 86_400_000) if (day(new Date(at))) return true;
  return false;
}

/** Every value of the stack's configuration. */
export const anySchedule: fc.Arbitrary<string> = anyCron.filter(hasSlots).map(({ text }) => text);
