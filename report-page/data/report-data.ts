/**
 * Everything a report shows; amounts are exact decimal strings. Columns share the report's steps: `quantities[n]` is
 * the quantity held at `steps[n]`. A step without a snapshot is a gap, and every column has `null` there.
 */
export interface ReportData {
  readonly title: string;
  /** ISO instant. */
  readonly generatedAt: string;
  /** IANA time zone of displayed times. */
  readonly timezone: string;
  readonly denomination: string;
  /** Whether a schedule is known. Without one, nobody knows which slots are missing. */
  readonly scheduled: boolean;
  /** ISO instant: the end of the report, at which the headline shows its total. */
  readonly end: string;
  /** The closes with which the headline compares its total. */
  readonly closes: readonly ReportClose[];
  /** ISO instant: the first step starts after it. Every other step starts after the step before. */
  readonly since: string;
  /** ISO instants, ascending: the ends of the steps. */
  readonly steps: readonly string[];
  /** The calendar period of each step, such as `2026-10-31` or `2026-W44`; absent for parts of a day. */
  readonly labels?: readonly string[];
  /** Whether the range of the report ends before the last step does. */
  readonly open?: true;
  readonly accounts: readonly ReportAccount[];
}

/** The close before the day, the month or the year that contains the end of the report. */
export interface ReportClose {
  readonly period: "day" | "month" | "year";
  /** The day that closed: `2025-12-31`. */
  readonly day: string;
}

export interface ReportAccount {
  readonly accountId: string;
  /** Absent if the account has no name. */
  readonly name?: string;
  /** Its state at the end of the report. */
  readonly end: ReportBalance;
  /** Its state at each of the report's closes. */
  readonly closes: readonly ReportBalance[];
  /** The assets that it holds at the end, with their values; `null`: without a price. */
  readonly allocation: readonly (readonly [symbol: string, value: string | null])[];
  /** The snapshot shown at each step: the last one completed in it; `null` is a gap. */
  readonly snapshots: readonly (ReportPoint | null)[];
  /** The steps, by index, at which the account does not count: before its start and after its end. They are no gaps. */
  readonly inactive?: readonly number[];
  readonly assets: readonly ReportAsset[];
  /** Slots without a complete snapshot, ascending. */
  readonly gaps: readonly ReportGap[];
}

/** An account at a time: its snapshot, or why it has none. `missing`: none, or one that is too old to show that time. */
export type ReportBalance = (ReportPoint & { readonly unpriced?: readonly string[] }) | "missing" | "not active";

export interface ReportPoint {
  readonly slot: string;
  readonly capturedAt: string;
  /** Sum of the assets that have a value; `null` if assets are held but none has a value. */
  readonly total: string | null;
  /** Number of held assets that have a value. */
  readonly covers: number;
  /** Number of held assets. */
  readonly of: number;
  /** Symbols for which the API did not report whether they are held; absent if there are none. */
  readonly unsettled?: readonly string[];
  /** Present if the snapshot does not match its digest: somebody changed it. */
  readonly altered?: true;
}

export interface ReportAsset {
  readonly symbol: string;
  readonly name: string;
  /** `null`: not held, unsettled, or a gap. */
  readonly quantities: readonly (string | null)[];
  /** The part of each quantity that is on hold. */
  readonly holds: readonly (string | null)[];
  /** `null`: not held, held without a price, or a gap. */
  readonly values: readonly (string | null)[];
}

export interface ReportGap {
  readonly slot: string;
  /** The code and the message of the reason; absent if the job did not run. */
  readonly reason?: string;
  /** Present if the slot before it in the schedule is a gap too. */
  readonly continues?: true;
}
