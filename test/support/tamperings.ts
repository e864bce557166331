import {
  appended,
  between,
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
  type Tampering,
  tampering,
} from "./tampering.ts";

// Every kind of tampering that docs/verify.md names, except of parts.

/** Replaces the third snapshot. */
const thirdSnapshot =
  (change: (snapshot: RawItem) => RawItem): Tampering["tamper"] =>
  (items, { one }) =>
    put(items, change(nth(snapshotsOf(items, one), 3)));

/** Replaces the third entry. */
const thirdEntry =
  (change: (entry: RawItem) => RawItem): Tampering["tamper"] =>
  (items, { one }) =>
    put(items, change(nth(entriesOf(items, one), 3)));

/** Inserts a snapshot between the third and the fourth, and an entry for it. */
const inserted =
  (entryOf: (snapshot: RawItem, entries: Items) => RawItem): Tampering["tamper"] =>
  (items, { one }) => {
    const snapshot = between(nth(snapshotsOf(items, one), 3));
    return put(items, snapshot, entryOf(snapshot, entriesOf(items, one)));
  };

/** Ends an account, and perhaps starts it again, with given snapshots. */
const hidden =
  (from: number, to?: number): Tampering["tamper"] =>
  (items, { one }) => {
    const event = (kind: "end" | "start", n: number): RawItem => {
      const { slot, completedAt } = nth(snapshotsOf(items, one), n);
      const at = { S: (kind === "end" ? slot : completedAt)?.S ?? "" };
      return { account: { S: "catalog" }, slot: { S: `${one} ${slot?.S} ${kind}` }, at, reason: { S: "Closed." } };
    };
    return put(items, event("end", from), ...(to === undefined ? [] : [event("start", to)]));
  };

function without(item: RawItem, name: string): RawItem {
  return Object.fromEntries(Object.entries(item).filter(([attribute]) => attribute !== name));
}

type Change = [name: string, change: (item: RawItem) => RawItem, code: string];

/** Changes of the third snapshot. */
const SNAPSHOT_CHANGES: Change[] = [
  ["an amount is altered", richer, "snapshot_altered"],
  ["an amount is altered and the snapshot's digest recalculated", (item) => resealed(richer(item)), "snapshot_altered"],
  ["an attribute is added to a snapshot", (item) => ({ ...item, note: { S: "audited" } }), "snapshot_altered"],
  ["a snapshot's digest is altered", (item) => ({ ...item, digest: { S: "0".repeat(64) } }), "snapshot_altered"],
  ["a snapshot loses its digest", (item) => without(item, "digest"), "snapshot_unreadable"],
  ["a snapshot is set to expire", (item) => ({ ...item, expiresAt: { N: "1900000000" } }), "expiry_changed"],
  ["a snapshot loses its balances", (item) => without(item, "balances"), "snapshot_unreadable"],
  [
    "an attribute of an unknown type is added to a snapshot",
    (item) => ({ ...item, audited: { BOOL: true } }),
    "snapshot_unreadable",
  ],
  ["a snapshot has an unknown status", (item) => ({ ...item, status: { S: "perfect" } }), "snapshot_unreadable"],
  ["a snapshot is turned into a failed attempt", (item) => ({ ...item, status: { S: "failed" } }), "snapshot_removed"],
];

/** Changes of the third entry. */
const ENTRY_CHANGES: Change[] = [
  ["an attribute is added to an entry", (item) => ({ ...item, expiresAt: { N: "1900000000" } }), "entry_altered"],
];

const ALTERED: Tampering[] = [
  ...SNAPSHOT_CHANGES.map(([name, change, code]) => tampering(name, thirdSnapshot(change), [`${code} 3`])),
  ...ENTRY_CHANGES.map(([name, change, code]) => tampering(name, thirdEntry(change), [`${code} 3`])),
  tampering(
    "an amount is altered, and the snapshot's digest and its entry recalculated",
    (items, { one }) => {
      const snapshot = resealed(richer(nth(snapshotsOf(items, one), 3)));
      return put(items, snapshot, entryFor(snapshot, nth(entriesOf(items, one), 3)));
    },
    ["chain_broken 4"],
  ),
  tampering(
    "an amount is altered, and its entry and all later entries recalculated",
    (items, { one }) => {
      const snapshot = resealed(richer(nth(snapshotsOf(items, one), 3)));
      const entries = entriesOf(items, one);
      const forged = entries.map((entry, at) => (at === 2 ? entryFor(snapshot, entry) : entry));
      return put(items, snapshot, ...rechained(forged, 3));
    },
    [],
    ["anchor_differs 6"],
  ),
  tampering(
    "an entry's hash is altered",
    thirdEntry((entry) => ({ ...entry, hash: { S: "0".repeat(64) } })),
    ["entry_altered 3", "chain_broken 4"],
  ),
  tampering(
    "an entry loses its digest",
    thirdEntry((entry) => without(entry, "digest")),
    ["entry_unreadable 3", "snapshot_not_in_chain 3"],
  ),
];

const REMOVED: Tampering[] = [
  tampering("a snapshot is removed", (items, { one }) => remove(items, nth(snapshotsOf(items, one), 3)), [
    "snapshot_removed 3",
  ]),
  tampering("an entry is removed", (items, { one }) => remove(items, nth(entriesOf(items, one), 3)), [
    "entry_missing 3",
    "snapshot_not_in_chain 3",
  ]),
  tampering(
    "a snapshot is removed with its entry",
    (items, { one }) => remove(items, nth(snapshotsOf(items, one), 3), nth(entriesOf(items, one), 3)),
    ["entry_missing 3"],
  ),
  tampering(
    "the first two snapshots are removed with their entries",
    (items, { one }) => remove(items, ...snapshotsOf(items, one).slice(0, 2), ...entriesOf(items, one).slice(0, 2)),
    ["entry_missing 1", "account_differs -"],
  ),
  tampering(
    "the last three snapshots are removed with their entries",
    (items, { one }) => remove(items, ...snapshotsOf(items, one).slice(3), ...entriesOf(items, one).slice(3)),
    [],
    ["anchor_missing 6"],
  ),
  tampering(
    "the last three entries are removed",
    (items, { one }) => remove(items, ...entriesOf(items, one).slice(3)),
    ["not_chained 4", "not_chained_yet 6"],
    ["anchor_missing 6"],
  ),
  tampering(
    "the whole chain is removed",
    (items, { one }) => remove(items, ...entriesOf(items, one)),
    ["not_chained 1", "not_chained_yet 6"],
    ["anchor_missing 6"],
  ),
  tampering(
    "an account is removed with all its items",
    (items, { one }) => items.filter((item) => !JSON.stringify(item).includes(one)),
    [],
    ["anchor_missing 6"],
  ),
];

const INSERTED: Tampering[] = [
  tampering("a snapshot is inserted", (items, { one }) => put(items, between(nth(snapshotsOf(items, one), 3))), [
    "snapshot_not_in_chain 4",
  ]),
  tampering(
    "a snapshot is inserted and appended to the chain",
    inserted((snapshot, entries) => appended(entries, snapshot)),
    ["chained_late 7"],
  ),
  tampering(
    "a snapshot is inserted and appended to the chain with a new time of capture",
    inserted((snapshot, entries) =>
      rehashed({ ...appended(entries, snapshot), capturedAt: { S: "2026-11-01T06:00:00.000Z" } }),
    ),
    ["entry_altered 7", "chained_late 7"],
  ),
  tampering(
    "a gap is filled later, with the current time, and appended to the chain",
    (items, { one }) => {
      const now = { S: "2026-11-01T06:30:00.000Z" };
      const snapshot = resealed({ ...between(nth(snapshotsOf(items, one), 3)), capturedAt: now, completedAt: now });
      return put(items, snapshot, appended(entriesOf(items, one), snapshot));
    },
    ["completed_outside_window 7"],
  ),
  tampering(
    "a snapshot is altered and appended to the chain again",
    (items, { one }) => {
      const snapshot = resealed(richer(nth(snapshotsOf(items, one), 3)));
      return put(items, snapshot, appended(entriesOf(items, one), snapshot));
    },
    ["chained_twice 7", "snapshot_altered 3"],
  ),
  tampering(
    "an item that is not an entry is inserted into the chain",
    thirdEntry((entry) => ({ ...entry, slot: { S: "3" } })),
    ["entry_unreadable -"],
  ),
];

const REORDERED: Tampering[] = [
  tampering(
    "two entries are swapped",
    (items, { one }) => {
      const [third, fourth] = [nth(entriesOf(items, one), 3), nth(entriesOf(items, one), 4)];
      return put(items, moved(third, fourth), moved(fourth, third));
    },
    ["entry_altered 3", "entry_altered 4", "chain_broken 3", "chain_broken 4", "chain_broken 5"],
  ),
  tampering(
    "the chain starts with a reference to an earlier entry",
    (items, { one }) => {
      const [first, ...others] = entriesOf(items, one);
      return put(items, ...rechained([rehashed({ ...first, previous: { S: "1".repeat(64) } }), ...others], 2));
    },
    ["chain_broken 1"],
    ["anchor_differs 6"],
  ),
  tampering(
    "a snapshot is replaced by another account's",
    (items, { one, other }) => put(items, moved(nth(snapshotsOf(items, other), 3), nth(snapshotsOf(items, one), 3))),
    ["snapshot_altered 3"],
  ),
];

const CATALOG: Tampering[] = [
  tampering(
    "an account is removed from the catalog",
    (items, { one }) => remove(items, ...eventsOf(items, one)),
    [],
    ["account_differs 1"],
  ),
  tampering("an end of an account is inserted", hidden(3), ["account_differs 3"]),
  tampering("an end and a later start of an account are inserted", hidden(2, 5), ["account_differs 2"]),
  tampering(
    "an account is removed, except from the catalog",
    (items, { one }) => remove(items, ...snapshotsOf(items, one), ...entriesOf(items, one)),
    ["account_differs -"],
    ["anchor_missing 6"],
  ),
];

/** Applied to two accounts with six snapshots each. */
export const TAMPERINGS: readonly Tampering[] = [...ALTERED, ...REMOVED, ...INSERTED, ...REORDERED, ...CATALOG];
