import fc from "fast-check";
import type { AccountActivity } from "../../../core/domain/account-activity.ts";
import { completionWindow } from "../../../core/domain/completion-window.ts";
import type { ScheduleVersion } from "../../../core/domain/history-source.ts";
import { MAX_RUN_MS } from "../../../core/domain/limits.ts";
import { slotAt } from "../../../core/domain/slot.ts";
import { AccountSchedules } from "../../../core/history/account-schedules.ts";
import { History } from "../../../core/history/history.ts";
import { EXHAUSTIVE } from "../../support/exhaustive.ts";
import { type AccountFacts, type DescriptionFact, HOUR, type RecordFact } from "../../support/history-facts.ts";
import { type HoursFact, hoursAt, hoursOf } from "../../support/history-naive-gaps.ts";
import { sourceOf } from "../../support/history-table.ts";
import { describe, expect, it } from "../../support/jest.ts";

const DAY = 24 * HOUR;
const START = Date.parse("2026-11-02T00:00:00.000Z");
const DAYS = 6;
const END = START + DAYS * DAY;
const KEYS = ["apac", "emea", "us"] as const;
const account = (descriptions: readonly DescriptionFact[]): AccountFacts => ({
  ...{ accountId: "account_1", records: [firstRecord], expected: [], descriptions },
});
const described = (from: number, key?: string): DescriptionFact => ({
  ...{ from, name: "Treasury", type: "prime", owner: "entity_1" },
  ...(key !== undefined && { key }),
});
const firstRecord: RecordFact = {
  ...{ status: "complete", trigger: "schedule", slot: START, capturedAt: START, completedAt: START },
  holdings: new Map(),
};

function versionOf({ key, everyHours, since }: HoursFact): ScheduleVersion {
  const schedule = { expression: `cron(0 0/${everyHours} * * ? *)`, timezone: "UTC", since: slotAt(since) };
  return { ...schedule, latenessLimitMs: everyHours * HOUR, ...(key !== undefined && { key }) };
}

const hour = fc.nat(DAYS * 24).map((n) => START + n * HOUR);
const period = fc.constantFrom(1, 2, 6, 24);
/** Several schedules often start at the same time. */
const since = fc.oneof(
  hour,
  fc.nat(DAYS).map((n) => START + n * DAY),
);
/** Each key has a schedule from the start, or a common one does. */
const schedules = fc
  .tuple(
    fc.array(fc.record({ key: fc.constantFrom(...KEYS), everyHours: period, since }), { maxLength: 6 }),
    fc.array(fc.record({ everyHours: period, since }), { maxLength: 2 }),
    fc.tuple(...KEYS.map((key) => fc.record({ key: fc.constant(key), everyHours: period, since }))),
  )
  .map(([keyed, common, first]): HoursFact[] => unique([...first, ...keyed, ...common]));
/** A registered description has the instant of a run, which is a little later than its slot. */
const spans = fc
  .array(fc.tuple(hour, fc.nat(100_000), fc.constantFrom(...KEYS)), { minLength: 1, maxLength: 4 })
  .map((found) => found.map(([at, later, key]) => described(at + later, key)).sort((a, b) => a.from - b.from));

/** A key has at most one schedule since a slot. */
function unique(facts: readonly HoursFact[]): HoursFact[] {
  return [...new Map(facts.map((fact) => [`${fact.key} ${fact.since}`, fact])).values()];
}

describe("the time that a run may take", () => {
  const MINUTE = 60_000;
  const version = (key: string | undefined, maxRunMs?: number): ScheduleVersion => ({
    ...versionOf({ everyHours: 1, since: START, ...(key !== undefined && { key }) }),
    ...(maxRunMs !== undefined && { maxRunMs }),
  });
  const servedBy = (key?: string): AccountActivity => ({
    periods: [],
    descriptions: [{ from: START, ...(key !== undefined && { key }) }],
  });

  it.each([
    ["is that of one invocation by default", [version(undefined)], servedBy(), 15],
    ["is that of the account's key", [version("emea", 75 * MINUTE), version("us")], servedBy("emea"), 75],
    ["is not that of another key", [version("emea", 75 * MINUTE), version("us")], servedBy("us"), 15],
    [
      "is that of any key if the account's key is unknown",
      [version("emea", 75 * MINUTE), version("us")],
      servedBy(),
      75,
    ],
    [
      "is that of the newest schedule",
      [version(undefined, 75 * MINUTE), { ...version(undefined), since: slotAt(START + HOUR) }],
      servedBy(),
      15,
    ],
  ])("%s", (_, versions, activity, minutes) => {
    expect(new AccountSchedules(versions).maxRunMs(activity) / MINUTE).toBe(minutes);
  });
});

const historyOf = (of: AccountFacts, facts: readonly HoursFact[], now: number) => {
  const source = sourceOf({ accounts: [of], schedules: [], from: START, to: END });
  return History.load({ ...source, schedules: async () => facts.map(versionOf) }, now);
};

const slotsOf = async (history: History, to = END) => {
  const slots: number[] = [];
  const all = history.scheduledSlots("account_1", { from: START, to });
  for await (const { slot } of all) slots.push(Date.parse(slot));
  return slots;
};

describe("the slots of an account", () => {
  it("are those of the key that gave it up, until another one takes it over", async () => {
    const taken = START + 3 * DAY + 7000;
    const givenUp = { ...described(START + DAY + 7000), noKeySince: slotAt(START + DAY) };
    const history = await historyOf(
      account([described(START, "us"), givenUp, described(taken, "emea")]),
      [
        { key: "emea", everyHours: 24, since: START },
        { key: "us", everyHours: 6, since: START },
      ],
      END + DAY,
    );

    const slots = await slotsOf(history);

    const sixHourly = Array.from({ length: 13 }, (_, n) => START + n * 6 * HOUR);
    expect(slots).toEqual([...sixHourly, START + 4 * DAY, START + 5 * DAY, END]);
  });

  it("are unknown while no schedule of its key is known", async () => {
    const history = await historyOf(
      account([described(START, "us")]),
      [{ key: "emea", everyHours: 1, since: START }],
      END,
    );

    expect([history.hasSchedule, history.isScheduled("account_1"), history.hasKeys]).toEqual([true, false, true]);
    expect(await slotsOf(history)).toEqual([START]);
    expect(history.ageOfPenultimateSlotMs("account_1", END)).toBe(Number.POSITIVE_INFINITY);
  });

  it("and its maximum age follow the key that serves it, whatever the keys and their schedules are", async () => {
    await fc.assert(
      fc.asyncProperty(schedules, spans, hour, async (facts, descriptions, at) => {
        const one = account(descriptions);
        const history = await historyOf(one, facts, END + DAY);

        const slots = await slotsOf(history);
        const age = history.ageOfPenultimateSlotMs("account_1", at + 1234);

        expect(slots).toEqual([...new Set([START, ...hoursOf(one, facts, START, END)])]);
        const periodMs = (hoursAt(one, facts, at + 1234)?.everyHours ?? Number.NaN) * HOUR;
        expect(age).toBe((at % periodMs) + periodMs + 1234);
      }),
      { numRuns: EXHAUSTIVE ? 200 : 50 },
    );
  });
});

describe("the completion window of an account", () => {
  const activityOf = (descriptions: readonly DescriptionFact[]): AccountActivity => ({ periods: [], descriptions });

  it("contains the snapshots of every key that ever served it, also before the key was registered", () => {
    fc.assert(
      fc.property(schedules, spans, fc.nat(), hour, fc.nat(1000), (facts, descriptions, which, slot, permille) => {
        const known = new AccountSchedules(facts.map(versionOf));
        const activity = activityOf(descriptions);
        const { key } = descriptions[which % descriptions.length] as DescriptionFact;
        const schedule = hoursAt(account([described(0, key)]), facts, slot) as HoursFact;
        const completedAt = slot + ((schedule.everyHours * HOUR + MAX_RUN_MS) * permille) / 1000;

        const { afterMs } = known.window(activity, { from: completedAt, to: completedAt });

        expect(completedAt - slot).toBeLessThanOrEqual(afterMs);
      }),
    );
  });

  it("is that of its key alone, and that of the most patient key if its key is unknown", () => {
    const facts = [
      { key: "emea", everyHours: 24, since: START },
      { key: "us", everyHours: 1, since: START },
    ];
    const known = new AccountSchedules(facts.map(versionOf));
    const range = { from: END, to: END };
    const limitOf = (...descriptions: DescriptionFact[]) =>
      (known.window(activityOf(descriptions), range).afterMs - MAX_RUN_MS) / HOUR;

    expect(limitOf(described(START, "us"))).toBe(1);
    expect(limitOf(described(START, "us"), described(END, "emea"))).toBe(24);
    expect(limitOf()).toBe(24);
  });

  it("of a common schedule ends when its key has another one", () => {
    const facts = [
      { everyHours: 24, since: START },
      { key: "us", everyHours: 1, since: START + DAY },
    ];
    const versions = new AccountSchedules(facts.map(versionOf)).possible(activityOf([described(START, "us")]));

    expect(completionWindow(versions, { from: END, to: END }).afterMs).toBe(HOUR + MAX_RUN_MS);
  });
});
