import { expect, it } from "@jest/globals";
import { HOUR, MINUTE } from "../../support/history-facts.ts";
import { localTextOf } from "../../support/history-naive.ts";
import { accountWith, expectedLines, slotLines } from "./slot-lines.ts";

const DAY = 24 * HOUR;
const ms = (text: string) => Date.parse(text);

/** Expressions, and whether they fire at a local time. */
const crons: readonly (readonly [expression: string, timezone: string, fires: (local: Date) => boolean])[] = [
  ["cron(0 8 ? * 2-6 *)", "Europe/Zurich", (local) => isAt(local, 8) && ![0, 6].includes(local.getUTCDay())],
  ["cron(0 8 ? * 1 *)", "UTC", (local) => isAt(local, 8) && local.getUTCDay() === 0],
  ["cron(0 23 L * ? *)", "Europe/Zurich", (local) => isAt(local, 23) && isLastDay(local)],
  ["cron(0 8 ? * 6#1 *)", "UTC", (local) => isAt(local, 8) && local.getUTCDay() === 5 && local.getUTCDate() <= 7],
  ["cron(0 8 1 * ? 2025)", "UTC", (local) => isAt(local, 8) && local.getUTCDate() === 1],
  ["cron(*/15 8 * * ? *)", "UTC", (local) => local.getUTCHours() === 8 && local.getUTCMinutes() % 15 === 0],
  [
    "cron(10/20 8-9 * * ? *)",
    "UTC",
    (local) => [8, 9].includes(local.getUTCHours()) && local.getUTCMinutes() % 20 === 10,
  ],
  ["cron(0 8 ? * FRI-MON *)", "UTC", (local) => isAt(local, 8) && [5, 6, 0, 1].includes(local.getUTCDay())],
  ["cron(0 8 ? * L *)", "UTC", (local) => isAt(local, 8) && local.getUTCDay() === 6],
  [
    "cron(0 8 L-2 * ? *)",
    "UTC",
    (local) => isAt(local, 8) && local.getUTCDate() === 29 - (local.getUTCMonth() === 2 ? 0 : 1),
  ],
  // "If a cron expression falls on a non-existent date and time, your schedule invocation is skipped."
  // https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time
  ["cron(30 2 * * ? *)", "Europe/Zurich", (local) => local.getUTCHours() === 2 && local.getUTCMinutes() === 30],
];

const localTimes = new Map<string, readonly (readonly [slot: number, local: Date])[]>();

/** Returns the local time of every five minutes of these two months. */
function localTimesOf(timezone: string) {
  const [from, to] = [ms("2025-03-01T00:00:00Z"), ms("2025-05-01T00:00:00Z")];
  const local =
    localTimes.get(timezone) ??
    Array.from({ length: (to - from) / (5 * MINUTE) }, (_, n) => {
      const slot = from + n * 5 * MINUTE;
      return [slot, new Date(`${localTextOf(slot, timezone)}Z`)] as const;
    });
  localTimes.set(timezone, local);
  return local;
}

function isAt(local: Date, hour: number): boolean {
  return local.getUTCHours() === hour && local.getUTCMinutes() === 0;
}

function isLastDay(local: Date): boolean {
  return new Date(local.getTime() + DAY).getUTCDate() === 1;
}

it.each(crons)(
  "scheduledSlots returns the slots of %s in %s, in March and April 2025",
  async (expression, timezone, fires) => {
    const [from, to] = [ms("2025-03-01T00:00:00Z"), ms("2025-05-01T00:00:00Z") - 1];
    const slots = localTimesOf(timezone).flatMap(([slot, local]) => (fires(local) ? [slot] : []));
    const missed = new Set(slots.filter((_, at) => at % 3 === 1));
    const account = accountWith(slots, (slot) => missed.has(slot));

    const lines = await slotLines(account, [{ expression, timezone, since: from }], from, to);

    expect(lines).toEqual(expectedLines(account, from, to));
  },
);
