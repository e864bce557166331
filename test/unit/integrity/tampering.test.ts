import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  entriesOf,
  type Items,
  moved,
  nth,
  put,
  type RawItem,
  rehashed,
  remove,
  resealed,
  snapshotsOf,
} from "../../support/tampering.ts";
import { findIn, type Written, writeTwoAccounts } from "./history.ts";

const HOURS = 6;

let written: Written;
beforeAll(async () => {
  written = await writeTwoAccounts(400);
});
afterAll(() => written.table.close());

/** One change, from all items to all items. */
type Change = (items: Items) => Items;

/** The index of an account. */
const account = fc.nat({ max: 1 });
const idOf = (account: number) => written.ids[account] ?? "";
const kind = fc.constantFrom(snapshotsOf, entriesOf);
const number = fc.integer({ min: 1, max: HOURS });
const any = fc.record({ account, kind, number });
const pick = (items: Items, { account, kind, number }: { account: number; kind: typeof snapshotsOf; number: number }) =>
  nth(kind(items, idOf(account)), number);

/** Changes one letter or digit of any attribute that is not a key. */
const alter: fc.Arbitrary<Change> = fc
  .record({ what: any, where: fc.nat(), letter: fc.nat() })
  .map(({ what, where, letter }) => (items) => {
    const { account, slot, ...rest } = pick(items, what);
    const json = JSON.stringify(rest);
    const values = [...json.matchAll(/(?<="[SN]":")[^"]+/g)];
    const { 0: value = "", index = 0 } = values[where % values.length] ?? {};
    const at = index + (letter % value.length);
    const altered = JSON.parse(json.slice(0, at) + (json[at] === "7" ? "8" : "7") + json.slice(at + 1));
    return put(items, { account, slot, ...altered });
  });

const removeAny: fc.Arbitrary<Change> = any.map((what) => (items) => remove(items, pick(items, what)));

const asOne = (item: RawItem, seal: boolean): RawItem => {
  if (!seal) return item;
  return item["hash"] === undefined ? resealed(item) : rehashed(item);
};

/** Inserts a copy of a snapshot, except of the last hours, at a new slot. */
const insert: fc.Arbitrary<Change> = fc
  .record({
    account,
    from: account,
    number: fc.integer({ min: 1, max: HOURS - 2 }),
    seal: fc.boolean(),
    minute: fc.integer({ min: 1, max: 59 }),
  })
  .map(({ account, from, number, seal, minute }) => (items) => {
    const item = nth(snapshotsOf(items, idOf(from)), number);
    const slot = { S: (item["slot"]?.S ?? "").replace(":00:00.000Z", `:${String(minute).padStart(2, "0")}:00.000Z`) };
    return put(items, asOne({ ...item, account: { S: idOf(account) }, slot }, seal));
  });

/** Swaps two snapshots or two entries, within an account or between two accounts. */
const swap: fc.Arbitrary<Change> = fc
  .record({ kind, a: account, b: account, one: number, other: number, seal: fc.boolean() })
  .map(({ kind, a, b, one, other, seal }) => (items) => {
    const [first, second] = [nth(kind(items, idOf(a)), one), nth(kind(items, idOf(b)), other)];
    return put(items, asOne(moved(first, second), seal), asOne(moved(second, first), seal));
  });

/** Applies a change, unless an earlier one removed the item that it needs. */
function attempt(change: Change, items: Items): Items {
  try {
    return change(items);
  } catch {
    return items;
  }
}

describe("random tampering", () => {
  const cases: [string, fc.Arbitrary<Change>, number][] = [
    ["that changes a letter or a digit", alter, 40],
    ["that removes an item", removeAny, 15],
    ["that inserts a snapshot", insert, 15],
    ["that swaps two items", swap, 25],
    [
      "of several kinds",
      fc
        .array(fc.oneof(alter, removeAny, insert, swap), { minLength: 2, maxLength: 4 })
        .map((changes) => (items) => changes.reduce((changed, change) => attempt(change, changed), items)),
      30,
    ],
  ];

  it.each(cases)("%s is found", async (_, change, numRuns) => {
    const { intact, heads } = written;
    await fc.assert(
      fc.asyncProperty(change, async (tamper) => {
        const items = tamper(intact);
        fc.pre(!isDeepStrictEqual(new Set(items), new Set(intact)));

        const found = await findIn(written, items, heads);

        expect(found.filter(({ severity }) => severity === "finding")).not.toEqual([]);
      }),
      { numRuns },
    );
  });
});
