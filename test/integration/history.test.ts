import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import type { HistoryRecord } from "../../core/domain/history.ts";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import { asOf } from "../../core/history/as-of.ts";
import { History } from "../../core/history/history.ts";
import { series } from "../../core/history/series.ts";
import { stepsOf } from "../../core/history/steps.ts";
import { HistoryReader } from "../../core/table/history-reader.ts";
import { TableStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import type { FactsWorld } from "../support/facts-world.ts";
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
  longestSilence,
  momentAt,
  NOW,
  SYDNEY,
  startHistoryWorld,
  ZURICH,
} from "../support/history-world.ts";
import { newAccount } from "../unit/table/embedded.ts";

// What core/history reads from a table that the job's own code wrote. `npm run test:exhaustive` does the same for a year.

jest.setTimeout(timeLimitOf(DAYS));

let world: FactsWorld;
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

/** Returns a snapshot as text. */
function textOf({ slot, trigger, capturedAt, balances, totals }: Snapshot): string {
  const amounts = [...balances].map(([symbol, of]) => [symbol, [...of].sort()]).sort();
  return JSON.stringify([slot, trigger, capturedAt, amounts, [...totals]]);
}

function factText(accountId: string, fact: SnapshotFact): string {
  return textOf(takenOf(accountId, fact).snapshot);
}

describe("the facts", () => {
  it("contain every kind of incident", () => {
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
  it("contains every account with its first slot, every asset, and the schedule", async () => {
    const [accounts, assets, schedules] = await Promise.all([reader.accounts(), reader.assets(), reader.schedules()]);

    expect([...accounts]).toEqual(places.map((at) => [account(at).accountId, instant(FROM)]));
    expect(assets.size).toBe(100);
    expect(assets.get("usd")?.type).toBe("fiat");
    expect(schedules).toEqual([{ expression: "rate(1 hour)", timezone: "UTC", since: instant(FROM) }]);
  });

  it.each(places)("returns every record of account %d by slot, unchanged", async (at) => {
    const { accountId, records } = account(at);

    const found = await collect(reader.records(accountId, { from: facts.from, to: facts.to }));

    const textOfRecord = (record: HistoryRecord) =>
      record.status === "complete" ? textOf(record.snapshot) : `${record.slot} ${record.attempt.code}`;
    const textOfFact = (fact: RecordFact) =>
      fact.status === "complete" ? factText(accountId, fact) : `${instant(fact.slot)} ${fact.code}`;
    expect(found.map(textOfRecord)).toEqual(records.filter(({ slot }) => slot <= facts.to).map(textOfFact));
  });

  it.each(places)("returns the records of account %d backwards, from any moment", async (at) => {
    const { accountId, records } = account(at);
    const middle = momentAt(0.9) + HOUR / 2;

    const found = await collect(reader.recordsBack(accountId, middle));

    const known = records.filter(({ slot }) => slot <= middle).map(({ slot }) => instant(slot));
    expect(found.map(({ slot }) => slot)).toEqual(known.reverse());
  });

  it("returns the last capture as the latest", async () => {
    const latest = await Promise.all(places.map((at) => reader.latest(account(at).accountId)));

    const known = places.map((at) =>
      factText(account(at).accountId, asOfFacts(account(at).records, NOW) as SnapshotFact),
    );
    expect(latest.map((snapshot) => snapshot && textOf(snapshot))).toEqual(known);
  });

  it("returns as the latest a late slot that was captured after a newer manual run", async () => {
    const accountId = newAccount();
    const store = new TableStore(new Table(world.client, LOCAL_TABLE));
    const [slot, manual] = [FROM, FROM + 20 * MINUTE];
    const taken = [
      { trigger: "schedule", slot, capturedAt: slot + 50 * MINUTE },
      { trigger: "manual", slot: manual, capturedAt: manual + 1000 },
    ] as const;
    for (const fact of taken) {
      await store.save(takenOf(accountId, { ...fact, status: "complete", holdings: new Map() }).snapshot, []);
    }

    const latest = await (await History.load(reader, NOW)).latest(accountId);

    expect(latest?.capturedAt).toBe(instant(slot + 50 * MINUTE));
  });
});

describe("asOf", () => {
  it.each(places)(
    "agrees with the facts of account %d at captures and a millisecond before and after them",
    async (at) => {
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
    },
  );

  it("returns nothing before the first capture, and the last snapshot before an outage", async () => {
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
    "agrees with the facts for each day in %s, reading step by step and reading all records",
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

  it("agrees with the facts for each hour", async () => {
    const { accountId, records } = account(2);
    const steps = evenSteps(FROM + 90 * MINUTE, facts.to, HOUR);

    const points = await collect(series(reader, accountId, steps, HOUR));

    const known = steps.map(({ after, at }) => lastCapturedIn(records, after, at));
    expect(points.map(({ snapshot }) => snapshot?.capturedAt)).toEqual(
      known.map((fact) => fact && instant(fact.capturedAt)),
    );
  });
});
