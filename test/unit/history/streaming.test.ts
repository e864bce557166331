import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "@jest/globals";
import { series } from "../../../core/history/series.ts";
import type { Item } from "../../../core/table/attributes.ts";
import { HistoryReader } from "../../../core/table/history-reader.ts";
import { encodeSnapshot } from "../../../core/table/snapshot-item.ts";
import { Table } from "../../../core/table/table.ts";
import { HOUR, makeFacts, type SnapshotFact } from "../../support/history-facts.ts";
import { evenSteps, instant } from "../../support/history-naive.ts";
import { takenOf } from "../../support/history-table.ts";
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
  return { ...template, slot, capturedAt: { S: instant(ms + 1000) } };
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

describe("reading ten years of hourly snapshots", () => {
  it("record by record needs constant memory", async () => {
    const { reader } = endlessTable();
    const used: number[] = [];
    let count = 0;

    for await (const record of reader.records(ACCOUNT, { from: FROM, to: FROM + 10 * YEAR - 1 })) {
      if (record.status === "complete") count++;
      if (count % 8760 === 2000) used.push(usedMegabytes());
    }

    expect(count).toBe(87_600);
    expect(used).toHaveLength(10);
    // All records together would take about 150 MB.
    expect(Math.max(...used.slice(1)) - (used[0] ?? 0)).toBeLessThan(10);
  });

  it("point by point needs constant memory", async () => {
    const { reader } = endlessTable();
    const steps = evenSteps(FROM + 3 * HOUR, FROM + 10 * YEAR, 6 * HOUR);
    const used: number[] = [];
    let count = 0;

    for await (const point of series(reader, ACCOUNT, steps, HOUR)) {
      expect(point.snapshot).toBeDefined();
      if (++count % 1460 === 500) used.push(usedMegabytes());
    }

    expect(count).toBe(steps.length);
    expect(Math.max(...used.slice(1)) - (used[0] ?? 0)).toBeLessThan(10);
  });
});

describe("HistoryReader.records", () => {
  it("reads eight sub-ranges ahead of its consumer", async () => {
    const { reader, requests } = endlessTable();
    let read = 0;

    for await (const _ of reader.records(ACCOUNT, { from: FROM, to: FROM + YEAR - 1 })) {
      const consumed = Math.floor(read++ / SUB_RANGE);
      expect(requests() - consumed).toBeLessThanOrEqual(8);
      if (read === 1) expect(requests()).toBe(8);
    }

    expect(read).toBe(8760);
    expect(requests()).toBe(Math.ceil(8760 / SUB_RANGE));
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

  it("reads both ends of a range, and nothing beyond", async () => {
    const { reader, requests } = endlessTable();
    const slots: string[] = [];

    for await (const { slot } of reader.records(ACCOUNT, { from: FROM, to: FROM + SUB_RANGE * HOUR })) slots.push(slot);

    expect(requests()).toBe(2);
    expect([slots.length, slots[0], slots.at(-1)]).toEqual([49, instant(FROM), instant(FROM + SUB_RANGE * HOUR)]);
  });

  it("finds the first record with one request, however early the range starts", async () => {
    const { reader, requests, firstRecordRequests } = endlessTable();
    let read = 0;

    for await (const _ of reader.records(ACCOUNT, { from: FROM - 10 * YEAR, to: FROM + SUB_RANGE * HOUR - 1 })) read++;

    expect(read).toBe(SUB_RANGE);
    expect(requests()).toBeLessThanOrEqual(2);
    expect(firstRecordRequests()).toBe(1);
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
