import { type AccountActivity, type AccountEvent, activityAfter } from "../../../core/domain/account-activity.ts";
import { StoreError } from "../../../core/domain/errors.ts";
import { attemptsOf, type FailedRun } from "../../../core/domain/failed-run.ts";
import type { Clock, SlotRecord, SnapshotStore } from "../../../core/domain/ports.ts";
import type { Slot } from "../../../core/domain/slot.ts";
import type { Snapshot, SnapshotSummary } from "../../../core/domain/snapshot.ts";

const LATENCY_MS = 6;

/** The table in memory, because the embedded one would take an hour for a hundred thousand accounts. */
export class MemoryTable {
  isThrottled = false;
  /** By account and slot. */
  readonly #records = new Map<string, SlotRecord>();
  readonly #latest = new Map<string, Snapshot>();
  readonly #activities = new Map<string, AccountActivity>();
  readonly #failedRuns: FailedRun[] = [];
  #refreshed = false;

  /** Returns what is stored about an account's slot: its snapshot, the reason for having none, or nothing. */
  stateOf(accountId: string, slot: Slot): "complete" | "explained" | "unexplained" {
    const record = this.#records.get(`${accountId} ${slot}`);
    if (record?.status === "complete") return "complete";
    const isExplained =
      record !== undefined || attemptsOf(accountId, this.#failedRuns).some((run) => run.slot === slot);
    return isExplained ? "explained" : "unexplained";
  }

  /** Returns the complete snapshot of an account's slot. */
  snapshotOf(accountId: string, slot: Slot): SnapshotSummary | undefined {
    const record = this.#records.get(`${accountId} ${slot}`);
    return record?.status === "complete" ? record.summary : undefined;
  }

  /** Returns the store of an invocation. */
  store(clock: Clock): SnapshotStore {
    const request = async <T>(work: () => T): Promise<T> => {
      await clock.sleep(LATENCY_MS / 2);
      if (this.isThrottled) throw new StoreError("table_unavailable", "The table throttles requests.");
      const result = work();
      // A killed invocation may have written before it.
      await clock.sleep(LATENCY_MS / 2);
      return result;
    };
    const register = (event: AccountEvent) =>
      this.#activities.set(
        event.accountId,
        activityAfter(this.#activities.get(event.accountId) ?? { periods: [] }, event),
      );
    return {
      readSlot: (accountId, slot) =>
        request(() => ({
          current: this.#records.get(`${accountId} ${slot}`),
          previous: this.#latest.get(accountId),
        })),
      save: (snapshot, _, description) =>
        request(() => {
          const { accountId, slot, completedAt } = snapshot;
          if (this.#records.get(`${accountId} ${slot}`)?.status === "complete") return undefined;
          this.#records.set(`${accountId} ${slot}`, { status: "complete", summary: snapshot });
          this.#latest.set(accountId, snapshot);
          register({ ...description, event: "start", accountId, slot, at: completedAt });
          return { ...snapshot, digest: "" };
        }),
      registerStart: async () => {},
      registerEnd: (accountId, slot, at, reason) =>
        request(() => void register({ event: "end", accountId, slot, at, reason })),
      recordFailure: (attempt) =>
        request(() => {
          const at = `${attempt.accountId} ${attempt.slot}`;
          if (this.#records.get(at)?.status === "complete") return false;
          this.#records.set(at, { status: "failed", attempt });
          return true;
        }),
      failedRuns: (slot) => request(() => this.#failedRuns.filter((run) => run.slot === slot)),
      recordFailedRun: (run) => request(() => void this.#failedRuns.push(run)),
      appendEntry: () => request(() => 1),
      appendMissingEntries: async () => 0,
      registerSchedule: async () => {},
      startNamesRefresh: async () => {
        const isDue = !this.#refreshed;
        this.#refreshed = true;
        return isDue;
      },
      registerDescription: async () => {},
      registerKey: (_, description, now) =>
        request(() => void register({ ...description, event: "described", slot: now, at: now })),
      latest: (accountId) => request(() => this.#latest.get(accountId)),
      accounts: () => request(() => new Map(this.#activities)),
      readAccount: async (accountId) => this.#activities.get(accountId) ?? { periods: [] },
      keyLists: async () => new Map(),
      registerKeyList: async () => {},
      hasAccounts: async () => this.#records.size > 0,
    };
  }
}
