import type { HistoryRecord } from "../../core/domain/history-source.ts";
import { MAX_RUN_MS } from "../../core/domain/limits.ts";
import type { Slot } from "../../core/domain/slot.ts";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import { asOf } from "../../core/history/as-of.ts";
import type { GapReason } from "../../core/history/gap-reason.ts";
import { type ScheduledSlot, scheduledSlots } from "../../core/history/scheduled-slots.ts";
import type { HistoryReader } from "../../core/table/history-reader.ts";

const PERIOD_MS = 3_600_000;
const WINDOW = { beforeMs: 60_000, afterMs: PERIOD_MS + MAX_RUN_MS };

/** What a reader of the history sees of one slot of one account. */
export interface SlotView {
  readonly accountId: string;
  readonly slot: Slot;
  /** The table knows the account. */
  readonly isKnown: boolean;
  readonly snapshot: Snapshot | undefined;
  /** Why the slot is a gap, if it is one. */
  readonly reason: GapReason | undefined;
  /** The slot of the snapshot that an as-of query for the end of the hour returns. */
  readonly asOf: Slot | undefined;
  /** Errors of queries. */
  readonly refusals: readonly Error[];
}

/** Reads slots as the commands `gaps`, `history` and `as-of` do. */
export async function readSlots(
  reader: HistoryReader,
  accountIds: readonly string[],
  slots: readonly Slot[],
): Promise<SlotView[]> {
  const [schedules, accounts] = [await reader.schedules(), await reader.accounts()];
  const views: SlotView[] = [];
  for (const accountId of accountIds) {
    for (const slot of slots) {
      const from = Date.parse(slot);
      const refusals: Error[] = [];
      const refuse = (thrown: Error) => void refusals.push(thrown);
      const since = accounts.get(accountId)?.periods[0]?.since ?? slot;
      const range = { from, to: from, now: from };
      // A reader does not see accounts that the table does not know.
      const failedRuns = accounts.has(accountId) ? await reader.failedRuns(range) : [];
      const seen = scheduledSlots(reader, accountId, schedules, since, range, failedRuns);
      const scheduled = await only(seen).catch(refuse);
      const answer = await asOf(reader, accountId, from + PERIOD_MS - 1, () => WINDOW).catch(refuse);
      const snapshot = answer?.slot === slot ? answer : await snapshotAt(reader, accountId, from);
      if (refusals.length === 0 && (scheduled?.complete ?? false) !== (snapshot !== undefined)) {
        throw new Error(`${slot} of ${accountId} is a gap for one query and a snapshot for another`);
      }
      const isKnown = accounts.has(accountId);
      const reason = scheduled?.complete === false ? scheduled.reason : undefined;
      views.push({ accountId, slot, isKnown, snapshot, reason, asOf: answer?.slot, refusals });
    }
  }
  return views;
}

async function snapshotAt(reader: HistoryReader, accountId: string, at: number): Promise<Snapshot | undefined> {
  let record: HistoryRecord | undefined;
  for await (record of reader.records(accountId, { from: at, to: at }));
  return record?.status === "complete" ? record.snapshot : undefined;
}

/** Returns the single slot, if there is one. */
async function only(slots: AsyncIterable<ScheduledSlot>): Promise<ScheduledSlot | undefined> {
  const seen: ScheduledSlot[] = [];
  for await (const slot of slots) seen.push(slot);
  if (seen.length > 1) throw new Error(`${seen[0]?.slot} was returned ${seen.length} times`);
  return seen[0];
}
