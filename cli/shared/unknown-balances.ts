import { slotAt } from "../../core/domain/slot.ts";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import { labelOf } from "./account-names.ts";
import { duration } from "./counted.ts";
import { localTime } from "./date-time.ts";
import type { CommandContext } from "./history-command.ts";

type Names = Pick<CommandContext, "history" | "timezone">;

/** Returns a sentence for an account that counts at a time, milliseconds since 1970, and has no snapshot before it. */
export function whyNoSnapshot({ history, timezone }: Names, accountId: string, at: number): string {
  const time = localTime(slotAt(at), timezone);
  return `${labelOf(history, accountId)} has no snapshot before ${time}, although it has started. Run balances gaps.`;
}

/** Returns a sentence for an account that counts now and has no snapshot: all of them have expired, or were deleted. */
export function whyNoSnapshotNow({ history }: Pick<Names, "history">, accountId: string): string {
  return `${labelOf(history, accountId)} has no complete snapshot any more. Run balances gaps.`;
}

/**
 * Returns a sentence for a snapshot that is too old to show what was held at a time.
 * @param at milliseconds since 1970
 * @param maxAgeMs the age that a snapshot may have
 * @param fix a sentence
 */
export function whyTooOld(
  { history, timezone }: Names,
  { accountId, capturedAt }: Snapshot,
  at: number,
  maxAgeMs: number,
  fix: string,
): string {
  const time = (ms: number) => localTime(slotAt(ms), timezone);
  const age = duration(at - Date.parse(capturedAt));
  return (
    `${labelOf(history, accountId)}: the last snapshot before ${time(at)} was captured ${age} earlier, at ` +
    `${localTime(capturedAt, timezone)}. The maximum age requires one since ${time(at - maxAgeMs)}. ${fix}`
  );
}
