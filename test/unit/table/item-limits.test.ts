import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { type Amounts, type Asset, recordedAsset } from "../../../core/domain/balance.ts";
import { attemptsOf } from "../../../core/domain/failed-run.ts";
import { possibleAssets } from "../../../core/domain/snapshot.ts";
import { HistoryReader } from "../../../core/table/history-reader.ts";
import { Table } from "../../../core/table/table.ts";
import { anyCharacter } from "../../support/any-character.ts";
import { EXHAUSTIVE } from "../../support/exhaustive.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { amountsOf, assetOf, failureOf, SLOT, snapshotWith } from "../domain/snapshots.ts";
import { newAccount, newStore, type RawItem, tableOf } from "./embedded.ts";
import { bytesOfItem } from "./size.ts";

// No answer of the API, no error and no configuration makes an item larger than DynamoDB's limit.

/** Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const ITEM_LIMIT_BYTES = 400 * 1024;

/** A table in memory has no limit: the tests measure its items. */
function emptyTable() {
  const table = tableOf([]);
  return { table, store: newStore(table), reader: new HistoryReader(new Table(table.client, table.name)) };
}

const largest = (items: readonly RawItem[]) => Math.max(...items.map(bytesOfItem));
/** Returns unique symbols of a length, in bytes. */
const symbols = (count: number, bytes: number) => Array.from({ length: count }, (_, at) => `${at}-`.padEnd(bytes, "s"));

it("a snapshot lists 6,000 assets with long symbols that vanished at once as unsettled, and so does the next slot", async () => {
  const { table, store, reader } = emptyTable();
  const unsettled = symbols(6_000, 100).sort();
  const snapshot = snapshotWith({ btc: { btc: ["1", "1"] } }, { accountId: newAccount(), unsettled });

  const saved = await store.save(snapshot, []);
  const { previous } = await store.readSlot(snapshot.accountId, "2026-11-23T11:00:00.000Z");

  expect(saved?.slot).toBe(SLOT);
  expect(table.items().length).toBeGreaterThan(2);
  expect(largest(table.items())).toBeLessThan(ITEM_LIMIT_BYTES);
  expect(previous).toStrictEqual(snapshot);
  expect(previous && possibleAssets(previous)).toBe(6_001);
  expect(await reader.latest(snapshot.accountId)).toStrictEqual(snapshot);
});

it("the record of a failed run names every one of 9,000 accounts once, in several items", async () => {
  const { table, store } = emptyTable();
  const scope = Array.from({ length: 9_000 }, () => `account_${randomUUID()}`);
  const { accountId: _, ...failure } = failureOf("");

  await store.recordFailedRun({ ...failure, scope, failedAt: failure.lastTriedAt });

  const runs = await store.failedRuns(SLOT);
  expect(runs.flatMap((run) => run.scope as readonly string[]).toSorted()).toEqual(scope.toSorted());
  expect(attemptsOf(scope[8_999] ?? "", runs)).toMatchObject([{ code: failure.code, attempts: 1 }]);
  expect(largest(table.items())).toBeLessThan(ITEM_LIMIT_BYTES);
});

it.each([
  ["one asset", 1],
  ["many assets, as pages of a list have them", 90],
])("a snapshot of %s with amounts in too many denominations is refused with their number", async (_, assets) => {
  const { store } = emptyTable();
  const denominations = symbols(900, 30);
  const each = Math.ceil(denominations.length / assets);
  const balances = symbols(assets, 40).map((symbol, at): [string, Amounts] => {
    const valued = denominations.slice(at * each, (at + 1) * each);
    return [symbol, amountsOf(Object.fromEntries([symbol, ...valued].map((one) => [one, ["1", "9".repeat(30)]])))];
  });

  const saved = store.save(snapshotWith(new Map(balances), { accountId: newAccount() }), []);

  await expect(saved).rejects.toMatchObject({
    code: "too_many_denominations",
    message: expect.stringContaining("amounts in 900 denominations"),
  });
});

/** The start of a text, and its length. A failed case would otherwise print a million characters. */
const anyText = fc.tuple(
  fc.string({ unit: anyCharacter, maxLength: 20 }),
  fc.constantFrom(0, 100, 9_999, 100_000, 300_000),
);
type AnyText = readonly [start: string, length: number];

/** Returns the text with characters of three bytes, or those of an escape of six. */
const textOf = ([start, length]: AnyText) => start.padEnd(length, length % 2 === 0 ? "\u3042" : "\u0001");

function textsOf<Name extends string>(texts: Record<Name, AnyText>): Record<Name, string> {
  const entries = Object.entries<AnyText>(texts).map(([name, text]) => [name, textOf(text)]);
  return Object.fromEntries(entries) as Record<Name, string>;
}

const anySnapshot = fc.record({
  /** How many of each there are, how long their symbols are, and what else makes them large. */
  held: fc.tuple(fc.nat(2_000), fc.integer({ min: 6, max: 999 })),
  unsettled: fc.tuple(fc.nat(2_000), fc.integer({ min: 6, max: 999 })),
  denominations: fc.tuple(fc.nat(40), fc.integer({ min: 6, max: 999 })),
  digits: fc.integer({ min: 1, max: 1000 }),
  type: anyText,
  name: anyText,
});

const anyFailure = fc.record({ code: anyText, message: anyText, suggestedFix: anyText, correlationId: anyText });
const anyEvent = fc.record({ name: anyText, type: anyText, owner: anyText, reason: anyText });

describe("every item is smaller than the limit, whatever", () => {
  it("a snapshot holds", async () => {
    await fc.assert(
      fc.asyncProperty(anySnapshot, async ({ held, unsettled, denominations, digits, type, name }) => {
        const { table, store } = emptyTable();
        const accountId = newAccount();
        const described = recordedAsset(assetOf("", textsOf({ type, name })));
        const amount = ["1", "7".repeat(digits)] as const;
        const valued = symbols(...denominations).map((symbol) => `d${symbol}`.slice(0, 999));
        const assets = symbols(...held).map((symbol): Asset => ({ ...described, symbol }));
        const balances = assets.map(({ symbol }, at): [string, Amounts] => {
          const one = valued.length === 0 ? [] : [valued[at % valued.length] as string];
          return [
            symbol,
            amountsOf(Object.fromEntries([symbol, ...one].map((denomination) => [denomination, amount]))),
          ];
        });
        const missing = symbols(...unsettled).map((symbol) => `u${symbol}`.slice(0, 999));
        const snapshot = snapshotWith(new Map(balances), { accountId, unsettled: missing });

        const saved = await store.save(snapshot, assets).catch(({ code }) => code);

        expect(saved).toEqual(saved === "too_many_denominations" ? saved : expect.objectContaining({ accountId }));
        expect(largest(table.items())).toBeLessThan(ITEM_LIMIT_BYTES);
      }),
      { numRuns: EXHAUSTIVE ? 50 : 2 },
    );
  });

  it("a failure says", async () => {
    await fc.assert(
      fc.asyncProperty(anyFailure, async (failure) => {
        const { table, store } = emptyTable();
        const accountId = newAccount();

        await store.recordFailure(failureOf(accountId, textsOf(failure)));
        await store.recordFailedRun({ ...failureOf(accountId, textsOf(failure)), scope: "all", failedAt: SLOT });

        expect(largest(table.items())).toBeLessThan(ITEM_LIMIT_BYTES);
      }),
      { numRuns: EXHAUSTIVE ? 100 : 8 },
    );
  });

  it("the catalog says about an account, a schedule", async () => {
    await fc.assert(
      fc.asyncProperty(anyEvent, async (event) => {
        const { table, store } = emptyTable();
        const accountId = newAccount();
        const texts = textsOf(event);
        const schedule = { expression: texts.name, timezone: texts.reason, latenessLimitMs: 1 };

        await store.save(snapshotWith({}, { accountId }), [], { ...texts, accountId });
        await store.registerEnd(accountId, SLOT, SLOT, texts.reason);
        await store.registerSchedule(schedule, SLOT, SLOT);

        expect(largest(table.items())).toBeLessThan(ITEM_LIMIT_BYTES);
      }),
      { numRuns: EXHAUSTIVE ? 100 : 8 },
    );
  });
});
