import type { Asset } from "../../../core/domain/balance.ts";
import { slotAt } from "../../../core/domain/slot.ts";
import { possibleAssets, type Snapshot } from "../../../core/domain/snapshot.ts";
import { balanceRows } from "../../../core/history/balance-rows.ts";
import { changesBetween } from "../../../core/history/changes.ts";
import { counted, duration } from "../counted.ts";
import { localTime } from "../date-time.ts";
import { type Column, nameText, textTable } from "./table.ts";

export interface SnapshotView {
  /** Of the values. */
  readonly denomination: string;
  /** By symbol. */
  readonly assets: ReadonlyMap<string, Asset>;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The time that the snapshot was queried for, milliseconds since 1970; default: now. */
  readonly asOf?: number | undefined;
  /** IANA name of the time zone of all times. Default: UTC. */
  readonly timezone?: string;
  /** An earlier snapshot: adds the changes since then. */
  readonly since?: Snapshot | undefined;
}

/** Shown for "no price" and "not held", which differ from zero. */
const NO_VALUE = "–";

/** Returns a snapshot as text: its slot and capture, a table of balances, the total, and the assets without a price. */
export function snapshotTable(snapshot: Snapshot, view: SnapshotView): string {
  const { accountId, slot, capturedAt, pages, consistency } = snapshot;
  const { asOf, now, timezone = "UTC" } = view;
  const age = duration((asOf ?? now) - Date.parse(capturedAt));
  const relativeTo = asOf === undefined ? "ago" : `before ${localTime(slotAt(asOf), timezone)}`;
  const heading =
    `${accountId}\n` +
    `slot ${localTime(slot, timezone)}, captured ${localTime(capturedAt, timezone)} (${age} ${relativeTo}), ` +
    `${counted(pages, "page")}, walk ${consistency}`;
  const holdings =
    possibleAssets(snapshot) === 0 ? "no holdings" : `${balancesTable(snapshot, view)}\n\n${totalLine(snapshot, view)}`;
  return `${heading}\n\n${holdings}${unsettledLine(snapshot)}${hiddenLine(snapshot)}${closedLine(snapshot, view)}`;
}

function balancesTable(snapshot: Snapshot, { denomination, assets, since }: SnapshotView): string {
  const changes = since && changesBetween(since, snapshot, denomination);
  const columns: Column[] = [
    { title: "asset", align: "left" },
    { title: "name", align: "left" },
    { title: "total", align: "decimal" },
    { title: "on hold", align: "decimal" },
    { title: `value ${denomination}`, align: "decimal" },
  ];
  if (changes)
    columns.push({ title: "change", align: "decimal" }, { title: `change ${denomination}`, align: "decimal" });
  const rows = balanceRows(snapshot, denomination).map(({ asset, total, hold, values }) => {
    const name = assets.get(asset)?.name ?? "";
    const row = [asset, name, total, isZero(hold) ? "" : hold, values[denomination]?.total ?? NO_VALUE];
    const change = changes?.get(asset);
    return change ? [...row, signed(change.quantity), signed(change.value)] : row;
  });
  return textTable(columns, rows);
}

function totalLine(snapshot: Snapshot, { denomination }: SnapshotView): string {
  const total = snapshot.totals.get(denomination);
  if (total === undefined) return `no asset has a value in ${denomination}`;
  const unpriced = [...snapshot.balances].flatMap(([symbol, amounts]) => (amounts.has(denomination) ? [] : [symbol]));
  const withoutPrice = unpriced.length === 0 ? "" : `; without a price: ${listed(unpriced)}`;
  return `total ${total.total} ${denomination}, covers ${total.covers} of ${total.of} assets${withoutPrice}`;
}

function unsettledLine({ unsettled }: Snapshot): string {
  return unsettled.length === 0 ? "" : `\nunsettled (current balance unknown): ${listed(unsettled)}`;
}

function hiddenLine({ hidden }: Snapshot): string {
  if (hidden === 0) return "";
  const entries = counted(hidden, "entry", "entries");
  return `\nThe API's list had ${entries} more than assets, so an asset may be missing.`;
}

function closedLine({ balances, unsettled }: Snapshot, { since }: SnapshotView): string {
  const isOpen = (symbol: string) => balances.has(symbol) || unsettled.includes(symbol);
  const closed = since ? [...since.balances.keys()].filter((symbol) => !isOpen(symbol)) : [];
  return closed.length === 0 ? "" : `\nno longer held: ${listed(closed)}`;
}

function listed(symbols: readonly string[]): string {
  return [...symbols].sort().map(nameText).join(", ");
}

function isZero(decimal: string): boolean {
  return /^-?0+(\.0+)?$/.test(decimal);
}

function signed(decimal: string | null): string {
  if (decimal === null) return NO_VALUE;
  if (isZero(decimal)) return "";
  return decimal.startsWith("-") ? decimal : `+${decimal}`;
}
