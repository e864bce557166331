import {
  appended,
  between,
  entering,
  entriesOf,
  moved,
  nth,
  partsOf,
  put,
  rechained,
  rehashed,
  remove,
  resealed,
  richer,
  snapshotsOf,
  type Tampering,
} from "./tampering.ts";

const ALTERED: Tampering[] = [
  {
    name: "an amount is altered",
    tamper: (items, { one }) => put(items, richer(nth(snapshotsOf(items, one), 3))),
    found: ["snapshot_altered 3"],
  },
  {
    name: "an amount is altered, and the snapshot's own digest made to fit",
    tamper: (items, { one }) => put(items, resealed(richer(nth(snapshotsOf(items, one), 3)))),
    found: ["snapshot_altered 3"],
  },
  {
    name: "an amount is altered, and own digest and entry made to fit",
    tamper: (items, { one }) => {
      const snapshot = resealed(richer(nth(snapshotsOf(items, one), 3)));
      return put(items, snapshot, entering(snapshot, nth(entriesOf(items, one), 3)));
    },
    found: ["chain_broken 4"],
  },
  {
    name: "an amount is altered, and the whole chain since made to fit",
    tamper: (items, { one }) => {
      const snapshot = resealed(richer(nth(snapshotsOf(items, one), 3)));
      const entries = entriesOf(items, one);
      const forged = entries.map((entry, at) => (at === 2 ? entering(snapshot, entry) : entry));
      return put(items, snapshot, ...rechained(forged, 3));
    },
    found: [],
    anchored: ["anchor_differs 6"],
  },
  {
    name: "an attribute is added to a snapshot",
    tamper: (items, { one }) => put(items, { ...nth(snapshotsOf(items, one), 3), note: { S: "audited" } }),
    found: ["snapshot_altered 3"],
  },
  {
    name: "a snapshot's own digest is altered",
    tamper: (items, { one }) => put(items, { ...nth(snapshotsOf(items, one), 3), digest: { S: "0".repeat(64) } }),
    found: ["snapshot_altered 3"],
  },
  {
    name: "a snapshot is set to expire",
    tamper: (items, { one }) => put(items, { ...nth(snapshotsOf(items, one), 3), expiresAt: { N: "1900000000" } }),
    found: ["expiry_changed 3"],
  },
  {
    name: "a snapshot loses its balances",
    tamper: (items, { one }) => {
      const { balances: _, ...rest } = nth(snapshotsOf(items, one), 3);
      return put(items, rest);
    },
    found: ["snapshot_unreadable 3"],
  },
  {
    name: "a number in a snapshot is no whole one",
    tamper: (items, { one }) => put(items, { ...nth(snapshotsOf(items, one), 3), pages: { N: "1.5" } }),
    found: ["snapshot_unreadable 3"],
  },
  {
    name: "an attribute of a kind that is never written is added to a snapshot",
    tamper: (items, { one }) => put(items, { ...nth(snapshotsOf(items, one), 3), audited: { BOOL: true } }),
    found: ["snapshot_unreadable 3"],
  },
  {
    name: "a snapshot's state is none that there is",
    tamper: (items, { one }) => put(items, { ...nth(snapshotsOf(items, one), 3), status: { S: "perfect" } }),
    found: ["snapshot_unreadable 3"],
  },
  {
    name: "an entry's digest is altered",
    tamper: (items, { one }) => put(items, { ...nth(entriesOf(items, one), 3), digest: { S: "0".repeat(64) } }),
    found: ["entry_altered 3"],
  },
  {
    name: "an entry's hash is altered",
    tamper: (items, { one }) => put(items, { ...nth(entriesOf(items, one), 3), hash: { S: "0".repeat(64) } }),
    found: ["entry_altered 3", "chain_broken 4"],
  },
  {
    name: "an attribute is added to an entry",
    tamper: (items, { one }) => put(items, { ...nth(entriesOf(items, one), 3), expiresAt: { N: "1900000000" } }),
    found: ["entry_altered 3"],
  },
  {
    name: "an entry loses its digest",
    tamper: (items, { one }) => {
      const { digest: _, ...rest } = nth(entriesOf(items, one), 3);
      return put(items, rest);
    },
    found: ["entry_unreadable 3", "snapshot_not_in_chain 3"],
  },
  {
    name: "the last entry tells another time of capture",
    tamper: (items, { one }) => {
      const entry = nth(entriesOf(items, one), 6);
      return put(items, rehashed({ ...entry, capturedAt: { S: "2026-11-01T05:00:59.000Z" } }));
    },
    found: ["entry_altered 6"],
    anchored: ["anchor_differs 6"],
  },
];

const REMOVED: Tampering[] = [
  {
    name: "a snapshot is removed",
    tamper: (items, { one }) => remove(items, nth(snapshotsOf(items, one), 3)),
    found: ["snapshot_removed 3"],
  },
  {
    name: "a snapshot is made a failed attempt",
    tamper: (items, { one }) => put(items, { ...nth(snapshotsOf(items, one), 3), status: { S: "failed" } }),
    found: ["snapshot_removed 3"],
  },
  {
    name: "an entry is removed",
    tamper: (items, { one }) => remove(items, nth(entriesOf(items, one), 3)),
    found: ["entry_missing 3", "snapshot_not_in_chain 3"],
  },
  {
    name: "a snapshot is removed with its entry",
    tamper: (items, { one }) => remove(items, nth(snapshotsOf(items, one), 3), nth(entriesOf(items, one), 3)),
    found: ["entry_missing 3"],
  },
  {
    name: "the first two snapshots are removed with their entries",
    tamper: (items, { one }) =>
      remove(items, ...snapshotsOf(items, one).slice(0, 2), ...entriesOf(items, one).slice(0, 2)),
    found: ["entry_missing 1"],
  },
  {
    name: "the last three snapshots are removed",
    tamper: (items, { one }) => remove(items, ...snapshotsOf(items, one).slice(3)),
    found: ["snapshot_removed 4", "snapshot_removed 5", "snapshot_removed 6"],
  },
  {
    name: "the last three snapshots are removed with their entries",
    tamper: (items, { one }) => remove(items, ...snapshotsOf(items, one).slice(3), ...entriesOf(items, one).slice(3)),
    found: [],
    anchored: ["anchor_missing 6"],
  },
  {
    name: "the last three entries are removed",
    tamper: (items, { one }) => remove(items, ...entriesOf(items, one).slice(3)),
    found: ["not_chained 4", "not_chained_yet 5"],
    anchored: ["anchor_missing 6"],
  },
  {
    name: "the whole chain is removed",
    tamper: (items, { one }) => remove(items, ...entriesOf(items, one)),
    found: ["not_chained 1", "not_chained_yet 5"],
    anchored: ["anchor_missing 6"],
  },
  {
    name: "an account is removed, and nothing of it left",
    tamper: (items, { one }) => items.filter((item) => !JSON.stringify(item).includes(one)),
    found: [],
    anchored: ["anchor_missing 6"],
  },
];

const PUT_IN: Tampering[] = [
  {
    name: "a snapshot is put in",
    tamper: (items, { one }) => put(items, between(nth(snapshotsOf(items, one), 3))),
    found: ["snapshot_not_in_chain 4"],
  },
  {
    name: "a snapshot is put in, and entered at the end of the chain",
    tamper: (items, { one }) => {
      const snapshot = between(nth(snapshotsOf(items, one), 3));
      return put(items, snapshot, appended(entriesOf(items, one), snapshot));
    },
    found: ["chained_late 7"],
  },
  {
    name: "a snapshot is put in, and entered at the end of the chain as if it were new",
    tamper: (items, { one }) => {
      const snapshot = between(nth(snapshotsOf(items, one), 3));
      const entry = appended(entriesOf(items, one), snapshot);
      return put(items, snapshot, rehashed({ ...entry, capturedAt: { S: "2026-11-01T06:00:00.000Z" } }));
    },
    found: ["entry_altered 7"],
  },
  {
    name: "a snapshot is put in, and entered in the place of another",
    tamper: (items, { one }) => {
      const snapshot = between(nth(snapshotsOf(items, one), 3));
      return put(items, snapshot, entering(snapshot, nth(entriesOf(items, one), 4)));
    },
    found: ["chain_broken 5", "snapshot_not_in_chain 5"],
  },
  {
    name: "a snapshot is altered, and entered once more",
    tamper: (items, { one }) => {
      const snapshot = resealed(richer(nth(snapshotsOf(items, one), 3)));
      return put(items, snapshot, appended(entriesOf(items, one), snapshot));
    },
    found: ["chained_twice 7", "snapshot_altered 3"],
  },
  {
    name: "something that is no entry is put into the chain",
    tamper: (items, { one }) => put(items, { ...nth(entriesOf(items, one), 3), slot: { S: "3" } }),
    found: ["entry_unreadable -"],
  },
];

const REORDERED: Tampering[] = [
  {
    name: "two snapshots change places",
    tamper: (items, { one }) => {
      const [third, fourth] = [nth(snapshotsOf(items, one), 3), nth(snapshotsOf(items, one), 4)];
      return put(items, resealed(moved(third, fourth)), resealed(moved(fourth, third)));
    },
    found: ["snapshot_altered 3", "snapshot_altered 4"],
  },
  {
    name: "two entries change places",
    tamper: (items, { one }) => {
      const [third, fourth] = [nth(entriesOf(items, one), 3), nth(entriesOf(items, one), 4)];
      return put(items, moved(third, fourth), moved(fourth, third));
    },
    found: ["entry_altered 3", "entry_altered 4", "chain_broken 3", "chain_broken 4", "chain_broken 5"],
  },
  {
    name: "two entries change places, and their hashes are made to fit",
    tamper: (items, { one }) => {
      const [third, fourth] = [nth(entriesOf(items, one), 3), nth(entriesOf(items, one), 4)];
      const entries = [...entriesOf(items, one)];
      entries.splice(2, 2, moved(fourth, third), moved(third, fourth));
      return put(items, ...rechained(entries, 3).slice(0, 4));
    },
    found: ["chain_broken 5"],
  },
  {
    name: "the chain is made to follow an entry that never was",
    tamper: (items, { one }) => {
      const [first, ...others] = entriesOf(items, one);
      return put(items, ...rechained([rehashed({ ...first, previous: { S: "1".repeat(64) } }), ...others], 2));
    },
    found: ["chain_broken 1"],
    anchored: ["anchor_differs 6"],
  },
  {
    name: "a snapshot is put in the place of another account's",
    tamper: (items, { one, other }) =>
      put(items, moved(nth(snapshotsOf(items, other), 3), nth(snapshotsOf(items, one), 3))),
    found: ["snapshot_altered 3"],
  },
  {
    name: "an entry is put in the place of another account's",
    tamper: (items, { one, other }) =>
      put(items, moved(nth(entriesOf(items, other), 3), nth(entriesOf(items, one), 3))),
    found: ["entry_altered 3", "chain_broken 3", "chain_broken 4"],
  },
  {
    name: "an account's whole chain is put in the place of another's",
    tamper: (items, { one, other }) => {
      const target = entriesOf(items, one);
      return put(items, ...entriesOf(items, other).map((entry, at) => moved(entry, nth(target, at + 1))));
    },
    found: [1, 2, 3, 4, 5, 6].map((sequence) => `entry_altered ${sequence}`),
    anchored: ["anchor_differs 6"],
  },
];

const IN_PARTS: Tampering[] = [
  {
    name: "a part is altered",
    tamper: (items, { large }) => {
      const part = nth(partsOf(items, large), 2);
      const [[symbol = ""] = []] = Object.entries(part["balances"]?.M ?? {});
      return put(items, { ...part, balances: { M: { ...part["balances"]?.M, [symbol]: { S: "1" } } } });
    },
    found: ["snapshot_altered 1"],
  },
  {
    name: "an asset is taken out of a part",
    tamper: (items, { large }) => {
      const part = nth(partsOf(items, large), 2);
      const [, ...kept] = Object.entries(part["balances"]?.M ?? {});
      return put(items, { ...part, balances: { M: Object.fromEntries(kept) } });
    },
    found: ["snapshot_altered 1"],
  },
  {
    name: "an asset is in two parts",
    tamper: (items, { large }) => {
      const [first, second] = [nth(partsOf(items, large), 1), nth(partsOf(items, large), 2)];
      const [[symbol = "", amounts = {}] = []] = Object.entries(first["balances"]?.M ?? {});
      return put(items, {
        ...second,
        balances: { M: { ...second["balances"]?.M, [symbol]: amounts as { S: string } } },
      });
    },
    found: ["snapshot_unreadable 1"],
  },
  {
    name: "a part is removed",
    tamper: (items, { large }) => remove(items, nth(partsOf(items, large), 2)),
    found: ["snapshot_unreadable 1"],
  },
  {
    name: "a part is there twice",
    tamper: (items, { large }) => {
      const part = nth(partsOf(items, large), 2);
      return put(items, { ...part, slot: { S: part["slot"]?.S?.replace(/\d$/, "9") ?? "" } });
    },
    found: ["snapshot_unreadable 1"],
  },
  {
    name: "a part is removed, and the snapshot says so",
    tamper: (items, { large }) => {
      const parts = partsOf(items, large);
      const snapshot = nth(snapshotsOf(items, large), 1);
      return put(remove(items, nth(parts, 2)), { ...snapshot, parts: { N: String(parts.length - 1) } });
    },
    found: ["snapshot_altered 1"],
  },
  {
    name: "a snapshot in parts gets balances of its own",
    tamper: (items, { large }) => put(items, { ...nth(snapshotsOf(items, large), 1), balances: { M: {} } }),
    found: ["snapshot_unreadable 1"],
  },
];

/** Each way to tamper that there is a name for, on such histories as `tampering.ts` tells. */
export const TAMPERINGS: readonly Tampering[] = [...ALTERED, ...REMOVED, ...PUT_IN, ...REORDERED];
export const TAMPERINGS_OF_PARTS: readonly Tampering[] = IN_PARTS;
