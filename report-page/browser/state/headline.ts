import { subtract, sum } from "../../../core/domain/amount.ts";
import type { ReportAccount, ReportBalance, ReportClose, ReportPoint } from "../../data/report-data.ts";
import { percentChange, rounded } from "../format.ts";
import { count } from "../phrases.ts";

/** The value of some accounts at a time. */
export interface Balance {
  /** The sum of the known totals; `null` if there is none. */
  readonly total: string | null;
  readonly covers: number;
  readonly of: number;
  /** The ids of the accounts that count. */
  readonly active: readonly string[];
  /** The ids of those without a snapshot. */
  readonly without: readonly string[];
  /** What the total is known not to cover: the symbols of each account that are unpriced or unsettled. */
  readonly uncovered: readonly string[];
  /** By account: its snapshot. */
  readonly points: ReadonlyMap<string, ReportPoint>;
  /** The slots of the snapshots, ascending. */
  readonly slots: readonly string[];
}

/** How the total at the end of the report differs from that at a close. */
export interface HeadlineChange extends ReportClose {
  /** `null`: one of the totals is not known, or not that of all accounts. */
  readonly change: string | null;
  readonly percent: string | null;
  /** Why there is no change, or what it does not show. */
  readonly note: string;
}

export interface Headline extends Balance {
  readonly changes: readonly HeadlineChange[];
}

/** Returns the total of some accounts at the end of a report, and its changes since the closes. */
export function headlineOf(accounts: readonly ReportAccount[], closes: readonly ReportClose[]): Headline {
  const end = balanceOf(accounts.map((account) => [account.accountId, account.end]));
  const changes = closes.map((close, at) => {
    const before = balanceOf(accounts.map((account) => [account.accountId, account.closes[at] ?? "missing"]));
    return { ...close, ...changeBetween(before, end, close.day) };
  });
  return { ...end, changes };
}

function balanceOf(accounts: readonly (readonly [id: string, ReportBalance])[]): Balance {
  const idsWith = (test: (balance: ReportBalance) => boolean) =>
    accounts.flatMap(([id, balance]) => (test(balance) ? [id] : []));
  const points = accounts.flatMap(([, balance]): ReportPoint[] => (typeof balance === "string" ? [] : [balance]));
  return {
    total: totalOf(points),
    covers: points.reduce((number, { covers }) => number + covers, 0),
    of: points.reduce((number, point) => number + point.of, 0),
    active: idsWith((balance) => balance !== "not active"),
    without: idsWith((balance) => balance === "missing"),
    uncovered: accounts.flatMap(([id, balance]) =>
      typeof balance === "string"
        ? []
        : [...(balance.unpriced ?? []), ...(balance.unsettled ?? [])].map((symbol) => `${id} ${symbol}`),
    ),
    points: new Map(accounts.flatMap(([id, balance]) => (typeof balance === "string" ? [] : [[id, balance]]))),
    slots: [...new Set(points.map(({ slot }) => slot))].sort(),
  };
}

/** Returns the sum of the known totals; `null` if there is none. */
function totalOf(points: readonly ReportPoint[]): string | null {
  const totals = points.flatMap(({ total }) => total ?? []);
  return totals.length === 0 ? null : sum(totals);
}

function changeBetween(before: Balance, end: Balance, day: string): Omit<HeadlineChange, keyof ReportClose> {
  const measured = end.active.filter((id) => end.points.get(id)?.slot !== before.points.get(id)?.slot);
  const problem =
    whyNoTotal(before, day) ??
    whyNoTotal(end, "the end") ??
    (measured.length === 0 && end.active.length === before.active.length ? `no snapshot since ${day}` : undefined);
  if (problem !== undefined || before.total === null || end.total === null) {
    return { change: null, percent: null, note: problem ?? "" };
  }
  const change = subtract(end.total, before.total);
  const notes = [
    ...measuredNote(measured.length, end.active.length),
    ...accountNotes(before, end),
    ...coverageNote(before, end),
  ];
  return { change, percent: percentChange(change, before.total), note: notes.join("; ") };
}

function whyNoTotal({ active, without, total }: Balance, when: string): string | undefined {
  if (active.length === 0) return `not active at ${when}`;
  if (active.length === without.length) return `no snapshot at ${when}`;
  if (without.length > 0) return `no snapshot of ${without.length} of ${active.length} accounts at ${when}`;
  return total === null ? `no price at ${when}` : undefined;
}

/** Returns how many accounts the change does not measure, because the same snapshot shows both times. */
function measuredNote(measured: number, active: number): string[] {
  const verb = active - measured === 1 ? "has" : "have";
  return measured === active ? [] : [`${active - measured} of ${active} accounts ${verb} no snapshot since`];
}

/** Returns the part of the change that is the value of accounts that count at one of the times only. */
function accountNotes(before: Balance, end: Balance): string[] {
  const joined = end.active.filter((id) => !before.active.includes(id));
  const left = before.active.filter((id) => !end.active.includes(id));
  const note = (ids: readonly string[], { points }: Balance, sign: string, kind: string) => {
    if (ids.length === 0) return [];
    const total = totalOf(ids.flatMap((id) => points.get(id) ?? []));
    const accounts = count(ids.length, `${kind} account`);
    return [total === null ? `${accounts} without a price` : `of which ${signed(sign, total)} in ${accounts}`];
  };
  return [...note(joined, end, "+", "new"), ...note(left, before, "-", "ended")];
}

function signed(sign: string, total: string): string {
  const amount = rounded(sign === "-" ? subtract("0", total) : total);
  return amount.startsWith("-") ? amount.replace("-", "−") : `+${amount}`;
}

/** Returns the coverage of the total at a close, if it lacks other assets than the total at the end. */
function coverageNote({ covers, of, uncovered }: Balance, end: Balance): string[] {
  // An entry that the API hides has no symbol: only the number of assets includes it.
  const isSame = uncovered.join() === end.uncovered.join() && of - covers === end.of - end.covers;
  return isSame ? [] : [`covered ${covers} of ${of} then`];
}
