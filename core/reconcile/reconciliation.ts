import type { Snapshot } from "../domain/snapshot.ts";
import type { Transfer } from "../domain/transfer.ts";

/**
 * Whether the source amount of a transfer includes the fees in the source asset, which the API does not document.
 * - `included`: the source account pays the source amount, of which a part is fees.
 * - `excluded`: it pays the source amount and the fees.
 */
export const FEE_READINGS = ["included", "excluded"] as const;
export type FeeReading = (typeof FEE_READINGS)[number];

/** An account at both ends of a period. */
export interface AccountEnds {
  readonly accountId: string;
  readonly opening: Snapshot;
  readonly closing: Snapshot;
  /** False if its transfers are unknown, because the key lacks the permission, or no key serves it any more. */
  readonly isAsked: boolean;
}

/**
 * - `explained`: the transfers in the period explain the whole change.
 * - `undetermined`: they do if some of the undetermined transfers count.
 * - `unexplained`: a remainder is left, whichever of the undetermined transfers count.
 * - `unknown`: the quantity at an end, or the amount of a transfer, is unknown.
 * - `not_asked`: the transfers are unknown, because no key with the permission was asked for them.
 */
export type LineState = "explained" | "undetermined" | "unexplained" | "unknown" | "not_asked";

/** An asset of an account: opening + in − out − fees + unexplained = closing. All amounts are exact decimal strings. */
export interface Line {
  readonly accountId: string;
  readonly asset: string;
  readonly state: LineState;
  /** `"0"` if the asset is not held; `null` if it is unknown whether it is. */
  readonly opening: string | null;
  /** Of the transfers in the period, without the undetermined ones. `null`: not asked, or an amount is unknown. */
  readonly in: string | null;
  /** Without fees. */
  readonly out: string | null;
  readonly fees: string | null;
  readonly closing: string | null;
  /** Without the undetermined transfers. `null`: unknown, or not asked. */
  readonly unexplained: string | null;
  /** With all undetermined transfers; `null` if there are none, or an amount is unknown. */
  readonly unexplainedWithUndetermined: string | null;
  /** The ids of the undetermined transfers that explain the line together; empty unless its state is `undetermined`. */
  readonly explainedBy: readonly string[];
  /** As `unexplained`, by the other reading of fees. */
  readonly unexplainedByOtherReading: string | null;
  /** The ids of the transfers in the period, in the order of their completion. */
  readonly transfers: readonly string[];
  /** The ids of those of which it is unknown whether they count. */
  readonly undetermined: readonly string[];
}

/** A transfer whose effect on an account may be in the period, or not. */
export interface Undetermined {
  readonly accountId: string;
  readonly transfer: Transfer;
  readonly end: "opening" | "closing";
  /**
   * - `completed_in_walk`: it was completed while the balances at that end were read, or less than 60 s before or after.
   * - `in_progress`: it was executed before the end of that walk, and completed after it.
   * - `no_time`: it is completed, and the API states no time of the completion.
   */
  readonly reason: "completed_in_walk" | "in_progress" | "no_time";
}

/** The result of a reconciliation. */
export interface Reconciliation {
  /** The reading of fees that was given, or else the one by which less is unexplained. */
  readonly reading: FeeReading;
  /** How many lines each reading leaves unexplained. */
  readonly unexplainedLines: Readonly<Record<FeeReading, number>>;
  /** By account in the order of the input, then by asset. Includes assets that only a transfer has. */
  readonly lines: readonly Line[];
  readonly undetermined: readonly Undetermined[];
  /** The transfers of these accounts that are not completed, in the order of their creation. They count for no line. */
  readonly notCompleted: readonly Transfer[];
  /** The completed transfers of which the API does not state an amount or an asset that a line needs. */
  readonly incomplete: readonly Transfer[];
}
