import {
  entering,
  entriesOf,
  nth,
  put,
  rechained,
  rehashed,
  remove,
  resealed,
  richer,
  snapshotsOf,
  type Tampering,
} from "./tampering.ts";
import { IN_PARTS, PUT_IN, REORDERED } from "./tamperings-by-place.ts";

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

/** Each way to tamper that there is a name for, on such histories as `tampering.ts` tells. */
export const TAMPERINGS: readonly Tampering[] = [...ALTERED, ...REMOVED, ...PUT_IN, ...REORDERED];
export const TAMPERINGS_OF_PARTS: readonly Tampering[] = IN_PARTS;
