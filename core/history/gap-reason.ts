import { completionProblem, completionWindow } from "../domain/completion-window.ts";
import type { HistorySource, ScheduleVersion, SlotRange } from "../domain/history-source.ts";
import { type Slot, slotAt } from "../domain/slot.ts";
import type { FailedAttempt, Snapshot } from "../domain/snapshot.ts";

/** Why a slot has no snapshot: its failed attempt, or what the absence of any record means. */
export interface GapReason extends Pick<FailedAttempt, "code" | "message" | "suggestedFix" | "attempts"> {
  /** In the format of a slot; `null` without a record. */
  readonly lastTriedAt: string | null;
}

const NO_RECORD = { attempts: 0, lastTriedAt: null };

export const NOT_RUN: GapReason = {
  ...NO_RECORD,
  code: "not_run",
  message: "Nothing was recorded: the job did not run for this slot.",
};

/** Why a slot has no record if no key served the account. */
export const NO_KEY: GapReason = {
  ...NO_RECORD,
  code: "no_key",
  message: "The API did not list the account for the key that had served it, and no other key had taken it over.",
};

const RECORD_EXPIRED: GapReason = {
  ...NO_RECORD,
  code: "record_expired",
  message: "The slot had no snapshot. The record of the reason, if there was one, has expired.",
};

const SNAPSHOT_REMOVED: GapReason = {
  ...NO_RECORD,
  code: "snapshot_removed",
  message: "The account's hash chain contains a snapshot of this slot, but the table does not.",
  suggestedFix: "Run balances verify.",
};

/** Returns why a complete snapshot does not count for its slot; `undefined`: it was completed in the slot's window. */
export function windowReason(
  schedules: readonly ScheduleVersion[],
  snapshot: Pick<Snapshot, "slot" | "completedAt">,
): GapReason | undefined {
  const message = completionProblem(schedules, snapshot);
  if (message === undefined) return undefined;
  return { ...NO_RECORD, code: "completed_outside_window", message, suggestedFix: "Run balances verify." };
}

/** The state of a slot without a record: `"complete"` is a snapshot that has expired, or was stored a moment ago. */
export type Absence = "complete" | GapReason;

/**
 * Creates a function that returns why a slot has no record. It reads the account's hash chain on its first call, because
 * most histories have a record for every slot.
 * @param now milliseconds since 1970
 */
export function absenceReader(
  source: HistorySource,
  accountId: string,
  schedules: readonly ScheduleVersion[],
  { from, to }: SlotRange,
  now: number,
): (slot: Slot) => Promise<Absence> {
  const { afterMs } = completionWindow(schedules, { from, to });
  const readChain = async () => {
    const chained = await source.chainedSlots(accountId, { from: from - afterMs, to: to + afterMs });
    const isExpired = (keptUntil: string | undefined) => keptUntil !== undefined && Date.parse(keptUntil) <= now;
    const expired = [...chained].flatMap(([slot, keptUntil]) => (isExpired(keptUntil) ? [slot] : []));
    return { chained, expired: new Set(expired), lastExpired: expired.sort().at(-1) ?? slotAt(0) };
  };
  let chain: ReturnType<typeof readChain> | undefined;
  return async (slot) => {
    chain ??= readChain();
    const { chained, expired, lastExpired } = await chain;
    if (expired.has(slot)) return "complete";
    if (chained.has(slot)) return (await isStored(source, accountId, slot)) ? "complete" : SNAPSHOT_REMOVED;
    return slot < lastExpired ? RECORD_EXPIRED : NOT_RUN;
  };
}

/** Reads a record again: a retry can have stored it after the records were read, and before the chain was. */
async function isStored(source: HistorySource, accountId: string, slot: Slot): Promise<boolean> {
  const at = Date.parse(slot);
  for await (const { status } of source.records(accountId, { from: at, to: at })) return status === "complete";
  return false;
}
