import { nth, partsOf, put, remove, snapshotsOf, type Tampering, tampering } from "./tampering.ts";

/** Applied to an account whose first snapshot is in parts. */
export const TAMPERINGS_OF_PARTS: readonly Tampering[] = [
  tampering(
    "a part is altered",
    (items, { large }) => {
      const part = nth(partsOf(items, large), 2);
      const [[symbol = ""] = []] = Object.entries(part["balances"]?.M ?? {});
      return put(items, { ...part, balances: { M: { ...part["balances"]?.M, [symbol]: { S: "1" } } } });
    },
    ["snapshot_altered 1"],
  ),
  tampering(
    "an asset is in two parts",
    (items, { large }) => {
      const [first, second] = [nth(partsOf(items, large), 1), nth(partsOf(items, large), 2)];
      const [[symbol = "", amounts = {}] = []] = Object.entries(first["balances"]?.M ?? {});
      return put(items, {
        ...second,
        balances: { M: { ...second["balances"]?.M, [symbol]: amounts as { S: string } } },
      });
    },
    ["snapshot_unreadable 1"],
  ),
  tampering("a part is removed", (items, { large }) => remove(items, nth(partsOf(items, large), 2)), [
    "snapshot_unreadable 1",
  ]),
  tampering(
    "a part exists twice",
    (items, { large }) => {
      const part = nth(partsOf(items, large), 2);
      return put(items, { ...part, slot: { S: part["slot"]?.S?.replace(/\d$/, "9") ?? "" } });
    },
    ["snapshot_unreadable 1"],
  ),
  tampering(
    "a part is removed and the number of parts adjusted",
    (items, { large }) => {
      const parts = partsOf(items, large);
      const snapshot = nth(snapshotsOf(items, large), 1);
      return put(remove(items, nth(parts, 2)), { ...snapshot, parts: { N: String(parts.length - 1) } });
    },
    ["snapshot_altered 1"],
  ),
  tampering(
    "a snapshot in parts gets balances in its own item",
    (items, { large }) => put(items, { ...nth(snapshotsOf(items, large), 1), balances: { M: {} } }),
    ["snapshot_unreadable 1"],
  ),
];
