import fc from "fast-check";
import type { PreviousSlot } from "../../../core/domain/ports.ts";
import { slotAt } from "../../../core/domain/slot.ts";
import { HistoryReader } from "../../../core/table/history-reader.ts";
import { Table } from "../../../core/table/table.ts";
import { beforeAll, describe, expect, it } from "../../support/jest.ts";
import { snapshotWith } from "../domain/snapshots.ts";
import { intercept, newAccount, newStore, tableOf } from "./embedded.ts";

const HOUR = 3_600_000;
const START = Date.parse("2026-11-23T00:00:00.000Z");
const HOURS = 40;
/** Its entry is appended 15 hours late. */
const LATE = 5;
const nth = (hour: number) => slotAt(START + hour * HOUR);
const accountId = newAccount();

const table = tableOf([]);
const reader = new HistoryReader(new Table(table.client, table.name));
beforeAll(async () => {
  const store = newStore(table, 10);
  let previous: PreviousSlot | undefined;
  const hours = Array.from({ length: HOURS }, (_, hour) => hour).filter((hour) => hour !== LATE);
  for (const hour of [...hours.slice(0, 20), LATE, ...hours.slice(20)]) {
    const slot = nth(hour);
    const saved = await store.save(snapshotWith({}, { accountId, slot }), []);
    const update = { now: Date.parse(slot), latenessLimitMs: HOUR, signal: new AbortController().signal };
    if (saved !== undefined) await store.appendEntry(saved, previous, update);
    previous = { slot, trigger: "schedule" };
  }
});

describe("chainedSlots", () => {
  it("returns the slots of any range and the next one, and until when each is kept, despite a late entry", async () => {
    const anyHour = fc.integer({ min: -2, max: HOURS + 2 });
    await fc.assert(
      fc.asyncProperty(anyHour, anyHour, async (from, to) => {
        const range = { from: START + from * HOUR, to: START + to * HOUR };

        const found = await reader.chainedSlots(accountId, range);

        const others = Array.from({ length: HOURS }, (_, hour) => hour).filter((hour) => hour !== LATE);
        const following = others.filter((hour) => hour >= from);
        const next = following.find((hour) => hour > to);
        const hours = following.filter((hour) => hour <= to || hour === next);
        expect([...found].filter(([slot]) => slot !== nth(LATE))).toEqual(
          hours.map((hour) => [nth(hour), nth(hour + 10 * 24)]),
        );
      }),
      { numRuns: 30 },
    );
  });

  it("finds the first entry of a range without reading those before it", async () => {
    const client = table.anotherClient();
    const from: (string | undefined)[] = [];
    intercept(client, ({ input }, send) => {
      from.push(input.ExpressionAttributeValues?.[":from"]?.S);
      return send();
    });

    await new HistoryReader(new Table(client, table.name)).chainedSlots(accountId, {
      from: START + 30 * HOUR,
      to: START + 31 * HOUR,
    });

    expect(from.length).toBeLessThanOrEqual(8);
    expect(Number(from.at(-1))).toBeGreaterThan(28);
  });

  it("finds the entry that covers any snapshot, except one that was appended hours after its capture", async () => {
    for (let hour = -1; hour <= HOURS; hour++) {
      const found = await reader.entryOf(accountId, { slot: nth(hour), capturedAt: nth(hour) });
      const isInOrder = hour >= 0 && hour < HOURS && hour !== LATE;
      expect(found?.slot).toBe(isInOrder ? nth(hour) : undefined);
    }
  });

  it("returns nothing for an account without a chain", async () => {
    expect([...(await reader.chainedSlots(newAccount(), { from: START, to: START + HOUR }))]).toEqual([]);
    expect(await reader.entryOf(newAccount(), { slot: nth(0), capturedAt: nth(0) })).toBeUndefined();
  });
});
