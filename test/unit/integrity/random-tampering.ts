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

/** Changes the items of two accounts with a history of six hours each. */
type Change = (items: Items, ids: readonly string[]) => Items;

const HOURS = 6;

/** The index of an account. */
const account = fc.nat({ max: 1 });
const kind = fc.constantFrom(snapshotsOf, entriesOf);
const number = fc.integer({ min: 1, max: HOURS });
/** Picks a snapshot or an entry. */
const anyItem = fc.record({ account, kind, number }).map(
  ({ account, kind, number }) =>
    (items: Items, ids: readonly string[]) =>
      nth(kind(items, ids[account] ?? ""), number),
);

/** Changes one letter or digit of any attribute that is not a key. */
const alter: fc.Arbitrary<Change> = fc
  .record({ pick: anyItem, where: fc.nat(), letter: fc.nat() })
  .map(({ pick, where, letter }) => (items, ids) => {
    const { account, slot, ...rest } = pick(items, ids);
    const json = JSON.stringify(rest);
    const values = [...json.matchAll(/(?<="[SN]":")[^"]+/g)];
    const { 0: value = "", index = 0 } = values[where % values.length] ?? {};
    const at = index + (letter % value.length);
    const altered = JSON.parse(json.slice(0, at) + (json[at] === "7" ? "8" : "7") + json.slice(at + 1));
    return put(items, { account, slot, ...altered });
  });

const removeAny: fc.Arbitrary<Change> = anyItem.map((pick) => (items, ids) => remove(items, pick(items, ids)));

/** Returns an item as it is, or with its digest or hash recalculated. */
const sealedIf = (seal: boolean, item: RawItem): RawItem => {
  if (!seal) return item;
  return item["hash"] === undefined ? resealed(item) : rehashed(item);
};

/** Inserts a copy of a snapshot, except of the last hours, at a new slot. */
const insert: fc.Arbitrary<Change> = fc
  .record({
    ...{ account, from: account, number: fc.integer({ min: 1, max: HOURS - 2 }) },
    ...{ seal: fc.boolean(), minute: fc.integer({ min: 1, max: 59 }) },
  })
  .map(({ account, from, number, seal, minute }) => (items, ids) => {
    const item = nth(snapshotsOf(items, ids[from] ?? ""), number);
    const slot = { S: (item["slot"]?.S ?? "").replace(":00:00.000Z", `:${String(minute).padStart(2, "0")}:00.000Z`) };
    return put(items, sealedIf(seal, { ...item, account: { S: ids[account] ?? "" }, slot }));
  });

/** Swaps two snapshots or two entries, within an account or between two accounts. */
const swap: fc.Arbitrary<Change> = fc
  .record({ kind, a: account, b: account, one: number, other: number, seal: fc.boolean() })
  .map(({ kind, a, b, one, other, seal }) => (items, ids) => {
    const [first, second] = [nth(kind(items, ids[a] ?? ""), one), nth(kind(items, ids[b] ?? ""), other)];
    return put(items, sealedIf(seal, moved(first, second)), sealedIf(seal, moved(second, first)));
  });

/** Applies several changes, without those whose items an earlier one removed. */
const several: fc.Arbitrary<Change> = fc
  .array(fc.oneof(alter, removeAny, insert, swap), { minLength: 2, maxLength: 4 })
  .map((changes) => (items, ids) => {
    let changed = items;
    for (const change of changes) {
      try {
        changed = change(changed, ids);
      } catch {
        // The item was removed before.
      }
    }
    return changed;
  });

export const RANDOM_TAMPERINGS: readonly (readonly [name: string, change: fc.Arbitrary<Change>, runs: number])[] = [
  ["changes a letter or a digit", alter, 40],
  ["removes an item", removeAny, 15],
  ["inserts a snapshot", insert, 15],
  ["swaps two items", swap, 25],
  ["combines several kinds", several, 30],
];
