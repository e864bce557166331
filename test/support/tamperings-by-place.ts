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

export const PUT_IN: Tampering[] = [
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

export const REORDERED: Tampering[] = [
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

export const IN_PARTS: Tampering[] = [
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
