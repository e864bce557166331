import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { asOf } from "../../core/history/as-of.ts";
import { scheduledSlots } from "../../core/history/scheduled-slots.ts";
import { series } from "../../core/history/series.ts";
import { HistoryReader } from "../../core/table/history-reader.ts";
import { Table } from "../../core/table/table.ts";
import { historyDays, timeLimitOf } from "../support/history-days.ts";
import { accountIdOf, HOUR, MINUTE, makeFacts } from "../support/history-facts.ts";
import { evenSteps, instant } from "../support/history-naive.ts";
import { patientClient, writeFacts } from "../support/history-table.ts";
import { startTestTable, type TestTable } from "../unit/table/embedded.ts";

// The read units of queries, as the table counts them (ReturnConsumedCapacity), for hourly snapshots of 100, 31 and 2 typical
// assets. Limits are stated per year and scaled; `npm run test:exhaustive` writes the whole year.

const DAY = 24 * HOUR;
const SEASON_DAYS = 73;
const FROM = Date.parse("2025-01-01T00:00:00.000Z");
const DAYS = historyDays(16);
const SHARE_OF_YEAR = DAYS / 365;
/** The days of a month: 30, or the whole history. */
const MONTH_DAYS = Math.min(30, DAYS);
const END = FROM + DAYS * DAY;
const [HUNDRED, THIRTY_ONE, TWO] = [accountIdOf(0), accountIdOf(1), accountIdOf(2)];
const SIZES = [
  [100, HUNDRED],
  [31, THIRTY_ONE],
  [2, TWO],
] as const;

jest.setTimeout(timeLimitOf(DAYS));

let table: TestTable;

beforeAll(async () => {
  table = await startTestTable();
  const client = patientClient(table.url);
  const startedAt = performance.now();
  let written = 0;
  const write = async (from: number, days: number, assets: readonly number[]) => {
    const facts = makeFacts({ seed: 5 + (from - FROM) / DAY, from, hours: days * 24, assets, kind: "typical" });
    written += await writeFacts(client, table.name, facts);
  };
  // Season by season, because the facts of a year do not fit into the memory of a test.
  for (let day = 0; day < DAYS - 1; day += SEASON_DAYS) {
    await write(FROM + day * DAY, Math.min(SEASON_DAYS, DAYS - 1 - day), [100]);
  }
  // The smaller accounts are needed on the last day only.
  await write(END - DAY, 1, [100, 31, 2]);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stderr.write(`history cost: ${written} snapshots written in ${seconds} s\n`);
}, 900_000);
afterAll(() => table.close());

interface Measured {
  readonly reader: HistoryReader;
  readonly maxConcurrency: () => number;
}

/** Creates a reader and measures the concurrency of its requests. */
function measuredReader(): Measured {
  const client = patientClient(table.url);
  return { reader: new HistoryReader(new Table(client, table.name)), maxConcurrency: watchRequests(client) };
}

function watchRequests(client: DynamoDBClient): () => number {
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
  return () => max;
}

function log(what: string, { reader }: Measured): void {
  const { requests, capacityUnits } = reader.usage;
  process.stderr.write(`history cost: ${what}: ${requests} requests, ${capacityUnits} RCU\n`);
}

describe.each(SIZES)("for an account of %d assets", (assets, accountId) => {
  // A query uses at least half a unit.
  const limit = Math.max(1, assets / 20);

  it("latest uses one query, and at most 1 read unit per 20 assets", async () => {
    const measured = measuredReader();

    const snapshot = await measured.reader.latest(accountId);

    log(`latest of ${assets} assets`, measured);
    expect(snapshot?.assets).toBe(assets);
    expect(measured.reader.usage.requests).toBe(1);
    expect(measured.reader.usage.capacityUnits).toBeGreaterThan(0);
    expect(measured.reader.usage.capacityUnits).toBeLessThanOrEqual(limit);
  });

  it("as-of uses one query, and at most 1 read unit per 20 assets", async () => {
    const measured = measuredReader();

    const snapshot = await asOf(measured.reader, accountId, END - 9.5 * HOUR, HOUR);

    log(`as-of of ${assets} assets`, measured);
    expect(snapshot?.slot).toBe(instant(END - 10 * HOUR));
    expect(measured.reader.usage.requests).toBe(1);
    expect(measured.reader.usage.capacityUnits).toBeGreaterThan(0);
    expect(measured.reader.usage.capacityUnits).toBeLessThanOrEqual(limit);
  });
});

describe(`for ${DAYS} days of an account of 100 assets`, () => {
  it("every hour uses at most 4,500 read units a year, with concurrent requests", async () => {
    const measured = measuredReader();
    let held = 0;

    const startedAt = performance.now();
    for await (const record of measured.reader.records(HUNDRED, { from: FROM, to: END - 1 })) {
      if (record.status === "complete" && record.snapshot.balances.has("btc")) held++;
    }

    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    log(`${DAYS} days by the hour, up to ${measured.maxConcurrency()} requests at once, ${seconds} s`, measured);
    expect(held).toBe(DAYS * 24);
    expect(measured.reader.usage.capacityUnits).toBeLessThanOrEqual(4500 * SHARE_OF_YEAR);
    // A much lower count would be wrong: these are 8,760 items of 3 KB.
    expect(measured.reader.usage.capacityUnits).toBeGreaterThan(3000 * SHARE_OF_YEAR);
    expect(measured.maxConcurrency()).toBeGreaterThanOrEqual(4);
    expect(measured.maxConcurrency()).toBeLessThanOrEqual(16);
  });

  it("a point per day uses at most 1,000 read units a year, with one request per day", async () => {
    const measured = measuredReader();
    const steps = evenSteps(FROM + DAY, END, DAY);
    let shown = 0;

    for await (const { snapshot } of series(measured.reader, HUNDRED, steps, HOUR))
      shown += Number(snapshot !== undefined);

    log(`${DAYS} days by the day, up to ${measured.maxConcurrency()} requests at once`, measured);
    expect(shown).toBe(DAYS);
    expect(measured.reader.usage.requests).toBe(shown);
    expect(measured.reader.usage.capacityUnits).toBeLessThanOrEqual(1000 * SHARE_OF_YEAR);
    expect(measured.maxConcurrency()).toBeGreaterThanOrEqual(4);
  });

  it("a month of hours uses a month's share", async () => {
    const measured = measuredReader();
    const steps = evenSteps(FROM + 30 * MINUTE, FROM + MONTH_DAYS * DAY, HOUR);
    let shown = 0;

    for await (const { snapshot } of series(measured.reader, HUNDRED, steps, HOUR))
      shown += Number(snapshot !== undefined);

    log(`${MONTH_DAYS} days by the hour`, measured);
    expect(shown).toBe(steps.length);
    expect(measured.reader.usage.capacityUnits).toBeLessThanOrEqual((4500 * MONTH_DAYS) / 365 + 10);
  });

  it("the gaps of a month use no more than its records", async () => {
    const measured = measuredReader();
    const schedules = [{ expression: "rate(1 hour)", timezone: "UTC", since: instant(FROM) }];
    const range = { from: FROM, to: FROM + MONTH_DAYS * DAY - 1 };
    let complete = 0;

    for await (const slot of scheduledSlots(measured.reader, HUNDRED, schedules, instant(FROM), range)) {
      complete += Number(slot.complete);
    }

    log(`the gaps of ${MONTH_DAYS} days`, measured);
    expect(complete).toBe(MONTH_DAYS * 24);
    expect(measured.reader.usage.capacityUnits).toBeLessThanOrEqual((4500 * MONTH_DAYS) / 365 + 10);
  });
});
