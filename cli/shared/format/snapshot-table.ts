import type { Asset } from "../../../core/domain/balance.ts";
import { slotAt } from "../../../core/domain/slot.ts";
import type { Snapshot } from "../../../core/domain/snapshot.ts";
import { printable } from "../../../core/domain/untrusted-text.ts";
import { changesBetween } from "../../../core/history/change.ts";
import { balanceRows } from "../../../core/history/rows.ts";
import { localTime } from "../moment.ts";
import { duration } from "./duration.ts";
import { type Column, textTable } from "./table.ts";

/** How a snapshot is shown. */
export interface View {
  /** In which values are shown. */
  readonly denomination: string;
  /** What the assets are, by symbol. */
  readonly assets: ReadonlyMap<string, Asset>;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The moment that was asked for, if it is not now. */
  readonly asked?: number | undefined;
  /** IANA name of the time zone in which times are shown. Default: UTC. */
  readonly timezone?: string;
  /** With it, the change since then is shown. */
  readonly since?: Snapshot | undefined;
}

/** A dash is "there is none": no price, not held. It is never a zero. */
const NONE = "–";

/** A snapshot for a person: where it is from, a table of its balances, the total and what the total leaves out. */
export function snapshotTable(snapshot: Snapshot, view: View): string {
  const { accountId, slot, capturedAt, pages, consistency } = snapshot;
  const { asked, now, timezone = "UTC" } = view;
  const age = duration((asked ?? now) - Date.parse(capturedAt));
  const toAsked = asked === undefined ? "ago" : `before ${localTime(slotAt(asked), timezone)}`;
  const heading =
    `${accountId}\n` +
    `slot ${localTime(slot, timezone)}, captured ${localTime(capturedAt, timezone)} (${age} ${toAsked}), ` +
    `${pages} ${pages === 1 ? "page" : "pages"}, walk ${consistency}`;
  const holdings =
    snapshot.assets === 0 && snapshot.unsettled.length === 0
      ? "holds nothing"
      : `${balancesTable(snapshot, view)}\n\n${totalLine(snapshot, view)}`;
  return `${heading}\n\n${holdings}${unsettledLine(snapshot)}${closedLine(snapshot, view)}`;
}

function balancesTable(snapshot: Snapshot, { denomination, assets, since }: View): string {
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
    const row = [asset, name, total, isZero(hold) ? "" : hold, values[denomination]?.total ?? NONE];
    const change = changes?.get(asset);
    return change ? [...row, signed(change.quantity), signed(change.value)] : row;
  });
  return textTable(columns, rows);
}

function totalLine(snapshot: Snapshot, { denomination }: View): string {
  const total = snapshot.totals.get(denomination);
  if (total === undefined) return `no asset has a value in ${denomination}`;
  const unpriced = [...snapshot.balances].flatMap(([symbol, amounts]) => (amounts.has(denomination) ? [] : [symbol]));
  const left = unpriced.length === 0 ? "" : `; without a price: ${listed(unpriced)}`;
  return `total ${total.total} ${denomination}, covers ${total.covers} of ${total.of} assets${left}`;
}

function unsettledLine({ unsettled }: Snapshot): string {
  return unsettled.length === 0 ? "" : `\nheld before, and the API did not tell whether still: ${listed(unsettled)}`;
}

function closedLine({ balances, unsettled }: Snapshot, { since }: View): string {
  const isOpen = (symbol: string) => balances.has(symbol) || unsettled.includes(symbol);
  const closed = since ? [...since.balances.keys()].filter((symbol) => !isOpen(symbol)) : [];
  return closed.length === 0 ? "" : `\nno longer held: ${listed(closed)}`;
}

function listed(symbols: readonly string[]): string {
  return printable([...symbols].sort().join(", "));
}

function isZero(decimal: string): boolean {
  return /^-?0+(\.0+)?$/.test(decimal);
}

function signed(decimal: string | null): string {
  if (decimal === null) return NONE;
  if (isZero(decimal)) return "";
  return decimal.startsWith("-") ? decimal : `+${decimal}`;
}
