import fc from "fast-check";

// Valid and invalid expressions of EventBridge Scheduler.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html

const anyRate = fc
  .tuple(fc.integer({ min: 1, max: 1_000 }), fc.constantFrom("minute", "hour", "day"))
  .map(([value, unit]) => `rate(${value} ${unit}${value === 1 ? "" : "s"})`);

/** A value, a range, or steps from a value, a range or `*`. */
function part(min: number, max: number, write: (value: number) => string = String): fc.Arbitrary<string> {
  const value = fc.integer({ min, max });
  const range = fc.tuple(value, value).map((ends) => {
    const [from = min, to = max] = ends.sort((a, b) => a - b);
    return `${write(from)}-${write(to)}`;
  });
  const step = fc.integer({ min: 1, max: max - min + 1 });
  return fc.oneof(
    { weight: 3, arbitrary: value.map(write) },
    { weight: 1, arbitrary: range },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.oneof(fc.constant("*"), value.map(String), range), step).map((of) => of.join("/")),
    },
  );
}

const listOf = (item: fc.Arbitrary<string>) =>
  fc.array(item, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(","));
const field = (item: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 1, arbitrary: fc.constant("*") }, { weight: 2, arbitrary: listOf(item) });

const MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");
const WEEKDAYS = "SUN MON TUE WED THU FRI SAT".split(" ");

const month = field(
  fc.oneof(
    part(1, 12),
    part(1, 12, (value) => MONTHS[value - 1] ?? ""),
  ),
);
const days = fc.oneof(
  fc
    .oneof(field(part(1, 31)), fc.constantFrom("L", "LW", "15W", "1W", "L-3"))
    .map((dayOfMonth) => ({ dayOfMonth, dayOfWeek: "?" })),
  fc
    .oneof(
      field(part(1, 7)),
      field(part(1, 7, (value) => WEEKDAYS[value - 1] ?? "")),
      fc.constantFrom("L", "6L", "2#1", "FRI#3", "FRI-MON"),
    )
    .map((dayOfWeek) => ({ dayOfMonth: "?", dayOfWeek })),
);
const year = fc.oneof(
  { weight: 3, arbitrary: fc.constant("*") },
  { weight: 1, arbitrary: fc.constantFrom("2026-2199", "2026/2") },
);

const anyCron = fc
  .record({ minutes: field(part(0, 59)), hours: field(part(0, 23)), days, month, year })
  .map(
    ({ minutes, hours, days: { dayOfMonth, dayOfWeek }, month, year }) =>
      `cron(${[minutes, hours, dayOfMonth, month, dayOfWeek, year].join(" ")})`,
  );

export const anySchedule: fc.Arbitrary<string> = fc.oneof(anyRate, anyCron);

export const INVALID_SCHEDULES: readonly string[] = [
  ..."|hourly|rate(0 hours)|rate(1 hours)|rate(2 hour)|rate(1.5 hours)|rate(1 week)|rate(1 hour) ".split("|"),
  ..."cron()|cron(0 * * * *)|cron(0 * * * * *)|cron(60 * * * ? *)|cron(*/0 * * * ? *)|cron(0 24 * * ? *)".split("|"),
  ..."cron(0 0 32 * ? *)|cron(0 0 1 FOO ? *)|cron(0 0 ? * 8 *)|cron(0 0 ? * MON#6 *)|at(2026-11-23T10:00:00)".split(
    "|",
  ),
];
