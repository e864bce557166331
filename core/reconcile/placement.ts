import { CLOCK_TOLERANCE_MS } from "../domain/slot.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import type { Transfer } from "../domain/transfer.ts";
import type { AccountEnds, Undetermined } from "./reconciliation.ts";

/**
 * Where a completed transfer is in relation to a period of an account: its effect is `inside` or `outside`, or the first end at
 * which this is unknown.
 */
export type Placement = "inside" | "outside" | Pick<Undetermined, "end" | "reason">;

/** The instants of a transfer, in milliseconds since 1970. */
export interface TransferTimes {
  /** When it was executed, at the earliest. */
  readonly executed: number;
  /** When it was completed, at the latest. */
  readonly completed: number;
  /** Whether `completed` is the API's time of the completion. */
  readonly isExact: boolean;
}

/** From when to when the balances of a snapshot were read, by the API's clock, in milliseconds since 1970. */
interface WalkSpan {
  readonly from: number;
  readonly to: number;
}

/** The walks of both ends of a period. */
export interface EndWalks {
  readonly opening: WalkSpan;
  readonly closing: WalkSpan;
}

/** Returns when a completed transfer was executed and completed. A time that the API does not state can be any time. */
export function transferTimes({ createdAt, executedAt, completedAt, updatedAt }: Transfer): TransferTimes {
  const executed = executedAt ?? createdAt;
  // A transfer is not completed after its last update.
  const completed = completedAt ?? updatedAt;
  return {
    executed: executed === undefined ? Number.NEGATIVE_INFINITY : Date.parse(executed),
    completed: completed === undefined ? Number.POSITIVE_INFINITY : Date.parse(completed),
    isExact: completedAt !== undefined,
  };
}

/** Returns the walks of both ends, with a tolerance on both sides: they are by our clock, and the transfers by the API's. */
export function endWalks({ opening, closing }: Pick<AccountEnds, "opening" | "closing">): EndWalks {
  return { opening: walkSpan(opening), closing: walkSpan(closing) };
}

/** Returns where a completed transfer is in relation to a period. */
export function placementOf(times: TransferTimes, walks: EndWalks): Placement {
  const opening = sideOf(times, walks.opening);
  const closing = sideOf(times, walks.closing);
  if (opening === "before" || closing === "after") return "outside";
  if (opening !== "after") return { end: "opening", reason: opening };
  return closing === "before" ? "inside" : { end: "closing", reason: closing };
}

function walkSpan({ capturedAt, completedAt }: Snapshot): WalkSpan {
  return { from: Date.parse(capturedAt) - CLOCK_TOLERANCE_MS, to: Date.parse(completedAt) + CLOCK_TOLERANCE_MS };
}

/** Returns on which side of an end a transfer is, or why this is unknown. */
function sideOf(times: TransferTimes, walk: WalkSpan): "before" | "after" | Undetermined["reason"] {
  if (times.completed < walk.from) return "before";
  if (times.isExact && times.completed <= walk.to) return "completed_in_walk";
  if (times.executed > walk.to) return "after";
  return times.isExact ? "in_progress" : "no_time";
}
