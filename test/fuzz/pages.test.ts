import fc from "fast-check";
import { readResponse } from "../../core/coinbase/response.ts";
import { decodeBalancesPage } from "../../core/coinbase/schema.ts";
import type { Amounts, Balance } from "../../core/domain/balance.ts";
import { ApiError } from "../../core/domain/errors.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { snapshotOf } from "../../core/domain/snapshot.ts";
import { walk } from "../../core/snapshot/walk.ts";
import { HistoryReader } from "../../core/table/history-reader.ts";
import { splitBalances } from "../../core/table/parts.ts";
import { decodeSnapshot, encodeSnapshot } from "../../core/table/snapshot-item.ts";
import { TableSnapshotStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import { testClock } from "../support/clock.ts";
import { afterAll, beforeAll, describe, expect } from "../support/jest.ts";
import { ACCOUNT, SLOT } from "../unit/domain/snapshots.ts";
import { newAccount, startTestTable, type TestTable } from "../unit/table/embedded.ts";
import { bytesOfItem } from "../unit/table/size.ts";
import { fuzz } from "./fuzz.ts";
import { type Held, heldBy, totalsOf, unstorable } from "./storable.ts";
import { anyText, hostileText } from "./texts.ts";
import { anyBalance, anyStyle, anyUnknownFields, type BalanceModel, pageJson, writeJson } from "./wire.ts";

/** Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const ITEM_BYTES = 400 * 1024;

const OF = { accountId: ACCOUNT, slot: SLOT, trigger: "schedule" } as const;

/** What is read of a body, or the error as which it is refused. */
function read(body: string): readonly Balance[] | ApiError {
  const answer = { status: 200, headers: new Headers(), body: Buffer.from(body), receivedAt: 0 };
  try {
    return readResponse(answer, decodeBalancesPage, "GET /balances").items;
  } catch (thrown) {
    if (thrown instanceof ApiError) return thrown;
    throw thrown;
  }
}

/** On the way to DynamoDB and back everything is JSON in UTF-8. */
const overTheWire = <T>(value: T): T => JSON.parse(Buffer.from(JSON.stringify(value), "utf8").toString("utf8"));

/** The snapshot of a walk that a page is all of. */
function walked(accountBalances: readonly Balance[]) {
  const balances = [...new Map(accountBalances.map((balance) => [balance.asset.symbol, balance])).values()];
  const settled = { consistency: "verified", passes: 1, pages: 1, unsettled: [], hidden: 0 } as const;
  return snapshotOf({ balances, ...settled, capturedAt: 0, completedAt: 1 }, OF).snapshot;
}

const asHeld = (balances: Iterable<readonly [string, Amounts]>): Held =>
  new Map([...balances].map(([symbol, amounts]) => [symbol, new Map(amounts)]));

/** An asset with many other denominations, long names and long amounts, to test the size limit of an item. */
const anyWide = fc
  .record({
    count: fc.integer({ min: 1, max: 200 }),
    bytes: fc.integer({ min: 5, max: 999 }),
    letters: fc.integer({ min: 1, max: 1_000 }),
  })
  .map(({ count, bytes, letters }): BalanceModel[] => {
    const amount = { available: "1".repeat(letters), total: "9".repeat(letters) };
    const denominations = Array.from({ length: count }, (_, at) => String(at).padStart(bytes, "x"));
    const asset = { symbol: "btc", type: "crypto", name: "Bitcoin", decimals: 8 };
    return [{ asset, amounts: ["btc", ...denominations].map((denomination) => [denomination, amount]) }];
  });

const anyPage = fc.record({
  balances: fc.oneof(
    { weight: 30, arbitrary: fc.array(anyBalance(hostileText), { maxLength: 5 }) },
    { weight: 1, arbitrary: anyWide },
  ),
  news: anyUnknownFields,
  style: anyStyle,
});

let table: TestTable;
let store: TableSnapshotStore;
let reader: HistoryReader;
beforeAll(async () => {
  table = await startTestTable();
  store = new TableSnapshotStore(new Table(table.client, table.name));
  reader = new HistoryReader(new Table(table.anotherClient(), table.name));
});
afterAll(() => table.close());

/** Each case has its own account and slot. The catalog is common: the newest slot has the newest descriptions. */
let slots = 0;
const nextSlot = () => slotAt(Date.parse(SLOT) + 60_000 * slots++);

describe("pages", () => {
  fuzz("a page read back from its items equals the original", 150, anyPage, ({ balances, news, style }) => {
    const items = read(writeJson(pageJson(balances, news), style));

    const wrong = unstorable(balances);
    const held = heldBy(balances);
    if (items instanceof ApiError) {
      expect(items.code).toBe("api_unexpected_shape");
      if (wrong.length === 0) {
        expect(items.message).toContain("balances: expected amounts in fewer denominations");
        expect(JSON.stringify([...totalsOf(held, balances)]).length).toBeGreaterThan(40_000);
      } else expect(wrong.filter((path) => items.message.includes(path))).not.toEqual([]);
      return;
    }
    expect(wrong).toEqual([]);
    const snapshot = walked(items);
    const item = overTheWire(encodeSnapshot(snapshot));
    const decoded = decodeSnapshot(item);
    expect(splitBalances(item["balances"]?.M ?? {})).toHaveLength(1);
    expect(bytesOfItem(item)).toBeLessThan(ITEM_BYTES);
    expect(asHeld(decoded.balances)).toEqual(held);
    expect(decoded.totals).toEqual(totalsOf(held, balances));
  });

  /** Each symbol once: the tests of the walk cover repeated ones. */
  const anyPages = fc
    .array(fc.array(anyBalance(anyText), { maxLength: 6 }), { minLength: 1, maxLength: 4 })
    .map((pages) => {
      const seen = new Set<string>();
      const isNew = ({ asset }: BalanceModel) => !seen.has(asset.symbol) && seen.add(asset.symbol);
      return pages.map((balances) => balances.filter(isNew));
    });
  const anyAccount = fc.record({ pages: anyPages, style: anyStyle });

  fuzz(
    "an account of several pages read back from the table equals the original",
    15,
    anyAccount,
    async ({ pages, style }) => {
      const bodies = pages.map((balances) => read(writeJson(pageJson(balances), style)));
      if (bodies.some((body) => body instanceof ApiError)) return;
      const balances = (bodies as (readonly Balance[])[]).flat();
      const source = {
        checkKey: async () => {},
        listAccounts: async () => [],
        account: async () => undefined,
        pass: async () => ({ balances, pages: pages.length }),
        balance: () => Promise.reject(new Error("unexpected request for a single balance")),
      };
      const [accountId, slot] = [newAccount(), nextSlot()];
      const knownBefore = await reader.assets();

      const settled = await walk({ source, clock: testClock() }, accountId, undefined, new AbortController().signal);
      const { snapshot, assets } = snapshotOf(settled, { accountId, slot, trigger: "schedule" });
      const saved = await store.save(snapshot, assets);
      const latest = await reader.latest(accountId);
      const known = await reader.assets();

      const shown = pages.flat();
      const held = heldBy(shown);
      expect(saved).toBeDefined();
      expect(latest).toEqual(snapshot);
      expect(asHeld(latest?.balances ?? [])).toEqual(held);
      expect(latest?.totals).toEqual(totalsOf(held, shown));
      expect(known).toEqual(new Map([...knownBefore, ...shown.map(({ asset }) => [asset.symbol, asset] as const)]));
    },
  );
});
