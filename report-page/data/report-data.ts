/**
 * All that a report shows, as exact decimal strings. Columns run over the same steps: `quantities[n]` is what was held
 * at `steps[n]`. A step without a snapshot is a gap: every column has `null` there, and nothing is drawn.
 */
export interface ReportData {
  readonly title: string;
  /** When it was made, an ISO instant. */
  readonly generatedAt: string;
  /** IANA time zone in which times are shown. */
  readonly timezone: string;
  /** In which values are shown (`usd`). */
  readonly denomination: string;
  readonly accounts: readonly ReportAccount[];
}

export interface ReportAccount {
  readonly accountId: string;
  /** ISO instants, ascending, evenly spaced but for daylight saving. */
  readonly steps: readonly string[];
  /** The snapshot that a step shows: the last complete one at or before it; `null`: a gap. */
  readonly snapshots: readonly (ReportPoint | null)[];
  readonly assets: readonly ReportAsset[];
  /** Slots without a complete snapshot. */
  readonly gaps: readonly ReportGap[];
}

export interface ReportPoint {
  readonly slot: string;
  readonly capturedAt: string;
  /** The sum over the assets that have a value, and how many of how many do; `null`: assets are held, and none does. */
  readonly total: string | null;
  readonly covers: number;
  readonly of: number;
  /** Symbols of which the API did not tell whether they were held; left out where there are none. */
  readonly unsettled?: readonly string[];
}

export interface ReportAsset {
  readonly symbol: string;
  readonly name: string;
  /** `null`: not held, unsettled, or a gap. */
  readonly quantities: readonly (string | null)[];
  /** What of the quantity was on hold. */
  readonly holds: readonly (string | null)[];
  /** `null`: not held, held without a price, or a gap. */
  readonly values: readonly (string | null)[];
}

export interface ReportGap {
  readonly slot: string;
  /** The recorded reason; absent where nothing was recorded. */
  readonly reason?: string;
}
