import type { ReportAccount, ReportAsset, ReportData, ReportGap, ReportPoint } from "../../data/report-data.ts";
import { accountLabels } from "./account-labels.ts";
import type { Range } from "./range.ts";

/** What the page shows: one account, or all accounts combined. All have the same steps, which their columns share. */
export interface View {
  /** The account's id, or `ALL_ACCOUNTS`. */
  readonly id: string;
  readonly label: string;
  /** The accounts that it shows. */
  readonly accounts: readonly ReportAccount[];
  /** Where each step is drawn, in epoch milliseconds, ascending: from the start of its period, or from its instant. */
  readonly times: readonly number[];
  /** When each step ends, in epoch milliseconds. It starts after the end of the step before. */
  readonly ends: readonly number[];
  /** When the first step starts, in epoch milliseconds. */
  readonly since: number;
  /** The period of each step, such as `2026-10-31`; absent for parts of a day, which are called by their instants. */
  readonly labels: readonly string[] | undefined;
  /** Whether the report ends before the last step does. */
  readonly open: boolean;
  /** Whether a schedule is known. Without one, a step without a snapshot is not known to be a gap. */
  readonly scheduled: boolean;
  /** Median distance between steps in milliseconds: the drawn width of the last step. */
  readonly interval: number;
  /** `null` is a gap, unless no account counts at the step. */
  readonly points: readonly (ViewPoint | null)[];
  readonly assets: readonly ViewAsset[];
  /** By step: how many accounts count. */
  readonly activeAccounts: readonly number[];
  /** Slots without a complete snapshot, ascending. */
  readonly gaps: readonly ViewGap[];
  /** For all accounts, by step: the labels of the accounts without a snapshot where others have one. */
  readonly missingAccounts: readonly (readonly string[])[];
}

/** A step's snapshot; for all accounts, the earliest and the latest of their snapshots. */
export interface ViewPoint extends Required<Omit<ReportPoint, "slot" | "capturedAt" | "altered">> {
  readonly slots: readonly string[];
  readonly captured: readonly string[];
  /** Whether one of the snapshots does not match its digest. */
  readonly altered: boolean;
}

export interface ViewAsset extends ReportAsset {
  /** For all accounts, by step: how many accounts hold the asset without a price, if another has a price. */
  readonly unpricedAccounts?: readonly (number | undefined)[];
}

export interface ViewGap extends ReportGap {
  readonly time: number;
  readonly accountId: string;
  /** What the account is called. */
  readonly account: string;
}

/** Returns one view per account, in the report's order. */
export function accountViews({ since, steps, labels, open, scheduled, accounts }: ReportData): View[] {
  const ends = steps.map((step) => Date.parse(step));
  const start = Date.parse(since);
  const times = labels === undefined ? ends : ends.map((_, step) => (ends[step - 1] ?? start) + 1);
  const interval = medianInterval(times, ends, start);
  const accountNames = accountLabels(accounts);
  return accounts.map((shown) => {
    const { accountId, snapshots, inactive, assets, gaps } = shown;
    const isInactive = new Set(inactive);
    const label = accountNames.get(accountId) ?? accountId;
    return {
      ...{ id: accountId, label, accounts: [shown] },
      ...{ times, ends, since: start, labels, open: open === true, scheduled, interval, assets },
      points: snapshots.map((snapshot) => snapshot && viewPoint(snapshot)),
      activeAccounts: steps.map((_, step) => (isInactive.has(step) ? 0 : 1)),
      gaps: gaps.map((gap) => ({ ...gap, time: Date.parse(gap.slot), accountId, account: label })),
      missingAccounts: [],
    };
  });
}

function viewPoint({ slot, capturedAt, unsettled = [], altered, ...sums }: ReportPoint): ViewPoint {
  return { slots: [slot], captured: [capturedAt], unsettled, altered: altered === true, ...sums };
}

/**
 * Returns the median distance between times: daylight saving changes make single intervals longer or shorter. The distance of
 * a single step is its length, so that it is not drawn into the future.
 */
function medianInterval(times: readonly number[], ends: readonly number[], since: number): number {
  const intervals = times.slice(1).map((time, index) => time - (times[index] ?? time));
  return intervals.sort((a, b) => a - b)[intervals.length >> 1] ?? (ends[0] ?? since) - since;
}

/** Returns the gaps within a range. A step starts after the end of the step before. */
export function gapsIn({ gaps, ends, since }: View, { first, last }: Range): ViewGap[] {
  const [after, end] = [ends[first - 1] ?? since, ends[last] ?? since];
  return gaps.filter(({ time }) => time > after && time <= end);
}

/** Returns what a step is called: its period or its time, and whether it is open. */
export function stepName(view: View, step: number, nameOf: (time: number) => string): string {
  const name = view.labels?.[step] ?? nameOf(view.times[step] ?? 0);
  return isOpen(view, step) ? `${name} (open)` : name;
}

/** Whether the report ends before a step does. */
export function isOpen({ open, times }: View, step: number): boolean {
  return open && step === times.length - 1;
}

/** Returns a step's total; `null` in a gap, or if no held asset has a price (which is not zero). */
export function totalAt({ points }: View, step: number): string | null {
  return points[step]?.total ?? null;
}

export function totalsOf(view: View): (string | null)[] {
  return view.points.map((_, step) => totalAt(view, step));
}

/** Whether a step lacks a snapshot although an account counts there. */
export function isGap({ points, activeAccounts }: View, step: number): boolean {
  return points[step] === null && activeAccounts[step] !== 0;
}

export type AbsenceReason = "gap" | "no snapshot" | "not active" | "unsettled" | "not held";

export function absenceReason(view: View, step: number, symbol = ""): AbsenceReason {
  const point = view.points[step];
  if (!point && !isGap(view, step)) return "not active";
  if (!point) return view.scheduled ? "gap" : "no snapshot";
  return point.unsettled.includes(symbol) ? "unsettled" : "not held";
}

/** Returns the symbols held without a price at a step, sorted. */
export function unpricedAt({ assets }: View, step: number): string[] {
  return assets
    .filter(({ quantities, values, unpricedAccounts }) => {
      return quantities[step] != null && (values[step] == null || unpricedAccounts?.[step] !== undefined);
    })
    .map(({ symbol }) => symbol)
    .sort();
}

export function countGaps(view: View, range: Range): number {
  return countSteps(range, (step) => isGap(view, step));
}

/** Returns how many steps of a range no account counts at. */
export function countInactive({ activeAccounts }: View, range: Range): number {
  return countSteps(range, (step) => activeAccounts[step] === 0);
}

function countSteps({ first, last }: Range, test: (step: number) => boolean): number {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index).filter(test).length;
}
