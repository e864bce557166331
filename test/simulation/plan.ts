import type { Configuration, Disturbance, DisturbanceKind } from "./oracle/facts.ts";
import { between, pick, type Random, randomOf } from "./oracle/random.ts";
import { type DailySchedule, slotsOf } from "./oracle/slots.ts";
import { TrueAccount } from "./oracle/truth.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** A process dies at a request to the API or AWS, before or after it takes effect. */
export interface Death {
  /** The request of the run, from 1. */
  readonly step: number;
  readonly phase: "before" | "after";
}

/** An event that reaches the queue of the function. */
export interface Delivery {
  /** When, in milliseconds since 1970. */
  readonly at: number;
  readonly event: { readonly scheduledTime?: string };
  /** The process of the first attempt dies. */
  readonly dies?: Death;
}

/** Everything that will happen in a simulation. The seed decides it. */
export interface Plan {
  readonly accounts: readonly TrueAccount[];
  /** Ascending; the first one from the start on. */
  readonly configurations: readonly { readonly from: number; readonly configuration: Configuration }[];
  readonly deliveries: readonly Delivery[];
  readonly disturbances: readonly Disturbance[];
  /** When the key is rotated, ascending. */
  readonly rotations: readonly number[];
}

/** Slots at 2:30 do not occur when the clocks go forward in these time zones, and occur twice when they go back. */
const SCHEDULES: readonly DailySchedule[] = [
  { minutes: [30], hours: [2, 14], timezone: "Europe/Berlin" },
  { minutes: [7], hours: [1, 13], timezone: "UTC" },
  { minutes: [0], hours: [0, 2], timezone: "America/New_York" },
];

/** How long each disturbance lasts at most, how many there are in 100 days, and whether it affects one account only. */
const DISTURBANCES: readonly [DisturbanceKind, number, number, boolean][] = [
  ["outage", 20 * SECOND_MS, 8, false],
  ["outage", 9 * HOUR_MS, 2, false],
  ["throttled", 50 * SECOND_MS, 10, true],
  ["throttled", 20 * MINUTE_MS, 2, false],
  ["forbidden", 20 * HOUR_MS, 3, true],
  ["malformed", 12 * HOUR_MS, 3, true],
  ["hang", 30 * SECOND_MS, 8, true],
  ["reset", 5 * SECOND_MS, 10, false],
  ["slow", 2 * MINUTE_MS, 20, true],
  ["unlisted", 20 * HOUR_MS, 2, true],
  ["key", 10 * HOUR_MS, 2, false],
  ["clock", 10 * MINUTE_MS, 10, false],
];

export function makePlan(seed: string, from: number, to: number): Plan {
  const configurations = makeConfigurations(seed, from, to);
  const slots = configurations.flatMap(({ from: since, configuration }, at) =>
    slotsOf(configuration.schedule, since, (configurations[at + 1]?.from ?? to) - 1),
  );
  const accounts = livesOf(seed, from, to).map((lives, index) => new TrueAccount(seed, index, lives, slots));
  const configured = configurations.map(({ from, configuration }, at) => {
    // The first account is always configured: all accounts never end at once.
    const ids = accounts.filter((_, index) => index !== 2).map(({ accountId }) => accountId);
    return { from, configuration: { ...configuration, accountIds: at % 3 === 2 ? ids : undefined } };
  });
  const random = randomOf(seed, "days");
  return {
    accounts,
    configurations: configured,
    deliveries: [...slots.flatMap((slot) => deliveriesOf(slot, random)), ...manualRuns(seed, from, to, slots)].sort(
      (a, b) => a.at - b.at,
    ),
    disturbances: makeDisturbances(seed, from, to, slots, accounts),
    rotations: times(randomOf(seed, "rotations"), from, to, 5).sort((a, b) => a - b),
  };
}

function makeConfigurations(seed: string, from: number, to: number) {
  const random = randomOf(seed, "configurations");
  const changes = times(random, from, to, 6).sort((a, b) => a - b);
  return [from, ...changes].map((since) => {
    const schedule = pick(random, SCHEDULES);
    const configuration: Configuration = {
      schedule,
      latenessMs: pick(random, [1, 2, 4]) * HOUR_MS,
      pageSize: pick(random, [3, 5, 20]),
      accountIds: undefined,
    };
    return { from: since, configuration };
  });
}

/** The first account always exists. The others come, go and may return. */
function livesOf(seed: string, from: number, to: number): TrueAccount["lives"][] {
  const random = randomOf(seed, "lives");
  const span = to - from;
  const forever = { from: from - DAY_MS, to: to + DAY_MS };
  const comes = { from: from + span * between(random, 0.1, 0.3), to: to + DAY_MS };
  const goes = { from: from - DAY_MS, to: from + span * between(random, 0.3, 0.6) };
  const returns = { from: goes.to + span * between(random, 0.1, 0.2), to: to + DAY_MS };
  return [[forever], [comes], [forever], [goes, returns]];
}

function deliveriesOf(slot: number, random: Random): Delivery[] {
  const event = { scheduledTime: `${new Date(slot).toISOString().slice(0, 19)}Z` };
  const on = (delayMs: number): Delivery => ({ at: Math.floor(slot + delayMs), event });
  const delay = between(random, 100, 3_000);
  const dies = { step: 1 + Math.floor(random() * 25), phase: pick(random, ["before", "after"] as const) };
  const which = random();
  if (which < 0.02) return [];
  if (which < 0.06) return [on(delay), on(delay + between(random, 0, 20_000))];
  if (which < 0.08) return [on(between(random, 5 * MINUTE_MS, 5 * HOUR_MS))];
  if (which < 0.12) return [{ ...on(delay), dies }];
  return [on(delay)];
}

/** Starts by hand: without a time, for a time that the schedule does not have, and for one that it has. */
function manualRuns(seed: string, from: number, to: number, slots: readonly number[]): Delivery[] {
  const random = randomOf(seed, "manual");
  return times(random, from, to, 30).map((at) => {
    const time = (ms: number) => ({ scheduledTime: new Date(ms).toISOString() });
    const latest = slots.findLast((slot) => slot <= at) ?? at;
    return { at, event: pick(random, [{}, {}, time(Math.floor(at / MINUTE_MS) * MINUTE_MS), time(latest)]) };
  });
}

function makeDisturbances(
  seed: string,
  from: number,
  to: number,
  slots: readonly number[],
  accounts: readonly TrueAccount[],
): Disturbance[] {
  return DISTURBANCES.flatMap(([kind, maxMs, per100Days, isOfOne], index) => {
    const random = randomOf(seed, "disturbance", index);
    return times(random, from, to, per100Days).map(() => {
      // Near a slot, or else it would rarely disturb a run.
      const start = Math.floor(pick(random, slots) + between(random, -maxMs / 2, 2_000));
      const end = Math.floor(start + between(random, maxMs / 5, maxMs));
      return {
        ...{ kind, from: start, to: end },
        ...(isOfOne && { accountId: pick(random, accounts).accountId }),
        ...(kind === "clock" && { errorMs: Math.floor(between(random, -40_000, 4_000)) }),
      };
    });
  });
}

/** Returns random times, so many in 100 days on average. */
function times(random: Random, from: number, to: number, per100Days: number): number[] {
  const count = Math.ceil(((to - from) / (100 * DAY_MS)) * per100Days);
  return Array.from({ length: count }, () => Math.floor(between(random, from, to)));
}
