// What the history must answer, computed naively from the facts, without any code under test: decimals with BigInt,
// calendars with Intl.
import { negated, sumByBigInt } from "../unit/domain/decimal.ts";
import { type AccountFacts, MINUTE, type RecordFact, type SnapshotFact } from "./history-facts.ts";
import type { AmountFact, HoldingFact } from "./history-holdings.ts";

export const instant = (ms: number): string => new Date(ms).toISOString();

/** A time in which an account counts, in milliseconds since 1970. */
export interface PeriodFact {
  /** The slot of its first complete snapshot. */
  readonly since: number;
  /** When that snapshot was completed. */
  readonly from: number;
  /** The slot of its end; `undefined`: it has not ended. */
  readonly until: number | undefined;
}

/** The periods of each account: for a year of history, finding them takes long. */
const knownPeriods = new WeakMap<AccountFacts, PeriodFact[]>();

/** An account counts from its first complete snapshot to its end, and again from the next complete snapshot on. */
export function periodsOf(account: AccountFacts): PeriodFact[] {
  const periods = knownPeriods.get(account) ?? findPeriods(account);
  knownPeriods.set(account, periods);
  return periods;
}

function findPeriods({ records, ends = [] }: AccountFacts): PeriodFact[] {
  const bySlot = completeOf(records).sort((a, b) => a.slot - b.slot);
  const periods: PeriodFact[] = [];
  for (let after = Number.NEGATIVE_INFINITY; ; ) {
    const first = bySlot.find(({ slot }) => slot > after);
    if (first === undefined) return periods;
    const until = ends.find(({ slot }) => slot > first.slot)?.slot;
    periods.push({ since: first.slot, from: first.completedAt, until });
    if (until === undefined) return periods;
    after = until;
  }
}

/** Whether an account counts at a time. */
export function countsAt(account: AccountFacts, at: number): boolean {
  return periodsOf(account).some(({ from, until = Number.POSITIVE_INFINITY }) => from <= at && at < until);
}

export function completeOf(records: readonly RecordFact[]): SnapshotFact[] {
  return records.filter((record): record is SnapshotFact => record.status === "complete");
}

/** Returns the complete snapshot that was completed last in `(after, at]`. */
export function lastCompletedIn(records: readonly RecordFact[], after: number, at: number): SnapshotFact | undefined {
  return completeOf(records)
    .filter(({ completedAt }) => completedAt > after && completedAt <= at)
    .sort((a, b) => a.completedAt - b.completedAt)
    .at(-1);
}

export function asOfFacts(records: readonly RecordFact[], at: number): SnapshotFact | undefined {
  return lastCompletedIn(records, Number.NEGATIVE_INFINITY, at);
}

/** Returns the value of a holding in dollars; `null` without a price. */
export function holdingValue(symbol: string, holding: HoldingFact): AmountFact | null {
  if (symbol === "usd") return { available: holding.available, total: holding.total };
  return holding.usd ?? null;
}

const holdOf = ({ total, available }: AmountFact) => sumByBigInt([total, negated(available)]);

/** Returns the rows of `latest` and `as-of`: the most valuable first, assets without a price last, by symbol. */
export function balanceRowsOf(accountId: string, { slot, capturedAt, completedAt, holdings }: SnapshotFact) {
  return [...holdings]
    .map(([asset, holding]) => ({ asset, holding, value: holdingValue(asset, holding) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null) {
        return Number(a.value === null) - Number(b.value === null) || (a.asset < b.asset ? -1 : 1);
      }
      const more = sumByBigInt([b.value.total, negated(a.value.total)]);
      return /^-?0+(\.0+)?$/.test(more) ? (a.asset < b.asset ? -1 : 1) : more.startsWith("-") ? -1 : 1;
    })
    .map(({ asset, holding, value }) => ({
      slot: instant(slot),
      capturedAt: instant(capturedAt),
      completedAt: instant(completedAt),
      accountId,
      altered: false,
      asset,
      available: holding.available,
      total: holding.total,
      hold: holdOf(holding),
      values: value === null ? {} : { usd: value },
    }));
}

/** Returns the name of an account at a time: the last one until then, or else the first one. */
export function nameOf(account: AccountFacts, at: number): string | null {
  return descriptionOf(account, at)?.name ?? null;
}

/** Returns the key that serves an account at a time; `null`: it has no name, or is unknown. */
export function keyOf(account: AccountFacts, at: number): string | null {
  return descriptionOf(account, at)?.key ?? null;
}

function descriptionOf({ descriptions = [] }: AccountFacts, at: number) {
  const known = descriptions.filter(({ from }) => from <= at);
  return known.length > 0 ? known[known.length - 1] : descriptions[0];
}

/** Returns a row of `history`; with `step` only in a series of steps. */
export function holdingRowOf(accountId: string, asset: string, fact: SnapshotFact | undefined, step?: StepFact) {
  const holding = fact?.holdings.get(asset);
  return {
    ...(step !== undefined && { step: step.label, open: step.open }),
    slot: fact ? instant(fact.slot) : null,
    capturedAt: fact ? instant(fact.capturedAt) : null,
    completedAt: fact ? instant(fact.completedAt) : null,
    accountId,
    altered: false,
    asset,
    state: fact === undefined ? "gap" : holding === undefined ? "absent" : "held",
    available: holding?.available ?? null,
    total: holding?.total ?? null,
    hold: holding ? holdOf(holding) : null,
    values: { usd: holding ? holdingValue(asset, holding) : null },
  };
}

/** Returns a row of `totals` for one account, in dollars. */
export function totalRowOf(accountId: string, fact: SnapshotFact | undefined) {
  const held = [...(fact?.holdings ?? [])].map(([symbol, holding]) => ({
    symbol,
    value: holdingValue(symbol, holding),
  }));
  const priced = held.flatMap(({ value }) => value ?? []);
  const known = fact !== undefined && (priced.length > 0 || held.length === 0);
  return {
    accountId,
    denomination: "usd",
    total: known ? sumByBigInt(priced.map(({ total }) => total)) : null,
    available: known ? sumByBigInt(priced.map(({ available }) => available)) : null,
    covers: priced.length,
    of: held.length,
    missing: held.flatMap(({ symbol, value }) => (value === null ? [symbol] : [])).sort(),
    partial: fact === undefined,
    without: fact === undefined ? [accountId] : [],
    altered: [] as string[],
    accounts: 1,
    ended: [] as string[],
    slots: fact ? { [accountId]: instant(fact.slot) } : {},
  };
}

/** Returns the row of `totals` for all accounts. */
export function totalRowOfAll(rows: readonly ReturnType<typeof totalRowOf>[], ended: readonly string[] = []) {
  const partial = rows.some((row) => row.partial);
  const add = (texts: readonly (string | null)[]) => {
    const known = texts.filter((text): text is string => text !== null);
    return partial || known.length === 0 ? null : sumByBigInt(known);
  };
  return {
    accountId: "all",
    denomination: "usd",
    total: add(rows.map(({ total }) => total)),
    available: add(rows.map(({ available }) => available)),
    covers: rows.reduce((sum, { covers }) => sum + covers, 0),
    of: rows.reduce((sum, row) => sum + row.of, 0),
    missing: [...new Set(rows.flatMap(({ missing }) => missing))].sort(),
    partial,
    without: rows.flatMap(({ without }) => without),
    altered: [],
    accounts: rows.length,
    ended,
    slots: Object.fromEntries(rows.flatMap(({ slots }) => Object.entries(slots))),
  };
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Returns the local time, `2025-03-30T02:00:00.000`. */
export function localTextOf(ms: number, timezone: string): string {
  const format =
    formats.get(timezone) ??
    new Intl.DateTimeFormat("sv-SE", {
      timeZone: timezone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      fractionalSecondDigits: 3,
    });
  formats.set(timezone, format);
  return format.format(ms).replace(" ", "T").replace(",", ".");
}

/** Returns the instant of a local time; the earlier one if it occurs twice. */
export function instantOfLocal(text: string, timezone: string): number {
  const asUtc = Date.parse(`${text}Z`);
  for (let offset = 15 * 4; offset >= -13 * 4; offset--) {
    const candidate = asUtc - offset * 15 * 60_000;
    if (localTextOf(candidate, timezone) === text) return candidate;
  }
  throw new RangeError(`the local time ${text} does not occur in ${timezone}`);
}

export interface StepFact {
  readonly label: string;
  readonly after: number;
  readonly at: number;
  readonly open: boolean;
}

/** Returns the days of a range of whole days: each is labelled with its date, and shows its last millisecond. */
export function daySteps(from: number, to: number, timezone: string): StepFact[] {
  const steps: StepFact[] = [];
  const midnightAfter = (at: number) => {
    const next = instant(Date.parse(`${localTextOf(at, timezone).slice(0, 10)}T00:00:00Z`) + 86_400_000);
    return instantOfLocal(next.slice(0, -1), timezone);
  };
  for (let at = midnightAfter(from) - 1, after = from - 1; at <= to; after = at, at = midnightAfter(at + 1) - 1) {
    steps.push({ label: localTextOf(at, timezone).slice(0, 10), after, at, open: false });
  }
  return steps;
}

/** Returns steps of equal length. */
export function evenSteps(from: number, to: number, length: number): StepFact[] {
  const steps: StepFact[] = [];
  for (let at = from; at <= to; at += length) steps.push({ label: instant(at), after: at - length, at, open: false });
  return steps;
}

/** Returns the last but one slot of the hourly schedule of the facts: `as-of` refuses an older snapshot. */
const penultimateSlot = (at: number) => (Math.floor(at / 3_600_000) - 1) * 3_600_000;

/** Returns the snapshot that a step shows: the last one completed in it, unless `as-of` refuses it at the end of the step. */
export function shownAtStep(records: readonly RecordFact[], { after, at }: StepFact): SnapshotFact | undefined {
  const found = lastCompletedIn(records, after, at);
  return found && found.capturedAt >= penultimateSlot(at) ? found : undefined;
}

/** Returns the CSV field of a text: empty for no value. */
export const none = (text: string | null | undefined): string => text ?? "";

type Values = Readonly<Record<string, { available: string; total: string } | null | undefined>>;

/** Returns a row as CSV shows it: no value is empty, and the values in dollars are columns. */
export function csvRowOf(fields: { readonly accountId: string; readonly values?: Values }): Record<string, string> {
  const { values, ...row } = fields;
  const texts = Object.entries(row).map(([name, field]) => [name, none(field as string | null)]);
  const [available, total] = [none(values?.["usd"]?.available), none(values?.["usd"]?.total)];
  return {
    ...Object.fromEntries(texts),
    denomination: "usd",
    altered: "",
    ...(values && { valueAvailable: available, valueTotal: total }),
  };
}

/** Returns an instant as CSV and tables show it: local time with its offset, without milliseconds if they are zero. */
export function wallTime(iso: string | null, timezone: string): string {
  if (iso === null) return "";
  const ms = Date.parse(iso);
  const offset = (Date.parse(`${localTextOf(ms, timezone)}Z`) - ms) / MINUTE;
  const hours = String(Math.abs(offset) / 60).padStart(2, "0");
  const time = localTextOf(ms, timezone).replace("T", " ").replace(".000", "");
  return `${time} ${offset < 0 ? "-" : "+"}${hours}:00`;
}
