import { type PackedReport, unpackAsset } from "../../data/packing.ts";
import type { ReportAsset, ReportGap, ReportPoint } from "../../data/report-data.ts";

/** What the page shows at a time: one account, or the sum over all of them. Columns run over the same steps. */
export interface View {
  /** The account's id; `"all"`: the sum over all accounts. */
  readonly id: string;
  readonly label: string;
  /** How many accounts it is of. */
  readonly accounts: number;
  /** The steps, milliseconds since 1970, ascending. */
  readonly times: readonly number[];
  /** How far apart steps are, in milliseconds: how wide each is drawn. */
  readonly period: number;
  /** `null`: a gap. */
  readonly points: readonly (ViewPoint | null)[];
  readonly assets: readonly ViewAsset[];
  /** Slots without a complete snapshot, ascending. */
  readonly gaps: readonly ViewGap[];
  /** Of a sum over accounts, by step: the accounts that have no snapshot there, if others have one. */
  readonly missing: readonly (readonly string[])[];
}

/** A step's snapshot; of a sum over accounts, the earliest and the latest of theirs. */
export interface ViewPoint {
  readonly slots: readonly [first: string, last: string];
  readonly captured: readonly [first: string, last: string];
  /** `null`: things are held, and none has a price. */
  readonly total: string | null;
  readonly covers: number;
  readonly of: number;
  /** Symbols of which the API did not tell whether they were held. */
  readonly unsettled: readonly string[];
}

export interface ViewAsset extends ReportAsset {
  /** Of a sum over accounts, by step: how many of the accounts that hold it gave it no price, if another one did. */
  readonly unpricedIn?: readonly (number | undefined)[];
}

export interface ViewGap extends ReportGap {
  readonly time: number;
  readonly accountId: string;
}

/** The views of single accounts, in the report's order. */
export function accountViews({ accounts }: PackedReport): View[] {
  return accounts.map(({ accountId, steps, snapshots, assets, gaps }) => {
    const times = steps.map((step) => Date.parse(step));
    return {
      id: accountId,
      label: accountId,
      accounts: 1,
      times,
      period: periodOf(times),
      points: snapshots.map((point) => point && viewPoint(point)),
      assets: assets.map(unpackAsset),
      gaps: gaps
        .map((gap) => ({ ...gap, time: Date.parse(gap.slot), accountId }))
        .sort((one, other) => one.time - other.time),
      missing: [],
    };
  });
}

function viewPoint({ slot, capturedAt, total, covers, of, unsettled = [] }: ReportPoint): ViewPoint {
  return { slots: [slot, slot], captured: [capturedAt, capturedAt], total, covers, of, unsettled };
}

/** The median distance of steps: daylight saving makes one of them longer and one shorter. Of a single step: a day. */
export function periodOf(times: readonly number[]): number {
  const distances = times.slice(1).map((time, at) => time - (times[at] ?? time));
  return distances.sort((a, b) => a - b)[distances.length >> 1] ?? 86_400_000;
}

/** A step's total; `null` in a gap, and where things are held of which none has a price: that is not nought. */
export function totalAt({ points }: View, step: number): string | null {
  return points[step]?.total ?? null;
}

/** Why a step has no quantity of an asset. */
export function whyNone({ points }: View, step: number, symbol: string | undefined): "gap" | "unsettled" | "not held" {
  const point = points[step];
  if (!point) return "gap";
  return symbol !== undefined && point.unsettled.includes(symbol) ? "unsettled" : "not held";
}

/** The symbols held at a step without a price. */
export function unpricedAt({ assets }: View, step: number): string[] {
  return assets
    .filter(({ quantities, values, unpricedIn }) => {
      const held = (quantities[step] ?? null) !== null;
      return held && ((values[step] ?? null) === null || unpricedIn?.[step] !== undefined);
    })
    .map(({ symbol }) => symbol)
    .sort();
}
