const MINUTES = { minute: 1, hour: 60, day: 1_440 } as const;

/** Every cron expression that has slots at equal distances, by its period in minutes, in ascending order. */
const CRONS: readonly (readonly [minutes: number, cron: string])[] = [
  [1, "cron(* * * * ? *)"],
  ...[2, 3, 4, 5, 6, 10, 12, 15, 20, 30].map((minutes) => [minutes, `cron(0/${minutes} * * * ? *)`] as const),
  [60, "cron(0 * * * ? *)"],
  ...[2, 3, 4, 6, 8, 12].map((hours) => [hours * 60, `cron(0 0/${hours} * * ? *)`] as const),
  [1_440, "cron(0 0 * * ? *)"],
  [7 * 1_440, "cron(0 0 ? * MON *)"],
  [30 * 1_440, "cron(0 0 1 * ? *)"],
];

/**
 * Refuses a `rate(…)`, which EventBridge Scheduler accepts. Its slots depend on the moment of its creation, such as
 * 14:07:23, so that no reader could distinguish a slot that was missed from one that never existed.
 * @throws {RangeError} with the cron expression to use instead, or the nearest one, without a full stop
 */
export function refuseRate(expression: string): void {
  if (!/^\s*rate\b/i.test(expression)) return;
  const [, value, unit = ""] = /^\s*rate\(\s*(\d{1,9})\s+(minute|hour|day)s?\s*\)\s*$/i.exec(expression) ?? [];
  const minutes = Number(value) * MINUTES[unit.toLowerCase() as keyof typeof MINUTES];
  const reason = "the slots of a rate depend on when it was created, so gaps could not be found";
  if (!(minutes > 0)) throw new RangeError(`${reason}; use a cron expression, such as cron(0 * * * ? *)`);
  // Of two that are equally near, the first one has more slots.
  const [nearest] = [...CRONS].sort(([a], [b]) => Math.abs(a - minutes) - Math.abs(b - minutes));
  const [period, cron] = nearest as (typeof CRONS)[number];
  const isExact = period === minutes && period < 30 * 1_440;
  throw new RangeError(`${reason}; ${isExact ? "use" : "no cron expression is equivalent, the nearest is"} ${cron}`);
}
