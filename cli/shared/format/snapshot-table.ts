import type { Asset } from "../../../core/domain/balance.ts";
import { slotAt } from "../../../core/domain/slot.ts";
import { assetName, possibleAssets, type Snapshot } from "../../../core/domain/snapshot.ts";
import { printable } from "../../../core/domain/untrusted-text.ts";
import { type BalanceRow, balanceRows } from "../../../core/history/balance-rows.ts";
import { unpricedAssets } from "../../../core/history/total-rows.ts";
import { counted, duration } from "../counted.ts";
import { localTime } from "../date-time.ts";
import type { Column } from "./layout.ts";
import { withoutZeroMilliseconds } from "./row-table.ts";
import { NO_VALUE, nameText, textTable } from "./table.ts";
import { wrapFacts, wrapWords } from "./wrap.ts";

export interface SnapshotView {
  /** Of the values. */
  readonly denomination: string;
  /** The catalog's descriptions, by symbol. */
  readonly assets: ReadonlyMap<string, Asset>;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The time that the snapshot was queried for, milliseconds since 1970; default: now. */
  readonly asOf?: number | undefined;
  /** IANA name of the time zone of all times. Default: UTC. */
  readonly timezone?: string;
  /** The account's name at the time of the snapshot; `undefined`: it has none. */
  readonly name?: string | undefined;
  /** The API key that served the account then; `undefined`: unknown, or it has no name. */
  readonly key?: string | undefined;
  /** The columns that a line may take. */
  readonly maxWidth?: number;
}

/** Returns a snapshot as text: its slot and capture, a table of balances, the total, and the assets without a price. */
export function snapshotTable(snapshot: Snapshot, view: SnapshotView): string {
  const { accountId, slot, capturedAt, completedAt, pages, consistency } = snapshot;
  const { asOf, now, timezone = "UTC", maxWidth, name, key } = view;
  const time = (instant: string) => withoutZeroMilliseconds(localTime(instant, timezone));
  const age = duration((asOf ?? now) - Date.parse(capturedAt));
  const capture = `captured ${time(capturedAt)} (${age} ${asOf === undefined ? "ago" : "earlier"})`;
  const isLong = Date.parse(completedAt) - Date.parse(capturedAt) >= 1000;
  const completion = isLong ? [`completed ${time(completedAt)}`] : [];
  const walk = [counted(pages, "page"), `walk ${consistency}`];
  const warning = snapshot.altered ? ["ALTERED: does not match its digest"] : [];
  const service = key === undefined ? [] : [`key ${printable(key)}`];
  const facts = [`slot ${time(slot)}`, capture, ...completion, ...walk, ...service, ...warning];
  const account = name === undefined ? accountId : `${nameText(name)}, ${accountId}`;
  const isEmpty = possibleAssets(snapshot) === 0;
  const below = [
    isEmpty ? "no holdings" : totalLine(snapshot, view),
    ...[unsettledLine(snapshot), hiddenLine(snapshot)].flat(),
  ];
  const parts = [
    [
      wrapWords(`${account}${asOf === undefined ? "" : ` at ${time(slotAt(asOf))}`}`, maxWidth),
      wrapFacts(facts, maxWidth),
    ].join("\n"),
    ...(isEmpty ? [] : [balancesTable(snapshot, view)]),
    below.map((line) => wrapWords(line, maxWidth)).join("\n"),
  ];
  return parts.join("\n\n");
}

function balancesTable(snapshot: Snapshot, { denomination, assets, maxWidth }: SnapshotView): string {
  const rows = balanceRows(snapshot, denomination);
  const column = (
    title: string,
    text: (row: BalanceRow) => string,
    shown: Pick<Column, "kind" | "drop"> = {},
  ): Column => {
    return { title, ...shown, cells: rows.map(text) };
  };
  const columns = [
    column("asset", ({ asset }) => asset),
    column("name", ({ asset }) => assetName(snapshot, assets, asset) ?? "", { kind: "name", drop: 1 }),
    column("total", ({ total }) => total, { kind: "decimal" }),
    column("on hold", ({ hold }) => (isZero(hold) ? "" : hold), { kind: "decimal", drop: 2 }),
    column(`value ${denomination}`, ({ values }) => values[denomination]?.total ?? NO_VALUE, { kind: "decimal" }),
  ];
  return textTable(columns, maxWidth);
}

function totalLine(snapshot: Snapshot, { denomination }: SnapshotView): string {
  const total = snapshot.totals.get(denomination);
  if (total === undefined) return `no asset has a value in ${denomination}`;
  const unpriced = unpricedAssets(snapshot, denomination);
  const withoutPrice = unpriced.length === 0 ? "" : `; without a price: ${listed(unpriced)}`;
  return `total ${total.total} ${denomination}, covers ${total.covers} of ${total.of} assets${withoutPrice}`;
}

function unsettledLine({ unsettled }: Snapshot): string[] {
  return unsettled.length === 0 ? [] : [`unsettled (current balance unknown): ${listed(unsettled)}`];
}

function hiddenLine({ hidden }: Snapshot): string[] {
  if (hidden === 0) return [];
  const entries = counted(hidden, "entry", "entries");
  return [`The API's list had ${entries} more than assets, so an asset may be missing.`];
}

function listed(symbols: readonly string[]): string {
  return [...symbols].sort().map(nameText).join(", ");
}

function isZero(decimal: string): boolean {
  return /^-?0+(\.0+)?$/.test(decimal);
}
