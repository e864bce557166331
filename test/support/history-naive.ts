// What the history must answer, computed naively from the facts, without any code under test: decimals with BigInt,
// calendars with Intl.
import { negated, sumByBigInt } from "../unit/domain/decimal.ts";
import type { AccountFacts, AmountFact, FailureFact, HoldingFact, RecordFact, SnapshotFact } from "./history-facts.ts";

export const instant = (ms: number): string => new Date(ms).toISOString();

export function completeOf(records: readonly RecordFact[]): SnapshotFact[] {
  return records.filter((record): record is SnapshotFact => record.status === "complete");
}

/** Returns the complete snapshot that was captured last in `(after, at]`. */
export function lastCapturedIn(records: readonly RecordFact[], after: number, at: number): SnapshotFact | undefined {
  return completeOf(records)
    .filter(({ capturedAt }) => capturedAt > after && capturedAt <= at)
    .sort((a, b) => a.capturedAt - b.capturedAt)
    .at(-1);
}

export function asOfFacts(records: readonly RecordFact[], at: number): SnapshotFact | undefined {
  return lastCapturedIn(records, Number.NEGATIVE_INFINITY, at);
}

/** Returns the value of a holding in dollars; `null` without a price. */
function holdingValue(symbol: string, holding: HoldingFact): AmountFact | null {
  if (symbol === "usd") return { available: holding.available, total: holding.total };
  return holding.usd ?? null;
}

const holdOf = ({ total, available }: AmountFact) => sumByBigInt([total, negated(available)]);

/** Returns the rows of `latest` and `as-of`: the most valuable first, assets without a price last, by symbol. */
export function balanceRowsOf(accountId: string, { slot, capturedAt, holdings }: SnapshotFact) {
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
      accountId,
      asset,
      available: holding.available,
      total: holding.total,
      hold: holdOf(holding),
      values: value === null ? {} : { usd: value },
    }));
}

/** Returns a row of `history`; with `step` only in a series of steps. */
export function holdingRowOf(accountId: string, asset: string, fact: SnapshotFact | undefined, step?: StepFact) {
  const holding = fact?.holdings.get(asset);
  return {
    ...(step !== undefined && { step: step.label, open: step.open }),
    slot: fact ? instant(fact.slot) : null,
    capturedAt: fact ? instant(fact.capturedAt) : null,
    accountId,
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
    slots: fact ? { [accountId]: instant(fact.slot) } : {},
  };
}

/** Returns the row of `totals` for all accounts. */
export function totalRowOfAll(rows: readonly ReturnType<typeof totalRowOf>[]) {
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
    slots: Object.fromEntries(rows.flatMap(({ slots }) => Object.entries(slots))),
  };
}

/** Returns the rows of `changes` for one account, including unchanged assets. */
export function changeRowsOf(accountId: string, earlier: SnapshotFact, later: SnapshotFact) {
  return [...new Set([...earlier.holdings.keys(), ...later.holdings.keys()])].sort().map((asset) => {
    const [from, to] = [earlier.holdings.get(asset), later.holdings.get(asset)];
    const [fromValue, toValue] = [from && holdingValue(asset, from), to && holdingValue(asset, to)];
    const quantity = sumByBigInt([to?.total ?? "0", negated(from?.total ?? "0")]);
    const same = /^-?0+(\.0+)?$/.test(quantity);
    return {
      accountId,
      fromSlot: instant(earlier.slot),
      fromCapturedAt: instant(earlier.capturedAt),
      toSlot: instant(later.slot),
      toCapturedAt: instant(later.capturedAt),
      asset,
      state: !from ? "opened" : !to ? "closed" : same ? "unchanged" : quantity.startsWith("-") ? "down" : "up",
      fromTotal: from?.total ?? null,
      toTotal: to?.total ?? null,
      quantity,
      fromValue: fromValue?.total ?? null,
      toValue: toValue?.total ?? null,
      value:
        fromValue === null || toValue === null
          ? null
          : sumByBigInt([toValue?.total ?? "0", negated(fromValue?.total ?? "0")]),
    };
  });
}

export interface SlotFact {
  readonly slot: number;
  readonly complete: boolean;
  readonly failure: FailureFact | undefined;
}

/** Returns why a slot failed that has no record of the account's own: the last failed run in whose scope the account is. */
function failedRunFor({ accountId, failedRuns = [] }: AccountFacts, slot: number): FailureFact | undefined {
  const runs = failedRuns.filter((run) => run.slot === slot && (run.scope === "all" || run.scope.includes(accountId)));
  const lastTriedAt = Math.max(...runs.map(({ failedAt }) => failedAt));
  const last = runs.find(({ failedAt }) => failedAt === lastTriedAt);
  if (last === undefined) return undefined;
  const { trigger, code, message } = last;
  return { status: "failed", trigger, slot, code, message, attempts: runs.length, lastTriedAt };
}

/** Returns every slot of the schedule in `[from, to]`, from the account's first record on. */
export function slotsOf(account: AccountFacts, from: number, to: number): SlotFact[] {
  const { records, expected } = account;
  const since = records[0]?.slot ?? Number.POSITIVE_INFINITY;
  const scheduled = new Map(records.filter(({ trigger }) => trigger === "schedule").map((one) => [one.slot, one]));
  return expected
    .filter((slot) => slot >= from && slot <= to && slot >= since)
    .map((slot) => {
      const record = scheduled.get(slot);
      return {
        slot,
        complete: record?.status === "complete",
        failure: record === undefined ? failedRunFor(account, slot) : record.status === "failed" ? record : undefined,
      };
    });
}

/** Returns the manual runs in `[from, to]` that failed. */
export function failedManualRunsOf(account: AccountFacts, from: number, to: number): FailureFact[] {
  const { records, failedRuns = [] } = account;
  const since = records[0]?.slot ?? Number.POSITIVE_INFINITY;
  const own = records.filter((record): record is FailureFact => record.status === "failed");
  const slots = new Set(failedRuns.map(({ slot }) => slot).filter((slot) => slot >= since));
  for (const { slot } of records) slots.delete(slot);
  return [...own, ...[...slots].flatMap((slot) => failedRunFor(account, slot) ?? [])].filter(
    ({ trigger, slot }) => trigger === "manual" && slot >= from && slot <= to,
  );
}

/** Returns the rows of `gaps` for one account: the gaps, and the manual runs that failed. */
export function gapRowsOf(account: AccountFacts, from: number, to: number) {
  const gaps = slotsOf(account, from, to).filter(({ complete }) => !complete);
  const failedRuns = failedManualRunsOf(account, from, to).map((failure) => ({ slot: failure.slot, failure }));
  return [...gaps, ...failedRuns]
    .sort((a, b) => a.slot - b.slot)
    .map(({ slot, failure }) => ({
      accountId: account.accountId,
      slot: instant(slot),
      trigger: failure?.trigger ?? "schedule",
      code: failure?.code ?? "not_run",
      message: failure?.message ?? "Nothing was recorded: the job did not run for this slot.",
      attempts: failure?.attempts ?? 0,
      lastTriedAt: failure ? instant(failure.lastTriedAt) : null,
    }));
}

/** Returns the rows of `gaps --coverage` for one account. */
export function coverageRowsOf(account: AccountFacts, from: number, to: number, timezone: string) {
  const slots = slotsOf(account, from, to);
  const monthOf = ({ slot }: SlotFact) => localTextOf(slot, timezone).slice(0, 7);
  return [...new Set(slots.map(monthOf))].map((month) => {
    const own = slots.filter((slot) => monthOf(slot) === month);
    const complete = own.filter((slot) => slot.complete).length;
    const hundredths = String((BigInt(complete) * 10_000n) / BigInt(own.length)).padStart(3, "0");
    return {
      accountId: account.accountId,
      month,
      expected: own.length,
      complete,
      percent: `${hundredths.slice(0, -2)}.${hundredths.slice(-2)}`,
    };
  });
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

/** Returns the snapshot that a step shows: the last one captured in it, unless `as-of` refuses it at the end of the step. */
export function shownAtStep(records: readonly RecordFact[], { after, at }: StepFact): SnapshotFact | undefined {
  const found = lastCapturedIn(records, after, at);
  return found && found.capturedAt >= penultimateSlot(at) ? found : undefined;
}
