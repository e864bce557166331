import { subtract, sum } from "../../../core/domain/amount.ts";
import type { ReportAccount, ReportBalance, ReportClose, ReportPoint } from "../../data/report-data.ts";
import { percentChange } from "../format.ts";
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
  readonly missing: readonly string[];
  /** What the total does not cover: the symbols of each account. */
  readonly unpriced: readonly string[];
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
  const totals = points.flatMap(({ total }) => total ?? []);
  return {
    total: totals.length === 0 ? null : sum(totals),
    covers: points.reduce((number, { covers }) => number + covers, 0),
    of: points.reduce((number, point) => number + point.of, 0),
    active: idsWith((balance) => balance !== "not active"),
    missing: idsWith((balance) => balance === "missing"),
    unpriced: accounts.flatMap(([id, balance]) =>
      typeof balance === "string" ? [] : (balance.unpriced ?? []).map((symbol) => `${id} ${symbol}`),
    ),
    slots: [...new Set(points.map(({ slot }) => slot))].sort(),
  };
}

function changeBetween(before: Balance, end: Balance, day: string): Omit<HeadlineChange, keyof ReportClose> {
  const problem = whyNoChange(before, day) ?? whyNoChange(end, "the end");
  if (problem !== undefined || before.total === null || end.total === null) {
    return { change: null, percent: null, note: problem ?? "" };
  }
  const change = subtract(end.total, before.total);
  const note = [accountsNote(before, end), coverageNote(before, end)].filter((text) => text !== "").join("; ");
  return { change, percent: percentChange(change, before.total), note };
}

function whyNoChange({ active, missing, total }: Balance, when: string): string | undefined {
  if (active.length === missing.length) return `no snapshot at ${when}`;
  if (missing.length > 0) return `no snapshot of ${missing.length} of ${active.length} accounts at ${when}`;
  return total === null ? `no price at ${when}` : undefined;
}

/** Returns how many accounts counted at the close, if others count at the end. */
function accountsNote({ active: before }: Balance, { active: now }: Balance): string {
  const stayed = before.filter((id) => now.includes(id)).length;
  if (stayed === before.length) return stayed === now.length ? "" : `${stayed} of ${count(now.length, "account")} then`;
  return `${count(before.length, "account")} then, ${now.length} now`;
}

/** Returns the coverage of the total at a close, if it lacks the prices of other assets than the total at the end. */
function coverageNote({ covers, of, unpriced }: Balance, end: Balance): string {
  return unpriced.join() === end.unpriced.join() ? "" : `covered ${covers} of ${of} then`;
}
