import fc from "fast-check";
import { readResponse } from "../../core/coinbase/response.ts";
import { decodeBalancesPage } from "../../core/coinbase/schema.ts";
import { type Amounts, type Balance, recordedAsset } from "../../core/domain/balance.ts";
import { ApiError } from "../../core/domain/errors.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { snapshotOf } from "../../core/domain/snapshot.ts";
import { walk } from "../../core/snapshot/walk.ts";
import { HistoryReader } from "../../core/table/history-reader.ts";
import { encodeSnapshot } from "../../core/table/snapshot-item.ts";
import { TableSnapshotStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import { testClock } from "../support/clock.ts";
import { afterAll, beforeAll, describe, expect } from "../support/jest.ts";
import { SLOT } from "../unit/domain/snapshots.ts";
import { newAccount, startTestTable, type TestTable } from "../unit/table/embedded.ts";
import { bytesOfItem } from "../unit/table/size.ts";
import { fuzz } from "./fuzz.ts";
import { type Held, heldBy, totalsOf, unstorable } from "./storable.ts";
import { anyText, hostileText } from "./texts.ts";
import { anyBalance, anyStyle, anyUnknownFields, type BalanceModel, pageJson, writeJson } from "./wire.ts";

/** Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const ITEM_BYTES = 400 * 1024;

/** What is read of a body, or the error as which it is refused. */
function read(body: string): readonly Balance[] | ApiError {
  const answer = { status: 200, headers: new Map<string, string>(), body: Buffer.from(body), receivedAt: 0 };
  try {
    return readResponse(answer, decodeBalancesPage, "GET /balances").items;
  } catch (thrown) {
    if (thrown instanceof ApiError) return thrown;
    throw thrown;
  }
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

/** Pages that list each symbol once: the tests of the walk cover repeated ones. */
const pagesOf = (text: fc.Arbitrary<string>, maxPages: number) =>
  fc.array(fc.array(anyBalance(text), { maxLength: 6 }), { minLength: 1, maxLength: maxPages }).map((pages) => {
    const seen = new Set<string>();
    const isNew = ({ asset }: BalanceModel) => !seen.has(asset.symbol) && seen.add(asset.symbol);
    return pages.map((balances) => balances.filter(isNew));
  });

const anyAccount = fc.record({
  pages: fc.oneof(
    { weight: 10, arbitrary: pagesOf(anyText, 4) },
    { weight: 20, arbitrary: pagesOf(hostileText, 1) },
    { weight: 1, arbitrary: anyWide.map((balances) => [balances]) },
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

/** Each case has its own account and slot. The catalog is common. */
let slots = 0;
const nextSlot = () => slotAt(Date.parse(SLOT) + 60_000 * slots++);

/** Expects that a page is refused because of what the table cannot hold, and for no other reason. */
function expectFounded({ code, message }: ApiError, balances: readonly BalanceModel[]): void {
  expect(code).toBe("api_unexpected_shape");
  expect(unstorable(balances).filter((path) => message.includes(path))).not.toEqual([]);
}

/** Expects that a snapshot is refused because of the size of its totals, and for no other reason. */
function expectTooManyDenominations(thrown: unknown, balances: readonly BalanceModel[]): void {
  expect(thrown).toMatchObject({ code: "too_many_denominations" });
  // The limit of 100,000 bytes counts each denomination three times.
  expect(JSON.stringify([...totalsOf(heldBy(balances), balances)]).length).toBeGreaterThan(30_000);
}

describe("pages", () => {
  fuzz(
    "pages are refused, or read back from the table as they were",
    30,
    anyAccount,
    async ({ pages, news, style }) => {
      const bodies = pages.map((balances) => read(writeJson(pageJson(balances, news), style)));
      for (const [at, body] of bodies.entries()) if (body instanceof ApiError) expectFounded(body, pages[at] ?? []);
      if (bodies.some((body) => body instanceof ApiError)) return;
      expect(pages.flatMap(unstorable)).toEqual([]);
      const balances = (bodies as (readonly Balance[])[]).flat();
      const sent = { at: Date.parse(SLOT), monotonicMs: 0 };
      const source = {
        checkKey: async () => {},
        listAccounts: async () => [],
        account: async () => undefined,
        pass: async () => ({ balances, pages: pages.length, sent, lastSent: sent }),
        balance: () => Promise.reject(new Error("unexpected request for a single balance")),
      };
      const [accountId, slot] = [newAccount(), nextSlot()];
      const settled = await walk({ source, clock: testClock() }, accountId, undefined, new AbortController().signal);
      const { snapshot, assets } = snapshotOf(settled, { accountId, slot, trigger: "schedule" });
      const shown = pages.flat();
      const saved = await store.save(snapshot, assets).catch((thrown) => expectTooManyDenominations(thrown, shown));
      if (saved === undefined) return;
      const latest = await reader.latest(accountId);
      const known = await reader.assets();

      const held = heldBy(shown);
      expect(bytesOfItem(encodeSnapshot(snapshot))).toBeLessThan(ITEM_BYTES);
      expect({ ...latest, descriptions: new Map() }).toEqual(snapshot);
      expect(asHeld(latest?.balances ?? [])).toEqual(held);
      expect(latest?.totals).toEqual(totalsOf(held, shown));
      const described = shown.map(({ asset: { symbol } }) => latest?.descriptions.get(symbol) ?? known.get(symbol));
      expect(described).toEqual(shown.map(({ asset }) => recordedAsset(asset)));
    },
  );
});
