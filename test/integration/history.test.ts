import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { HistoryRecord } from "../../lambda/domain/history.ts";
import { slotAt } from "../../lambda/domain/slot.ts";
import type { Snapshot } from "../../lambda/domain/snapshot.ts";
import { asOf, END_OF_TIME } from "../../lambda/history/as-of.ts";
import { changesBetween } from "../../lambda/history/change.ts";
import { scheduledSlots } from "../../lambda/history/gaps.ts";
import { holdingRow } from "../../lambda/history/holdings.ts";
import { series } from "../../lambda/history/series.ts";
import { stepsOf } from "../../lambda/history/steps.ts";
import { totalOfAll, totalRow } from "../../lambda/history/totals.ts";
import { HistoryReader } from "../../lambda/store/history-reader.ts";
import { TableStore } from "../../lambda/store/store.ts";
import {
  type AccountFacts,
  type Facts,
  HOUR,
  MINUTE,
  makeFacts,
  oddAssets,
  type RecordFact,
  type SnapshotFact,
} from "../support/history-facts.ts";
import {
  asOfFacts,
  changeRowsOf,
  completeOf,
  dailySteps,
  evenSteps,
  gapRowsOf,
  holdingRowOf,
  instant,
  lastCapturedIn,
  slotsOf,
  totalRowOf,
  totalRowOfAll,
} from "../support/history-naive.ts";
import { patientClient, takenOf, writeFacts } from "../support/history-table.ts";
import { newAccount, startTestTable, type TestTable } from "../unit/store/embedded.ts";

// Three accounts of 31, 100 and 2 assets, through the writer into a table, and every question of the history asked of it.
// Six weeks across both changes of the clock in spring; HISTORY_FULL=1 does it with a year, which takes minutes.

const FROM = Date.parse("2025-02-20T00:00:00.000Z");
const HOURS = 24 * Number(process.env["HISTORY_DAYS"] ?? 21);

let table: TestTable;
let client: DynamoDBClient;
let reader: HistoryReader;
let facts: Facts;

beforeAll(async () => {
  table = await startTestTable();
  client = patientClient(table.url);
  facts = makeFacts({ seed: 20, from: FROM, hours: HOURS, assets: [31, 100, 2] });
  const startedAt = performance.now();
  const written = await writeFacts(client, table.name, facts);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stderr.write(`history: ${written} records of three accounts, ${HOURS} hours, written in ${seconds} s\n`);
  reader = new HistoryReader(client, table.name);
}, 900_000);
afterAll(() => {
  client.destroy();
  return table.close();
});

/** The facts of an account by its place: 0 has 31 assets, 1 has 100, 2 has 2. */
const account = (at: number) => facts.accounts[at] as AccountFacts;
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

    expect(late.length).toBeGreaterThan(10);
    expect(overtaken.length).toBeGreaterThan(0);
    expect(gaps.filter(({ failure }) => failure).length).toBeGreaterThan(5);
    expect(gaps.filter(({ failure }) => !failure).length).toBeGreaterThan(50);
    expect(byHand.filter(({ status }) => status === "failed").length).toBeGreaterThan(2);
    expect(turns(({ holdings }) => holdings.has(wandering))).toBe(3);
    expect(turns(({ holdings }) => holdings.get(fading)?.usd !== undefined)).toBe(2);
    expect(completeOf(account(2).records).filter(({ holdings }) => holdings.size === 0).length).toBeGreaterThan(2);
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
    const middle = FROM + 20.5 * HOUR * 24;

    const found = await collect(reader.recordsBack(accountId, middle));

    const known = records.filter(({ slot }) => slot <= middle).map(({ slot }) => instant(slot));
    expect(found.map(({ slot }) => slot)).toEqual(known.reverse());
  });

  it("shows as the latest what was captured last", async () => {
    const latest = await Promise.all(places.map((at) => reader.latest(account(at).accountId)));

    const known = places.map((at) =>
      factText(account(at).accountId, asOfFacts(account(at).records, facts.to + HOUR) as SnapshotFact),
    );
    expect(latest.map((snapshot) => snapshot && textOf(snapshot))).toEqual(known);
  });

  it("shows as the latest what was captured last, also where that is a late slot from before a run by hand", async () => {
    const accountId = newAccount();
    const store = new TableStore(client, table.name);
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

  it("has no answer for before the first capture, and the last one from before for in the middle of an outage", async () => {
    const { accountId, records } = account(1);
    const outage = FROM + 290 * HOUR;

    const before = await asOf(reader, accountId, (records[0] as SnapshotFact).capturedAt - 1, HOUR);
    const within = await asOf(reader, accountId, outage, HOUR);

    expect(before).toBeUndefined();
    expect(within && textOf(within)).toBe(factText(accountId, asOfFacts(records, outage) as SnapshotFact));
    expect(outage - Date.parse(within?.capturedAt ?? "")).toBeGreaterThan(30 * HOUR);
  });
});

describe("series and totals", () => {
  const zones = ["UTC", "Europe/Zurich", "America/New_York"];

  it.each(zones)(
    "by the day in %s, across the change of the clock: both ways of reading agree with the facts",
    async (timezone) => {
      const end = FROM + 1003 * HOUR;
      const steps = [...stepsOf(FROM + 21 * HOUR, end, { count: 1, unit: "days" }, timezone)];
      const known = dailySteps(FROM + 21 * HOUR, end, 1, timezone);
      const { wandering = "" } = oddAssets(31);

      const rows = await Promise.all(
        [HOUR, 24 * HOUR].map(async (periodMs) => {
          const points = await collect(series(reader, account(0).accountId, steps, periodMs));
          return points.map(({ step, snapshot }) =>
            holdingRow(account(0).accountId, wandering, snapshot, "usd", slotAt(step.at)),
          );
        }),
      );

      const expected = known.map(({ after, at }) =>
        holdingRowOf(account(0).accountId, wandering, lastCapturedIn(account(0).records, after, at), at),
      );
      expect(rows).toEqual([expected, expected]);
      expect(new Set(expected.map(({ state }) => state))).toEqual(new Set(["held", "absent", "gap"]));
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

  it("totals of each account and of all of them: coverage, what is missing, partial where one has no snapshot", async () => {
    const steps = evenSteps(FROM, facts.to, 6 * HOUR);
    const points = await Promise.all(places.map((at) => collect(series(reader, account(at).accountId, steps, HOUR))));

    const found = steps.map((_, step) => {
      const rows = places.map((at) => totalRow(account(at).accountId, points[at]?.[step]?.snapshot, "usd"));
      return [...rows, totalOfAll(rows, "usd")];
    });

    const known = steps.map(({ after, at: until }) => {
      const rows = places.map((at) =>
        totalRowOf(account(at).accountId, lastCapturedIn(account(at).records, after, until)),
      );
      return [...rows, totalRowOfAll(rows)];
    });
    expect(found).toEqual(known);
    const all = known.map((rows) => rows[3]);
    expect(all.filter((row) => row?.partial).length).toBeGreaterThan(5);
    expect(all.filter((row) => !row?.partial && (row?.covers ?? 0) < (row?.of ?? 0)).length).toBeGreaterThan(50);
  });
});

describe("changes", () => {
  it.each([
    ["while the asset that comes and goes appeared", 100, 300],
    ["while it vanished, across the outage", 240, 500],
    ["over all of it", 1, 1000],
  ])("%s", async (_, after, until) => {
    const [from, to] = [FROM + after * HOUR, FROM + until * HOUR];
    for (const { accountId, records } of facts.accounts) {
      const [earlier, later] = await Promise.all([from, to].map((moment) => asOf(reader, accountId, moment, HOUR)));

      const found = [...changesBetween(earlier as Snapshot, later as Snapshot, "usd").values()];

      const known = changeRowsOf(
        accountId,
        asOfFacts(records, from) as SnapshotFact,
        asOfFacts(records, to) as SnapshotFact,
      );
      expect(found).toEqual(
        known.map(({ accountId: _, fromSlot, fromCapturedAt, toSlot, toCapturedAt, ...change }) => change),
      );
    }
  });
});

describe("gaps", () => {
  it.each(places)("of account %d, each with its reason, and no run by hand", async (at) => {
    const { accountId } = account(at);
    const schedules = await reader.schedules();
    const range = { from: facts.from, to: facts.to };

    const slots = await collect(scheduledSlots(reader, accountId, schedules, slotAt(FROM), range));

    const gaps = slots.filter(({ complete }) => !complete);
    const known = gapRowsOf(account(at), facts.from, facts.to);
    expect(slots).toHaveLength(HOURS);
    expect(gaps.map(({ slot, attempt }) => [slot, attempt?.code ?? null, attempt?.attempts ?? 0])).toEqual(
      known.map(({ slot, code, attempts }) => [slot, code, attempts]),
    );
  });
});
