import fc from "fast-check";
import { keyOf } from "../../../core/domain/account-activity.ts";
import { EXHAUSTIVE } from "../../support/exhaustive.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { endsOf, everyHoursOf, givenUpAt, type Hour, KEYS, KeysModel, MOVING } from "./keys-model.ts";

// Accounts that move between keys in any order of moves, runs and failures: ADR 26.

const key = fc.constantFrom(...KEYS);
const state = fc.oneof(
  { weight: 4, arbitrary: fc.constant("ok" as const) },
  { weight: 1, arbitrary: fc.constantFrom("revoked" as const, "foreign" as const, "empty" as const) },
);
const delay = fc.nat({ max: 40 });
const delays = fc.record({ emea: delay, prime: delay, slow: delay });
const moves = fc.array(
  fc.record({ account: fc.nat({ max: MOVING - 1 }), to: fc.oneof(key, fc.constantFrom("closed" as const)) }),
  { maxLength: 2 },
);
const anyHour = fc
  .record({
    states: fc.record({ emea: state, prime: state, slow: state }),
    delays,
    moves,
    order: fc.array(fc.nat(), { minLength: 5, maxLength: 5 }),
    together: fc.boolean(),
  })
  .map(({ moves, order, ...hour }): Omit<Hour, "unreadable"> => {
    const actions = [...KEYS, ...moves].map((action, at) => ({ action, place: order[at] ?? 0 }));
    return { ...hour, actions: actions.sort((a, b) => a.place - b.place).map(({ action }) => action) };
  });
const incident = fc.record({ writes: fc.option(fc.nat({ max: 14 }), { nil: undefined }), inSteps: fc.boolean() });
const incidents = fc.record({ emea: incident, prime: incident, slow: incident });
const HEALTHY: Hour = {
  states: { emea: "ok", prime: "ok", slow: "ok" },
  delays: { emea: 0, prime: 0, slow: 0 },
  ...{ unreadable: undefined, actions: KEYS, together: false },
};
/** After the last failure, the slow key gives up an account, the others list theirs, and it ends. */
const HOURS_TO_SETTLE = 9;
const plan = fc.record({
  homes: fc.array(key, { minLength: MOVING, maxLength: MOVING }),
  hours: fc.array(anyHour, { minLength: 1, maxLength: 9 }),
  /** In the hours after that. */
  ...{ delays, together: fc.boolean() },
  /** Cannot be read before the last hours. */
  unreadable: fc.option(fc.nat({ max: MOVING - 1 }), { nil: undefined }),
});
type Plan = typeof plan extends fc.Arbitrary<infer Made> ? Made : never;

async function settled({ homes, hours, delays, together, unreadable }: Plan) {
  const model = new KeysModel(homes);
  const calm = Array.from({ length: HOURS_TO_SETTLE }, () => ({ ...HEALTHY, delays, together }));
  const failing = [...hours, ...calm].map((hour) => ({ ...hour, unreadable }));
  for (const hour of [HEALTHY, ...failing, ...calm]) await model.run(hour);
  return { model, history: await model.history() };
}

describe("accounts that move between keys", () => {
  it("never end while a key lists them or may list them, end when none does, and have only explained gaps", async () => {
    await fc.assert(
      fc.asyncProperty(plan, async (given) => {
        const { model, history } = await settled(given);

        for (const [accountId, place] of model.places) {
          const activity = history.activity(accountId);
          const ends = endsOf(activity);
          const gaps = await KeysModel.gapsOf(history, accountId);
          const snapshots = await KeysModel.snapshotsOf(history, accountId);
          expect(gaps.filter(({ code }) => code === "not_run")).toEqual([]);
          if (place !== "closed") {
            expect([ends, activity.periods.length, keyOf(activity)]).toEqual([[], 1, place]);
            expect(snapshots.at(-1)).toBeGreaterThanOrEqual(given.hours.length + 2 * HOURS_TO_SETTLE - 2);
            continue;
          }
          const closed = model.closed.get(accountId) ?? Number.NaN;
          expect(ends).toHaveLength(1);
          const [{ until, registered }] = ends as [(typeof ends)[number]];
          expect(until).toBeGreaterThan(snapshots.at(-1) ?? -1);
          // Each key has listed its accounts since it was closed, or since it was given up while it was moving. The key that ended it
          // does so then.
          const since = Math.min(closed, givenUpAt(activity));
          const hasListed = KEYS.filter((one) => model.listed.get(one)?.some((at) => at >= since && at <= registered));
          expect(hasListed).toEqual(KEYS);
          // From the slot of the end on, a missing snapshot is no gap.
          expect(gaps.filter((gap) => gap.hour >= until)).toEqual([]);
        }
        expect(model.warnings.filter((warning) => !warning.includes("Accounts of two keys"))).toEqual([]);
      }),
      { numRuns: EXHAUSTIVE ? 300 : 4, endOnFailure: true, includeErrorInReport: true },
    );
  });

  it("start and end right also if processes are killed between any two writes, reads are stale, and runs take several steps", async () => {
    const rough = plan.chain((given) =>
      fc.array(incidents, { minLength: given.hours.length, maxLength: given.hours.length }).map((all) => ({
        ...given,
        hours: given.hours.map((hour, at) => ({ ...hour, incidents: all[at] as (typeof all)[0] })),
      })),
    );
    await fc.assert(
      fc.asyncProperty(rough, async (given) => {
        const { model, history } = await settled(given);

        for (const [accountId, place] of model.places) {
          const activity = history.activity(accountId);
          const ends = endsOf(activity);
          const [snapshots, gaps] = [
            await KeysModel.snapshotsOf(history, accountId),
            await KeysModel.gapsOf(history, accountId),
          ];
          expect(activity.periods).toHaveLength(1);
          if (place !== "closed") {
            expect([ends, keyOf(activity)]).toEqual([[], place]);
            expect(snapshots.at(-1)).toBeGreaterThanOrEqual(given.hours.length + 2 * HOURS_TO_SETTLE - 2);
            continue;
          }
          expect(ends).toHaveLength(1);
          expect(ends[0]?.until).toBeGreaterThan(snapshots.at(-1) ?? -1);
          expect(gaps.filter((gap) => gap.hour >= (ends[0]?.until ?? 0))).toEqual([]);
        }
      }),
      { numRuns: EXHAUSTIVE ? 300 : 4, endOnFailure: true, includeErrorInReport: true },
    );
  });

  it("end with the first slot in which their key does not list them, if no run fails", async () => {
    const closing = fc.record({
      home: key,
      at: fc.integer({ min: 1, max: 6 }),
      order: fc.boolean(),
      together: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(closing, async ({ home, at, order, together }) => {
        const keys = order ? KEYS : [...KEYS].reverse();
        const quiet = { ...HEALTHY, actions: keys, together };
        const hours = Array.from({ length: at }, () => quiet);
        const close: Hour = { ...quiet, actions: [{ account: 0, to: "closed" }, ...keys] };
        const { model, history } = await settled({
          homes: Array(MOVING).fill(home),
          hours: [...hours, close],
          ...{ together, delays: HEALTHY.delays, unreadable: undefined },
        });

        const [accountId = ""] = model.accounts;
        const period = everyHoursOf(home);
        const expected = Math.ceil((at + 1) / period) * period;
        expect(endsOf(history.activity(accountId)).map(({ until }) => until)).toEqual([expected]);
        expect(await KeysModel.gapsOf(history, accountId)).toEqual([]);
        expect(model.warnings).toEqual([]);
      }),
      { numRuns: EXHAUSTIVE ? 20 : 4, includeErrorInReport: true },
    );
  });

  it("do not end if another key lists one again during the run that would end it", async () => {
    const model = new KeysModel(Array(MOVING).fill("emea"));
    const parallel = { ...HEALTHY, together: true, delays: { emea: 40, prime: 0, slow: 0 } };
    const [accountId = ""] = model.accounts;
    await model.run(parallel);
    await model.run({ ...parallel, actions: [{ account: 0, to: "closed" }, ...KEYS] });
    for (let hour = 2; hour < 4; hour++) await model.run(parallel);

    model.places.set(accountId, "prime");
    await model.run({ ...parallel, unreadable: 0 });

    const activity = (await model.history()).activity(accountId);
    expect([endsOf(activity), keyOf(activity)]).toEqual([[], "prime"]);
  });
});
