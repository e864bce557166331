import { asOf } from "../../core/history/as-of.ts";
import { scheduledSlots } from "../../core/history/scheduled-slots.ts";
import { SeenRecords } from "../../core/history/seen-records.ts";
import { series } from "../../core/history/series.ts";
import { verifyAccount } from "../../core/integrity/verify.ts";
import { ChainReader } from "../../core/table/chain-reader.ts";
import { HistoryReader } from "../../core/table/history-reader.ts";
import { TableSnapshotStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import { historyDays } from "../support/exhaustive.ts";
import { accountIdOf, HOUR, MINUTE, makeFacts } from "../support/history-facts.ts";
import { evenSteps, instant } from "../support/history-naive.ts";
import { patientClient, writeFacts } from "../support/history-table.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";
import { startTestTable, type TestTable } from "../unit/table/embedded.ts";
import { bytesOfItem } from "../unit/table/size.ts";

// The read units of queries and of verify, as the table counts them (ReturnConsumedCapacity), for hourly snapshots of 100
// typical assets. Limits are stated per year and scaled; `npm run test:exhaustive` writes the whole year.

const DAY = 24 * HOUR;
const SEASON_DAYS = 73;
const FROM = Date.parse("2025-01-01T00:00:00.000Z");
const DAYS = historyDays(7);
const SHARE_OF_YEAR = DAYS / 365;
const END = FROM + DAYS * DAY;
const HUNDRED = accountIdOf(0);

let table: TestTable;
beforeAll(async () => {
  table = await startTestTable();
  const client = patientClient(table.url);
  // Season by season, because the facts of a year do not fit into the memory of a test.
  for (let day = 0; day < DAYS; day += SEASON_DAYS) {
    const hours = Math.min(SEASON_DAYS, DAYS - day) * 24;
    const facts = makeFacts({ seed: 5 + day, from: FROM + day * DAY, hours, assets: [100], kind: "typical" });
    await writeFacts(client, table.name, facts);
  }
}, 900_000);
afterAll(() => table.close());

/** Creates a reader and measures the concurrency of its requests. */
function measuredReader(): { reader: HistoryReader; maxConcurrency: () => number } {
  const client = patientClient(table.url);
  let [current, max] = [0, 0];
  client.middlewareStack.add(
    (next) => async (args) => {
      max = Math.max(max, ++current);
      try {
        return await next(args);
      } finally {
        current--;
      }
    },
    { step: "initialize" },
  );
  return { reader: new HistoryReader(new Table(client, table.name)), maxConcurrency: () => max };
}

/** Of a lateness limit of an hour. */
const WINDOW = { beforeMs: MINUTE, afterMs: 75 * MINUTE };

describe("for an account of 100 assets", () => {
  it.each([
    ["latest", END - HOUR, (reader: HistoryReader) => reader.latest(HUNDRED)],
    ["as-of", END - 10 * HOUR, (reader: HistoryReader) => asOf(reader, HUNDRED, END - 9.5 * HOUR, () => WINDOW)],
  ])("%s uses one query, and at most 1 read unit per 20 assets", async (_, slot, read) => {
    const { reader } = measuredReader();

    const snapshot = await read(reader);

    expect([snapshot?.assets, snapshot?.slot]).toEqual([100, instant(slot)]);
    expect(reader.usage.requests).toBe(1);
    expect(reader.usage.capacityUnits).toBeGreaterThan(0);
    expect(reader.usage.capacityUnits).toBeLessThanOrEqual(5);
  });
});

describe(`for ${DAYS} days of an account of 100 assets`, () => {
  const hours = evenSteps(FROM + 30 * MINUTE, END, HOUR);
  const days = evenSteps(FROM + DAY, END, DAY);
  const hourly = { expression: "cron(0 * * * ? *)", timezone: "UTC", latenessLimitMs: HOUR };
  const schedules = [{ ...hourly, since: instant(FROM) }];
  const range = { from: FROM, to: END - 1, now: END };
  const HOURLY = { periodMs: HOUR, window: WINDOW, windowAt: () => WINDOW, isFresh: () => true };

  /** As the report reads a year of hours: 2,000 steps at most are six hours long, and it also shows the gaps. */
  async function* pointsAndSlots(reader: HistoryReader) {
    const seen = new SeenRecords();
    yield* series(reader, HUNDRED, evenSteps(FROM + 6 * HOUR, END, 6 * HOUR), { ...HOURLY, seen });
    yield* scheduledSlots(reader, HUNDRED, schedules, instant(FROM), range, [], seen.recall);
  }

  it.each<[name: string, count: number, maxUnits: number, read: (reader: HistoryReader) => AsyncIterable<object>]>([
    ["every record", DAYS * 24, 4500, (reader) => reader.records(HUNDRED, range)],
    ["a point per hour", DAYS * 24, 4600, (reader) => series(reader, HUNDRED, hours, HOURLY)],
    ["a point per day", DAYS, 1000, (reader) => series(reader, HUNDRED, days, HOURLY)],
    ["gaps", DAYS * 24, 4500, (reader) => scheduledSlots(reader, HUNDRED, schedules, instant(FROM), range, [])],
    ["a report", DAYS * (4 + 24), 3300, pointsAndSlots],
  ])("%s: %d rows use at most %d read units a year, with concurrent requests", async (_, count, maxUnits, read) => {
    const { reader, maxConcurrency } = measuredReader();
    let rows = 0;

    for await (const _row of read(reader)) rows++;

    expect(rows).toBe(count);
    expect(reader.usage.capacityUnits).toBeLessThanOrEqual(maxUnits * SHARE_OF_YEAR);
    expect(maxConcurrency()).toBeGreaterThanOrEqual(4);
    expect(maxConcurrency()).toBeLessThanOrEqual(16);
    // A much lower count would be wrong: a year has 8,760 items of 3 KB.
    if (count > DAYS) expect(reader.usage.capacityUnits).toBeGreaterThan(3000 * SHARE_OF_YEAR);
    else expect(reader.usage.requests).toBe(DAYS);
  });
});

it("verifying uses less than one read unit per snapshot of 100 assets, and one request per megabyte", async () => {
  const update = { now: END, latenessLimitMs: HOUR, signal: new AbortController().signal };
  await new TableSnapshotStore(new Table(table.client, table.name)).appendMissingEntries(HUNDRED, update);
  const reader = new ChainReader(new Table(table.client, table.name));
  const startedAt = performance.now();

  const { accounts: activities, schedules } = await reader.catalog();
  const facts = { activity: activities.get(HUNDRED), schedules, anchors: [], now: END };
  const verification = await verifyAccount(reader, HUNDRED, facts);

  const snapshots = DAYS * 24;
  const { requests, capacityUnits } = reader.usage;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stderr.write(`verify, ${snapshots} snapshots: ${requests} requests, ${capacityUnits} units, ${seconds} s\n`);
  const entries = await table.itemsUnder(`${HUNDRED}#chain`);
  expect(Math.max(...entries.map(bytesOfItem))).toBeLessThan(600);
  expect(verification).toMatchObject({ snapshots, entries: snapshots });
  // One update has appended them all, long after they were completed.
  expect([...new Set(verification.findings.map(({ code }) => code))]).toEqual(["chained_late"]);
  expect(capacityUnits / snapshots).toBeLessThan(1);
  expect(requests).toBeLessThan(4 + snapshots / 150);
});
