import { type Facts, type RunFact, writesOf } from "./facts.ts";
import { isForSlot } from "./runs.ts";
import { type DailySchedule, expressionOf, slotsOf } from "./slots.ts";

/** A schedule, and the time in which it was in force, in milliseconds since 1970. */
export interface Version {
  readonly schedule: DailySchedule;
  readonly latenessMs: number;
  readonly since: number;
  readonly until: number;
}

/** Returns the schedules in the order in which they came into force. The first one also applies to the time before. */
export function versionsOf(facts: Facts): Version[] {
  const writes = writesOf(facts, "schedule").toSorted((a, b) => (a.since < b.since ? -1 : 1));
  return writes.map(({ expression, timezone, latenessMs, since }, at) => ({
    schedule: parse(expression, timezone),
    ...{ latenessMs, since: at === 0 ? Number.NEGATIVE_INFINITY : Date.parse(since) },
    until: writes[at + 1] === undefined ? Number.POSITIVE_INFINITY : Date.parse(writes[at + 1]?.since ?? ""),
  }));
}

/** Returns the slots in a range, both ends included, of the schedules that were in force. */
export function slotsInForce(versions: readonly Version[], from: number, to: number): number[] {
  return versions.flatMap(({ schedule, since, until }) =>
    slotsOf(schedule, Math.max(from, since), Math.min(to, until - 1)),
  );
}

/** Judges the registered schedules: each is that of a run, and each run for a slot finds its own in force. */
export function judgeSchedules(facts: Facts, runs: readonly RunFact[]): string[] {
  const writes = writesOf(facts, "schedule");
  const problems: string[] = [];
  for (const write of writes) {
    const active = facts.runs.filter(({ run }) => write.runs.includes(run));
    if (active.length > 0 && !active.some((run) => hasSchedule(run, write))) {
      problems.push(`${write.expression} was registered by a run that has another`);
    }
  }
  for (const run of runs.filter((one) => !one.died && isForSlot(one))) {
    const last = writes.findLast(({ at }) => at <= run.to);
    if (last === undefined || !hasSchedule(run, last)) problems.push(`run ${run.run} did not register its schedule`);
  }
  return problems;
}

function hasSchedule(
  { configuration: { schedule, latenessMs } }: RunFact,
  write: { readonly expression: string; readonly timezone: string; readonly latenessMs: number },
): boolean {
  const { expression, timezone } = write;
  return expressionOf(schedule) === expression && schedule.timezone === timezone && latenessMs === write.latenessMs;
}

/** Parses only what `expressionOf` writes. */
function parse(expression: string, timezone: string): DailySchedule {
  const [minutes = "", hours = ""] = expression.replace("cron(", "").split(" ");
  const numbers = (list: string) => list.split(",").map(Number);
  return { minutes: numbers(minutes), hours: numbers(hours), timezone };
}
