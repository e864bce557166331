import fc from "fast-check";
import {
  entriesOf,
  entryFor,
  eventsOf,
  type Items,
  moved,
  nth,
  put,
  type RawItem,
  rechained,
  rehashed,
  remove,
  resealed,
  richer,
  snapshotsOf,
} from "../support/tampering.ts";

// Random changes by someone with write access to a table of two accounts with a snapshot for each of six hours.

/** Changes the items of a table. */
export type Change = (items: Items, ids: readonly string[]) => Items;

/**
 * What reveals a change, as docs/verify.md states: `table`: verify. `head`: verify, only with a head that was kept before.
 * `nothing`: neither, because the catalog is not in the chain.
 */
export type RevealedBy = "table" | "head" | "nothing";

export const HOURS = 6;

/** The index of an account. */
const account = fc.nat({ max: 1 });
const kind = fc.constantFrom(snapshotsOf, entriesOf);
const number = fc.integer({ min: 1, max: HOURS });
/** All snapshots but the newest have a next one, so that their entries are due. */
const older = fc.integer({ min: 1, max: HOURS - 1 });

const idOf = (ids: readonly string[], index: number) => ids[index] ?? "";

/** Picks a snapshot or an entry. */
const anyItem = fc.record({ account, kind, number }).map(
  ({ account, kind, number }) =>
    (items: Items, ids: readonly string[]) =>
      nth(kind(items, idOf(ids, account)), number),
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

/** Drops an attribute that is not a key. */
const drop: fc.Arbitrary<Change> = fc
  .record({ pick: anyItem, which: fc.nat() })
  .map(({ pick, which }) => (items, ids) => {
    const item = pick(items, ids);
    const names = Object.keys(item).filter((name) => name !== "account" && name !== "slot");
    const dropped = names[which % names.length];
    return put(items, Object.fromEntries(Object.entries(item).filter(([name]) => name !== dropped)));
  });

const removeOlder: fc.Arbitrary<Change> = fc.record({ account, kind, number: older }).map(
  ({ account, kind, number }) =>
    (items, ids) =>
      remove(items, nth(kind(items, idOf(ids, account)), number)),
);

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
    const item = nth(snapshotsOf(items, idOf(ids, from)), number);
    const slot = { S: (item["slot"]?.S ?? "").replace(":00:00.000Z", `:${String(minute).padStart(2, "0")}:00.000Z`) };
    return put(items, sealedIf(seal, { ...item, account: { S: idOf(ids, account) }, slot }));
  });

/** Swaps two snapshots or two entries, within an account or between two accounts. */
const swap: fc.Arbitrary<Change> = fc
  .record({ kind, a: account, b: account, one: number, other: number, seal: fc.boolean() })
  .map(({ kind, a, b, one, other, seal }) => (items, ids) => {
    const [first, second] = [nth(kind(items, idOf(ids, a)), one), nth(kind(items, idOf(ids, b)), other)];
    return put(items, sealedIf(seal, moved(first, second)), sealedIf(seal, moved(second, first)));
  });

/** Replaces the nth snapshot, and recalculates its digest, its entry and all later ones. */
function rewritten(items: Items, id: string, n: number, snapshot: RawItem): Items {
  const sealed = resealed(snapshot);
  const entries = entriesOf(items, id).map((entry, at) => (at === n - 1 ? entryFor(sealed, entry) : entry));
  return put(items, sealed, ...rechained(entries, n));
}

/** Alters an amount and rewrites the chain. */
const rewrite: fc.Arbitrary<Change> = fc.record({ account, number }).map(({ account, number }) => (items, ids) => {
  const id = idOf(ids, account);
  return rewritten(items, id, number, richer(nth(snapshotsOf(items, id), number)));
});

const newest = (items: Items, count: number) => items.slice(items.length - count);

/** Removes the newest snapshots with their entries. */
const cut: fc.Arbitrary<Change> = fc.record({ account, count: older }).map(({ account, count }) => (items, ids) => {
  const id = idOf(ids, account);
  return remove(items, ...newest(snapshotsOf(items, id), count), ...newest(entriesOf(items, id), count));
});

/** Removes two or more of the newest entries, and perhaps alters a snapshot of them. */
const unchain: fc.Arbitrary<Change> = fc
  .record({ account, count: fc.integer({ min: 2, max: HOURS }), altered: fc.boolean() })
  .map(({ account, count, altered }) => (items, ids) => {
    const id = idOf(ids, account);
    const [first] = newest(snapshotsOf(items, id), count);
    const without = remove(items, ...newest(entriesOf(items, id), count));
    return altered && first ? put(without, resealed(richer(first))) : without;
  });

/** Removes the newest entry, and perhaps alters its snapshot. */
const unchainNewest: fc.Arbitrary<Change> = fc
  .record({ account, altered: fc.boolean() })
  .map(({ account, altered }) => (items, ids) => {
    const id = idOf(ids, account);
    const without = remove(items, nth(entriesOf(items, id), HOURS));
    return altered ? put(without, resealed(richer(nth(snapshotsOf(items, id), HOURS)))) : without;
  });

const erase: fc.Arbitrary<Change> = account.map(
  (account) => (items, ids) => items.filter((item) => !JSON.stringify(item).includes(idOf(ids, account))),
);

/** Returns an event with the slot of a snapshot. */
function eventOf(items: Items, id: string, event: "start" | "end", n: number): RawItem {
  const { slot, completedAt } = nth(snapshotsOf(items, id), n);
  return {
    ...{ account: { S: "catalog" }, slot: { S: `${id} ${slot?.S} ${event}` } },
    at: { S: completedAt?.S ?? "" },
  };
}

const from = fc.integer({ min: 2, max: HOURS - 2 });

/** Ends an account before its newest snapshots. */
const end: fc.Arbitrary<Change> = fc.record({ account, from }).map(
  ({ account, from }) =>
    (items, ids) =>
      put(items, eventOf(items, idOf(ids, account), "end", from)),
);

const inTable = fc.oneof(alter, drop, removeOlder, insert, swap, unchain);

/** Applies several changes, without those whose items an earlier one removed. */
const several: fc.Arbitrary<Change> = fc
  .array(fc.oneof(inTable, rewrite, cut, unchainNewest), { minLength: 2, maxLength: 4 })
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

interface RandomTampering {
  readonly name: string;
  readonly change: fc.Arbitrary<Change>;
  readonly cases: number;
  readonly revealedBy: RevealedBy;
  /** What reveals it after the job has run again. Default: the same. */
  readonly later?: RevealedBy;
}

export const RANDOM_TAMPERINGS: readonly RandomTampering[] = [
  { name: "changes a letter or a digit", change: alter, cases: 25, revealedBy: "table" },
  { name: "drops an attribute", change: drop, cases: 20, revealedBy: "table" },
  { name: "removes a snapshot or an entry, except the newest", change: removeOlder, cases: 15, revealedBy: "table" },
  { name: "inserts a snapshot", change: insert, cases: 15, revealedBy: "table" },
  { name: "swaps two items", change: swap, cases: 25, revealedBy: "table" },
  { name: "removes two or more of the newest entries", change: unchain, cases: 15, revealedBy: "table" },
  // The next run starts the account again, with its first snapshot after the end.
  { name: "ends an account early", change: end, cases: 10, revealedBy: "table", later: "nothing" },
  { name: "rewrites the chain", change: rewrite, cases: 15, revealedBy: "head" },
  { name: "cuts off the newest snapshots", change: cut, cases: 15, revealedBy: "head" },
  { name: "removes the newest entry", change: unchainNewest, cases: 8, revealedBy: "head" },
  { name: "erases an account", change: erase, cases: 4, revealedBy: "head" },
  { name: "combines several kinds", change: several, cases: 30, revealedBy: "head" },
];

/** Removes an account from the catalog. The next run registers it again. */
export const uncatalogued: fc.Arbitrary<Change> = account.map(
  (account) => (items, ids) => remove(items, ...eventsOf(items, idOf(ids, account))),
);
