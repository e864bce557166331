import {
  type AccountActivities,
  type AccountActivity,
  type AccountDescription,
  descriptionAt,
  firstSlotOf,
  isActiveAt,
  lastKeyOf,
} from "../domain/account-activity.ts";
import type { Asset } from "../domain/balance.ts";
import { type CompletionWindow, slotsCompletedIn } from "../domain/completion-window.ts";
import { attemptsOf, type FailedRun } from "../domain/failed-run.ts";
import type { HistoryRecord, HistorySource, ScheduleVersion, SlotRange } from "../domain/history-source.ts";
import { MAX_RUN_MS } from "../domain/limits.ts";
import { type Slot, slotAt } from "../domain/slot.ts";
import type { FailedAttempt, Snapshot } from "../domain/snapshot.ts";
import { longestPeriod } from "../schedule/slot-rule.ts";
import { AccountSchedules } from "./account-schedules.ts";
import { asOf } from "./as-of.ts";
import { medianIntervalMs } from "./median-interval.ts";
import { failedRunsFor, withKeyReason } from "./runs-of-keys.ts";
import { type Gap, type ScheduledSlot, scheduledSlots } from "./scheduled-slots.ts";
import type { ReadRecords, SeenRecords } from "./seen-records.ts";
import { type SeriesPoint, series } from "./series.ts";
import type { Step } from "./steps.ts";

/** Later than any completion, whatever the local clock says. */
export const END_OF_TIME = Date.UTC(9999, 0, 1);

/** The facts that a `History` needs, apart from its source. */
export interface HistoryFacts {
  /** When each account counts. */
  readonly accounts: AccountActivities;
  /** Oldest first; empty if every run was manual. The first one of a key also applies to the time before its `since`. */
  readonly schedules: readonly ScheduleVersion[];
  /** The schedules on which the job ran, if `schedules` replaces them. They bound when snapshots were completed. */
  readonly registered: readonly ScheduleVersion[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A point of an account's series. */
export interface AccountPoint extends SeriesPoint {
  /** Whether the account counts at the step; if not, a missing snapshot is no gap. */
  readonly active: boolean;
}

/**
 * Queries past holdings. Times are milliseconds since 1970. A snapshot counts for the time of its completion, not for its
 * slot. Every method that reads the source throws a StoreError on failure.
 */
export class History {
  /** Whether a key with a name has served an account. Only then rows have a key. */
  readonly hasKeys: boolean;
  readonly #source: HistorySource;
  readonly #facts: HistoryFacts;
  readonly #schedules: AccountSchedules;
  readonly #registered: AccountSchedules;
  /** The failed runs of each range that was read: all accounts of a command share them. */
  readonly #failedRuns = new Map<string, Promise<readonly FailedRun[]>>();

  constructor(source: HistorySource, facts: HistoryFacts) {
    this.hasKeys = [...facts.accounts.values()].some((activity) => lastKeyOf(activity) !== undefined);
    this.#source = source;
    this.#facts = facts;
    this.#schedules = new AccountSchedules(facts.schedules);
    this.#registered = new AccountSchedules(facts.registered);
  }

  /**
   * Reads the accounts and the schedules of a source.
   * @param schedules replace those of the source
   */
  static async load(source: HistorySource, now: number, schedules?: readonly ScheduleVersion[]): Promise<History> {
    const [accounts, registered] = [await source.accounts(), await source.schedules()];
    return new History(source, { accounts, registered, schedules: schedules ?? registered, now });
  }

  /** Returns the same history with other schedules. */
  withSchedules(schedules: readonly ScheduleVersion[]): History {
    return new History(this.#source, { ...this.#facts, schedules });
  }

  /** Every account, including those that are pending or have ended. */
  get accountIds(): readonly string[] {
    return [...this.#facts.accounts.keys()];
  }

  /** When each account counts, and its descriptions. */
  get activities(): AccountActivities {
    return this.#facts.accounts;
  }

  /** Returns when an account counts. @throws {RangeError} for an unknown account */
  activity(accountId: string): AccountActivity {
    const activity = this.#facts.accounts.get(accountId);
    if (activity === undefined) throw new RangeError(`unknown account ${accountId}`);
    return activity;
  }

  /**
   * Returns the name, type, owner and key that an account had at a time; the first known ones for a time before.
   * @param at default: its newest description
   * @throws {RangeError} for an unknown account
   */
  description(accountId: string, at = END_OF_TIME): AccountDescription {
    const { name, type, owner, key } = descriptionAt(this.activity(accountId), at);
    return { accountId, name, type, owner, key };
  }

  isActive(accountId: string, at: number): boolean {
    return isActiveAt(this.activity(accountId), at);
  }

  /** Whether a slot of the schedule is ever expected of any account. */
  get hasSchedule(): boolean {
    return this.#facts.schedules.length > 0;
  }

  /** Whether the schedule of the key that serves an account is known. @throws {RangeError} for an unknown account */
  isScheduled(accountId: string): boolean {
    return this.#schedules.of(this.activity(accountId)).length > 0;
  }

  /**
   * Returns the slot of an account's first complete snapshot, or else of its first failed attempt.
   * @throws {RangeError} for an unknown account
   */
  firstSlot(accountId: string): Slot {
    return firstSlotOf(this.activity(accountId)) ?? slotAt(this.#facts.now);
  }

  assets(): Promise<ReadonlyMap<string, Asset>> {
    return this.#source.assets();
  }

  /** Returns the complete snapshot that was completed last, at or before a time. */
  asOf(accountId: string, at: number): Promise<Snapshot | undefined> {
    return asOf(this.#source, accountId, at, (ms) => this.#windowAt(accountId, ms));
  }

  /** Returns what `asOf` returns, unless it is too old to show what was held then. */
  async freshAsOf(accountId: string, at: number): Promise<Snapshot | undefined> {
    const snapshot = await this.asOf(accountId, at);
    return snapshot && this.isFresh(snapshot, at) ? snapshot : undefined;
  }

  /**
   * Returns whether a snapshot is new enough to show what was held at a time.
   * @param maxAgeMs the age that it may have; default: that of the slot before the last one
   */
  isFresh(
    { accountId, capturedAt }: Snapshot,
    at: number,
    maxAgeMs = this.ageOfPenultimateSlotMs(accountId, at),
  ): boolean {
    return at - Date.parse(capturedAt) <= maxAgeMs;
  }

  /** Returns the complete snapshot that was completed last. */
  latest(accountId: string): Promise<Snapshot | undefined> {
    return this.asOf(accountId, END_OF_TIME);
  }

  /**
   * Returns the newest failed attempt, which can be a run that failed as a whole, unless its slot or a newer one has a
   * complete snapshot.
   */
  async lastFailure(accountId: string): Promise<FailedAttempt | undefined> {
    let newest: HistoryRecord | undefined;
    for await (newest of this.#source.recordsBack(accountId, END_OF_TIME)) break;
    const from = newest === undefined ? 0 : Date.parse(newest.slot) + 1;
    const failedRun = attemptsOf(accountId, await this.#failedRunsIn(accountId, { from, to: END_OF_TIME })).at(-1);
    return failedRun ?? (newest?.status === "failed" ? newest.attempt : undefined);
  }

  /** Returns the complete snapshot of the oldest slot. */
  oldest(accountId: string): Promise<Snapshot | undefined> {
    return this.#source.oldest(accountId);
  }

  /** Streams the snapshots that were completed in a range, both ends included, in the order of their slots. */
  async *completed(accountId: string, range: SlotRange): AsyncGenerator<Snapshot> {
    for await (const record of this.#source.records(
      accountId,
      slotsCompletedIn(range, this.#window(accountId, range)),
    )) {
      if (record.status === "failed") continue;
      const completedAt = Date.parse(record.snapshot.completedAt);
      if (completedAt >= range.from && completedAt <= range.to) yield record.snapshot;
    }
  }

  /**
   * Streams one point for each step, ascending. A step without a snapshot, or with one that is too old, is a gap, except at a
   * time when the account does not count.
   * @param seen keeps the records for `gaps`
   */
  async *series(accountId: string, steps: readonly Step[], seen?: SeenRecords): AsyncGenerator<AccountPoint> {
    const range = { from: steps[0]?.after ?? 0, to: steps.at(-1)?.at ?? 0 };
    const options = {
      periodMs: longestPeriod(this.#schedules.of(this.activity(accountId)), range),
      window: this.#window(accountId, range),
      windowAt: (ms: number) => this.#windowAt(accountId, ms),
      isFresh: (snapshot: Snapshot, at: number) => this.isFresh(snapshot, at),
      seen,
    };
    for await (const point of series(this.#source, accountId, steps, options)) {
      const active = this.isActive(accountId, point.step.at);
      yield active ? { ...point, active } : { step: point.step, active, snapshot: undefined, pending: false };
    }
  }

  /**
   * Returns the time up to which a slot of any of these accounts without a record is a gap, in milliseconds since 1970. The run of
   * a later slot may be in progress.
   */
  expectedUntil(accountIds: readonly string[]): number {
    let maxRunMs = MAX_RUN_MS;
    for (const id of accountIds) maxRunMs = Math.max(maxRunMs, this.#registered.maxRunMs(this.activity(id)));
    return this.#facts.now - maxRunMs;
  }

  /**
   * Streams the slots of the schedule in a range, each complete or a gap, and the manual runs that failed, while the account
   * counts.
   * @param readRecords default: from the source
   */
  async *scheduledSlots(accountId: string, range: SlotRange, readRecords?: ReadRecords): AsyncGenerator<ScheduledSlot> {
    const { schedules, registered, now } = this.#facts;
    const activity = this.activity(accountId);
    const versions = this.#schedules.of(activity);
    const bounds = { now, expectedUntil: this.expectedUntil([accountId]), areReplaced: schedules !== registered };
    for (const { since, until } of activity.periods) {
      const to = until === undefined ? range.to : Math.min(range.to, Date.parse(until) - 1);
      if (to < range.from || Date.parse(since) > range.to) continue;
      const within = { ...bounds, from: range.from, to, registered: this.#registered.possible(activity) };
      const failedRuns = await this.#failedRunsIn(accountId, range);
      for await (const slot of scheduledSlots(
        this.#source,
        accountId,
        versions,
        since,
        within,
        failedRuns,
        readRecords,
      )) {
        yield withKeyReason(slot, activity);
      }
    }
  }

  async #failedRunsIn(accountId: string, range: SlotRange): Promise<readonly FailedRun[]> {
    const name = `${range.from} ${range.to}`;
    const runs = this.#failedRuns.get(name) ?? this.#source.failedRuns(range);
    this.#failedRuns.set(name, runs);
    return failedRunsFor(this.activity(accountId), await runs);
  }

  /**
   * Streams the gaps in a range: the slots of the schedule without a complete snapshot.
   * @param seen of a series that has ended; its records are not read again
   */
  async *gaps(accountId: string, range: SlotRange, seen?: SeenRecords): AsyncGenerator<Gap> {
    for await (const slot of this.scheduledSlots(accountId, range, seen?.recall)) {
      if (!slot.complete && slot.trigger === "schedule") yield slot;
    }
  }

  /** Returns the age of an account's slot before the last one: an older snapshot means a missed slot. Infinite without a schedule. */
  ageOfPenultimateSlotMs(accountId: string, at: number): number {
    return this.#schedules.ageOfPenultimateSlotMs(this.activity(accountId), at);
  }

  /**
   * Returns the time between snapshots in milliseconds: the longest period of the accounts' schedules, or else the median of the
   * first account's manual runs.
   */
  async intervalMs(accountIds: readonly string[], range: SlotRange): Promise<number> {
    const schedules = new Set(accountIds.map((id) => this.#schedules.of(this.activity(id))));
    const [first = ""] = accountIds;
    if ([...schedules].every(({ length }) => length === 0)) return medianIntervalMs(this.#source, first, range.to);
    return Math.max(...[...schedules].map((versions) => longestPeriod(versions, range)));
  }

  #windowAt(accountId: string, ms: number): CompletionWindow {
    const at = Math.min(ms, this.#facts.now);
    return this.#window(accountId, { from: at, to: at });
  }

  #window(accountId: string, range: SlotRange): CompletionWindow {
    return this.#registered.window(this.activity(accountId), range);
  }
}
