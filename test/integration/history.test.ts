import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import type { HistoryRecord } from "../../core/domain/history.ts";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import { asOf, END_OF_TIME } from "../../core/history/as-of.ts";
import { series } from "../../core/history/series.ts";
import { stepsOf } from "../../core/history/steps.ts";
import { HistoryReader } from "../../core/table/history-reader.ts";
import { TableStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { timeLimitOf } from "../support/history-days.ts";
import { HOUR, MINUTE, oddAssets, type RecordFact, type SnapshotFact } from "../support/history-facts.ts";
import {
  asOfFacts,
  completeOf,
  dailySteps,
  evenSteps,
  instant,
  lastCapturedIn,
  slotsOf,
} from "../support/history-naive.ts";
import { takenOf } from "../support/history-table.ts";
import {
  account,
  DAYS,
  FROM,
  facts,
  type HistoryWorld,
  longestSilence,
  momentAt,
  NOW,
  SYDNEY,
  startHistoryWorld,
  ZURICH,
} from "../support/history-world.ts";
import { newAccount } from "../unit/table/embedded.ts";

// Three accounts of 31, 100 and 2 assets, through the writer into a table, and the library asked for what it reads from
// there. The commands have suites of their own; `npm run measure` does it all with a year.

jest.setTimeout(timeLimitOf(DAYS));

let world: HistoryWorld;
let reader: HistoryReader;
beforeAll(async () => {
  world = await startHistoryWorld();
  reader = new HistoryReader(new Table(world.client, LOCAL_TABLE));
}, 900_000);
afterAll(() => world.close());

const places = [0, 1, 2];

async function collect<T>(all: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of all) list.push(one);
  return list;
}

/** All that a snapshot says, as text. */
function textOf({ slot, trigger, capturedAt, balances, totals }: Snapshot): string {
  const amounts = [...balances].map(([symbol, of]) => [symbol, [...of].sort()]).sort();
  return JSON.stringify([slot, trigger, capturedAt, amounts, [...totals]]);
}

function factText(accountId: string, fact: SnapshotFact): string {
  return textOf(takenOf(accountId, fact).snapshot);
}

describe("the facts", () => {
  it("have all that they are made for", () => {
    const { records } = account(0);
    const late = completeOf(records).filter(
      ({ trigger, slot, capturedAt }) => trigger === "schedule" && capturedAt - slot > MINUTE,
    );
    const overtaken = late.filter((one) =>
      completeOf(records).some(({ slot, capturedAt }) => slot > one.slot && capturedAt < one.capturedAt),
    );
    const gaps = slotsOf(account(0), facts.from, facts.to).filter(({ complete }) => !complete);
    const byHand = records.filter(({ trigger }) => trigger === "manual");
    const { wandering = "", fading } = oddAssets(31);
    const turns = (held: (fact: SnapshotFact) => boolean) =>
      completeOf(records).filter((fact, at, all) => at > 0 && held(fact) !== held(all[at - 1] as SnapshotFact)).length;
    const { from, to } = longestSilence();

    expect(late.length).toBeGreaterThan(3);
    expect(overtaken.length).toBeGreaterThan(0);
    expect(gaps.filter(({ failure }) => failure).length).toBeGreaterThan(3);
    expect(gaps.filter(({ failure }) => !failure).length).toBeGreaterThan(40);
    expect(byHand.filter(({ status }) => status === "failed").length).toBeGreaterThan(0);
    expect(turns(({ holdings }) => holdings.has(wandering))).toBe(3);
    expect(turns(({ holdings }) => holdings.get(fading)?.usd !== undefined)).toBe(2);
    expect(completeOf(account(2).records).filter(({ holdings }) => holdings.size === 0).length).toBeGreaterThan(2);
    expect(to - from).toBeGreaterThan(40 * HOUR);
  });
});

describe("the table", () => {
  it("knows every account since its first record, every asset, and the schedule", async () => {
    const [accounts, assets, schedules] = await Promise.all([reader.accounts(), reader.assets(), reader.schedules()]);

    expect([...accounts]).toEqual(places.map((at) => [account(at).accountId, instant(FROM)]));
    expect(assets.size).toBe(100);
    expect(assets.get("usd")?.type).toBe("fiat");
    expect(schedules).toEqual([{ expression: "rate(1 hour)", timezone: "UTC", since: instant(FROM) }]);
  });

  it.each(places)("has every record of account %d by slot, word for word", async (at) => {
    const { accountId, records } = account(at);

    const found = await collect(reader.records(accountId, { from: facts.from, to: facts.to }));

    const told = (record: HistoryRecord) =>
      record.status === "complete" ? textOf(record.snapshot) : `${record.slot} ${record.attempt.code}`;
    const known = (fact: RecordFact) =>
      fact.status === "complete" ? factText(accountId, fact) : `${instant(fact.slot)} ${fact.code}`;
    expect(found.map(told)).toEqual(records.filter(({ slot }) => slot <= facts.to).map(known));
  });

  it.each(places)("has the records of account %d backwards, from any moment", async (at) => {
    const { accountId, records } = account(at);
    const middle = momentAt(0.9) + HOUR / 2;

    const found = await collect(reader.recordsBack(accountId, middle));

    const known = records.filter(({ slot }) => slot <= middle).map(({ slot }) => instant(slot));
    expect(found.map(({ slot }) => slot)).toEqual(known.reverse());
  });

  it("shows as the latest what was captured last", async () => {
    const latest = await Promise.all(places.map((at) => reader.latest(account(at).accountId)));

    const known = places.map((at) =>
      factText(account(at).accountId, asOfFacts(account(at).records, NOW) as SnapshotFact),
    );
    expect(latest.map((snapshot) => snapshot && textOf(snapshot))).toEqual(known);
  });

  it("shows as the latest what was captured last, also where that is a late slot from before a run by hand", async () => {
    const accountId = newAccount();
    const store = new TableStore(new Table(world.client, LOCAL_TABLE));
    const [slot, byHand] = [FROM, FROM + 20 * MINUTE];
    const taken = [
      { trigger: "schedule", slot, capturedAt: slot + 50 * MINUTE },
      { trigger: "manual", slot: byHand, capturedAt: byHand + 1000 },
    ] as const;
    for (const fact of taken) {
      await store.save(takenOf(accountId, { ...fact, status: "complete", holdings: new Map() }).snapshot, []);
    }

    const now = await asOf(reader, accountId, END_OF_TIME, HOUR);

    expect(now?.capturedAt).toBe(instant(slot + 50 * MINUTE));
  });
});

describe("asOf", () => {
  it.each(places)("of account %d: at captures, late ones first of all, and a millisecond beside them", async (at) => {
    const { accountId, records } = account(at);
    const odd = completeOf(records).filter(({ slot, capturedAt }) => capturedAt - slot > 5 * MINUTE);
    const others = completeOf(records).filter((_, index) => index % 50 === 0);
    const moments = [...odd.slice(0, 15), ...others].flatMap(({ capturedAt }) => [
      capturedAt - 1,
      capturedAt,
      capturedAt + 1,
    ]);

    const answers: (string | undefined)[] = [];
    for (const moment of moments) {
      const snapshot = await asOf(reader, accountId, moment, HOUR);
      answers.push(snapshot && textOf(snapshot));
    }

    const known = moments.map((moment) => asOfFacts(records, moment));
    expect(answers).toEqual(known.map((fact) => fact && factText(accountId, fact)));
  });

  it("has no answer for before the first capture, and in an outage the last one from before", async () => {
    const { accountId, records } = account(1);
    const outage = longestSilence().to - MINUTE;

    const before = await asOf(reader, accountId, (records[0] as SnapshotFact).capturedAt - 1, HOUR);
    const within = await asOf(reader, accountId, outage, HOUR);

    expect(before).toBeUndefined();
    expect(within && textOf(within)).toBe(factText(accountId, asOfFacts(records, outage) as SnapshotFact));
    expect(outage - Date.parse(within?.capturedAt ?? "")).toBeGreaterThan(40 * HOUR);
  });
});

describe("series", () => {
  it.each(["UTC", ZURICH, SYDNEY])(
    "by the day in %s: reading step by step and reading all there is agree with the facts",
    async (timezone) => {
      const { accountId, records } = account(0);
      const steps = [...stepsOf(FROM - 3 * HOUR, facts.to, { count: 1, unit: "days" }, timezone)];

      const shown = await Promise.all(
        [HOUR, 24 * HOUR].map(async (periodMs) => {
          const points = await collect(series(reader, accountId, steps, periodMs));
          return points.map(({ snapshot }) => snapshot && textOf(snapshot));
        }),
      );

      const known = dailySteps(FROM - 3 * HOUR, facts.to, 1, timezone);
      const expected = known
        .map(({ after, at }) => lastCapturedIn(records, after, at))
        .map((fact) => fact && factText(accountId, fact));
      expect(steps).toEqual(known);
      expect(shown).toEqual([expected, expected]);
      expect(expected).toContain(undefined);
    },
  );

  it("by the hour, which reads all there is", async () => {
    const { accountId, records } = account(2);
    const steps = evenSteps(FROM + 90 * MINUTE, facts.to, HOUR);

    const points = await collect(series(reader, accountId, steps, HOUR));

    const known = steps.map(({ after, at }) => lastCapturedIn(records, after, at));
    expect(points.map(({ snapshot }) => snapshot?.capturedAt)).toEqual(
      known.map((fact) => fact && instant(fact.capturedAt)),
    );
  });
});
