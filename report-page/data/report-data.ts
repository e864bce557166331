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

export interface ReportAccount {
  readonly accountId: string;
  /** The snapshot shown at each step: the last one completed in it; `null` is a gap. */
  readonly snapshots: readonly (ReportPoint | null)[];
  /** The steps, by index, at which the account does not count: before its start and after its end. They are no gaps. */
  readonly inactive?: readonly number[];
  readonly assets: readonly ReportAsset[];
  /** Slots without a complete snapshot, ascending. */
  readonly gaps: readonly ReportGap[];
}

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
  /** The recorded reason; absent if none was recorded. */
  readonly reason?: string;
}
