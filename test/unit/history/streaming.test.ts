import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { series } from "../../../core/history/series.ts";
import type { Item } from "../../../core/table/attributes.ts";
import { HistoryReader } from "../../../core/table/history-reader.ts";
import { encodeSnapshot } from "../../../core/table/snapshot-item.ts";
import { Table } from "../../../core/table/table.ts";
import { EXHAUSTIVE } from "../../support/exhaustive.ts";
import { HOUR, makeFacts, type SnapshotFact } from "../../support/history-facts.ts";
import { evenSteps, instant } from "../../support/history-naive.ts";
import { takenOf } from "../../support/history-table.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { ACCOUNT } from "../domain/snapshots.ts";

// A simulated table with an hourly snapshot of two assets, from 2016 on, without end.

const FROM = Date.parse("2016-01-01T00:00:00.000Z");
const YEAR = 8760 * HOUR;
/** The hours of a request. */
const SUB_RANGE = 48;

const { accounts } = makeFacts({ seed: 1, from: FROM, hours: 1, assets: [2], kind: "typical" });
const fact = accounts[0]?.records[0] as SnapshotFact;
const { snapshot } = takenOf(ACCOUNT, fact);
const template = encodeSnapshot(snapshot);

function itemAt(ms: number): Item {
  const slot = { S: instant(ms) };
  return { ...template, slot, capturedAt: { S: instant(ms + 1000) }, completedAt: { S: instant(ms + 1300) } };
}

interface EndlessTable {
  readonly reader: HistoryReader;
  /** Requests for sub-ranges. */
  requests(): number;
  /** Requests for the first record of a range. */
  firstRecordRequests(): number;
}

/** @param fails returns whether a request for a sub-range fails; requests count from 1 */
function endlessTable(fails: (request: number) => boolean = () => false): EndlessTable {
  let [requests, firstRecordRequests] = [0, 0];
  const send = async ({ input }: QueryCommand) => {
    const isFirstRecord = input.Limit === 1;
    if (isFirstRecord) firstRecordRequests++;
    const request = isFirstRecord ? 0 : ++requests;
    await new Promise(setImmediate);
    if (fails(request)) throw Object.assign(new Error("no more"), { name: "ThrottlingException" });
    const values = input.ExpressionAttributeValues ?? {};
    const [from, to] = [values[":from"]?.S, values[":to"]?.S].map((text) => Date.parse(text ?? ""));
    const last = Math.floor((to ?? 0) / HOUR) * HOUR;
    if (input.ScanIndexForward === false) {
      return {
        Items: Array.from({ length: input.Limit ?? 0 }, (_, n) => itemAt(last - n * HOUR)),
        LastEvaluatedKey: {},
      };
    }
    const first = Math.max(FROM, Math.ceil((from ?? 0) / HOUR) * HOUR);
    const count = isFirstRecord ? 1 : Math.max(0, (last - first) / HOUR + 1);
    return { Items: Array.from({ length: count }, (_, n) => itemAt(first + n * HOUR)) };
  };
  const client = { send } as unknown as DynamoDBClient;
  return {
    reader: new HistoryReader(new Table(client, "endless")),
    requests: () => requests,
    firstRecordRequests: () => firstRecordRequests,
  };
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function usedMegabytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed / 1e6;
}

// A few months of points would not take much more than the measurement varies: `npm run test:exhaustive` reads more.
describe(`reading ${EXHAUSTIVE ? 18 : 6} months of hourly snapshots`, () => {
  const part = EXHAUSTIVE ? YEAR / 2 : YEAR / 6;
  const window = { beforeMs: 60_000, afterMs: 1.25 * HOUR };
  const HOURLY = { periodMs: HOUR, window, windowAt: () => window, isFresh: () => true };
  const to = FROM + 3 * part - 1;
  const steps = evenSteps(FROM + 6 * HOUR, to, 6 * HOUR);

  const reads: [string, number, (reader: HistoryReader) => AsyncIterable<object>][] = [
    ["record by record", part / HOUR, (reader: HistoryReader) => reader.records(ACCOUNT, { from: FROM, to })],
    ["point by point", part / HOUR / 6, (reader: HistoryReader) => series(reader, ACCOUNT, steps, HOURLY)],
  ];
  it.each(EXHAUSTIVE ? reads : reads.slice(0, 1))("%s needs constant memory", async (_, perPart, read) => {
    const used: number[] = [];
    let count = 0;

    for await (const _ of read(endlessTable().reader)) if (++count % perPart === 500) used.push(usedMegabytes());

    expect(count).toBeGreaterThanOrEqual(3 * perPart - 1);
    expect(used).toHaveLength(3);
    // A year of records would take about 15 MB, and a year of points about 2.6 MB.
    expect(Math.max(...used.slice(1)) - (used[0] ?? 0)).toBeLessThan(1.5);
  });
});

describe("HistoryReader.records", () => {
  it("reads eight sub-ranges ahead of its consumer", async () => {
    const { reader, requests } = endlessTable();
    const hours = 20 * SUB_RANGE;
    const ahead: number[] = [];

    for await (const _ of reader.records(ACCOUNT, { from: FROM, to: FROM + hours * HOUR - 1 })) {
      ahead.push(requests() - Math.floor(ahead.length / SUB_RANGE));
    }

    expect([ahead[0], Math.max(...ahead)]).toEqual([8, 8]);
    expect(ahead).toHaveLength(hours);
    expect(requests()).toBe(hours / SUB_RANGE);
  });

  it("stops reading when its consumer stops", async () => {
    const { reader, requests } = endlessTable();
    let read = 0;

    for await (const _ of reader.records(ACCOUNT, { from: FROM, to: FROM + 10 * YEAR })) if (++read === 100) break;
    const atBreak = requests();
    await new Promise((resolve) => setTimeout(resolve, 20));

    expect(requests()).toBe(atBreak);
    expect(requests()).toBeLessThanOrEqual(11);
  });

  it("finds the first record with one request, however early the range starts, and reads nothing beyond", async () => {
    const { reader, requests, firstRecordRequests } = endlessTable();
    const slots: string[] = [];
    const to = FROM + SUB_RANGE * HOUR;

    for await (const { slot } of reader.records(ACCOUNT, { from: FROM - 10 * YEAR, to })) slots.push(slot);

    expect([slots.length, slots[0], slots.at(-1)]).toEqual([SUB_RANGE + 1, instant(FROM), instant(to)]);
    expect([requests(), firstRecordRequests()]).toEqual([2, 1]);
  });

  it("throws the error of a sub-range after the records before it", async () => {
    const { reader } = endlessTable((request) => request === 4);
    let read = 0;

    const reading = async () => {
      for await (const _ of reader.records(ACCOUNT, { from: FROM, to: FROM + YEAR })) read++;
    };

    await expect(reading()).rejects.toMatchObject({ code: "table_unavailable" });
    expect(read).toBe(3 * SUB_RANGE);
  });

  it("ignores a failure that was read ahead when its consumer stops", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", note);
    const { reader } = endlessTable((request) => request > 1);

    for await (const _ of reader.records(ACCOUNT, { from: FROM, to: FROM + YEAR })) break;
    await new Promise((resolve) => setTimeout(resolve, 20));

    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });
});
