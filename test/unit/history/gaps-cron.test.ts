import { expect, it } from "@jest/globals";
import { HOUR, MINUTE } from "../../support/history-facts.ts";
import { localTextOf } from "../../support/history-naive.ts";
import { accountWith, naively, toldOf } from "./slots-told.ts";

const DAY = 24 * HOUR;
const ms = (text: string) => Date.parse(text);

/** Expressions, and the times on the wall at which they fire, minute by minute. */
const crons: readonly (readonly [expression: string, timezone: string, fires: (wall: Date) => boolean])[] = [
  ["cron(0 * * * ? *)", "UTC", (wall) => wall.getUTCMinutes() === 0],
  [
    "cron(30 6,18 * * ? *)",
    "Europe/Zurich",
    (wall) => [6, 18].includes(wall.getUTCHours()) && wall.getUTCMinutes() === 30,
  ],
  ["cron(0 0 * * ? *)", "America/New_York", (wall) => wall.getUTCHours() === 0 && wall.getUTCMinutes() === 0],
  ["cron(0 8 ? * MON-FRI *)", "Europe/Zurich", (wall) => isAt(wall, 8) && ![0, 6].includes(wall.getUTCDay())],
  ["cron(0 8 ? * 2-6 *)", "America/New_York", (wall) => isAt(wall, 8) && ![0, 6].includes(wall.getUTCDay())],
  ["cron(0 8 ? * 1 *)", "UTC", (wall) => isAt(wall, 8) && wall.getUTCDay() === 0],
  ["cron(0 23 L * ? *)", "Europe/Zurich", (wall) => isAt(wall, 23) && isLastDay(wall)],
  ["cron(0 8 ? * 6#1 *)", "UTC", (wall) => isAt(wall, 8) && wall.getUTCDay() === 5 && wall.getUTCDate() <= 7],
  ["cron(0 8 1 * ? 2025)", "UTC", (wall) => isAt(wall, 8) && wall.getUTCDate() === 1],
  ["cron(*/15 * * * ? *)", "UTC", (wall) => wall.getUTCMinutes() % 15 === 0],
  ["cron(0/15 * * * ? *)", "UTC", (wall) => wall.getUTCMinutes() % 15 === 0],
  ["cron(10/20 8-9 * * ? *)", "UTC", (wall) => [8, 9].includes(wall.getUTCHours()) && wall.getUTCMinutes() % 20 === 10],
  ["cron(0 8 ? * FRI-MON *)", "UTC", (wall) => isAt(wall, 8) && [5, 6, 0, 1].includes(wall.getUTCDay())],
  ["cron(0 8 ? * L *)", "UTC", (wall) => isAt(wall, 8) && wall.getUTCDay() === 6],
  [
    "cron(0 8 L-2 * ? *)",
    "UTC",
    (wall) => isAt(wall, 8) && wall.getUTCDate() === 29 - (wall.getUTCMonth() === 2 ? 0 : 1),
  ],
  // "If a cron expression falls on a non-existent date and time, your schedule invocation is skipped."
  // https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time
  ["cron(30 2 * * ? *)", "Europe/Zurich", (wall) => wall.getUTCHours() === 2 && wall.getUTCMinutes() === 30],
  ["cron(30 2 * * ? *)", "America/New_York", (wall) => wall.getUTCHours() === 2 && wall.getUTCMinutes() === 30],
];

const walls = new Map<string, readonly (readonly [slot: number, wall: Date])[]>();

/** What the wall shows every five minutes of these two months. */
function wallOf(timezone: string) {
  const [from, to] = [ms("2025-03-01T00:00:00Z"), ms("2025-05-01T00:00:00Z")];
  const wall =
    walls.get(timezone) ??
    Array.from({ length: (to - from) / (5 * MINUTE) }, (_, n) => {
      const slot = from + n * 5 * MINUTE;
      return [slot, new Date(`${localTextOf(slot, timezone)}Z`)] as const;
    });
  walls.set(timezone, wall);
  return wall;
}

function isAt(wall: Date, hour: number): boolean {
  return wall.getUTCHours() === hour && wall.getUTCMinutes() === 0;
}

function isLastDay(wall: Date): boolean {
  return new Date(wall.getTime() + DAY).getUTCDate() === 1;
}

it.each(crons)(
  "scheduledSlots knows the slots of %s in %s, in March and April 2025",
  async (expression, timezone, fires) => {
    const [from, to] = [ms("2025-03-01T00:00:00Z"), ms("2025-05-01T00:00:00Z") - 1];
    const slots = wallOf(timezone).flatMap(([slot, wall]) => (fires(wall) ? [slot] : []));
    const missed = new Set(slots.filter((_, at) => at % 3 === 1));
    const account = accountWith(slots, (slot) => missed.has(slot));

    const told = await toldOf(account, [{ expression, timezone, since: from }], from, to);

    expect(told).toEqual(naively(account, from, to));
  },
);
