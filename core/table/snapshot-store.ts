import { randomUUID } from "node:crypto";
import type { AccountActivities, AccountActivity, AccountDescription } from "../domain/account-activity.ts";
import type { Asset } from "../domain/balance.ts";
import { StoreError, toJobError } from "../domain/errors.ts";
import type { FailedRun } from "../domain/failed-run.ts";
import type { ScheduleSettings } from "../domain/history-source.ts";
import type { KeyList, KeyLists } from "../domain/key-list.ts";
import type {
  ChainUpdate,
  PreviousSlot,
  SavedSnapshot,
  SlotRecord,
  SlotState,
  SnapshotStore,
} from "../domain/ports.ts";
import type { Slot } from "../domain/slot.ts";
import type { FailedAttempt, Snapshot, SnapshotSummary } from "../domain/snapshot.ts";
import { LARGEST_ACCOUNT, type WalkLimits } from "../domain/walk-limits.ts";
import { TABLE_KEYS } from "../names/table-keys.ts";
import { type Item, mapOf, number, string, stringOf } from "./attributes.ts";
import { Catalog } from "./catalog.ts";
import type { ReportDamage } from "./catalog-content.ts";
import type { CatalogShare } from "./catalog-share.ts";
import { ChainReader } from "./chain-reader.ts";
import { ChainWriter } from "./chain-writer.ts";
import { assertTotalsFit } from "./denominations-limit.ts";
import { contentDigest, DIGEST } from "./digest.ts";
import { decodeFailedRun, encodeFailedRun, failedRunsUpTo } from "./failed-run-item.ts";
import { FAILED, STATUS } from "./keys.ts";
import { encodeParts, splitBalances } from "./parts.ts";
import { firstComplete, readSnapshot } from "./read-snapshot.ts";
import { decodeRecord, encodeAttempt, encodeSnapshot, keptUntilOf, withExpiry } from "./snapshot-item.ts";
import { growingPages, type Table } from "./table.ts";

/**
 * Parts expire this many days after their snapshot, so that every snapshot that a reader finds has its parts: DynamoDB deletes
 * expired items in any order, "within a few days".
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
 */
const PARTS_EXTRA_DAYS = 30;

/** The snapshot store of the job, in a DynamoDB table. */
export class TableSnapshotStore implements SnapshotStore {
  readonly #table: Table;
  readonly #catalog: Catalog;
  readonly #chains: ChainWriter;
  readonly #retentionDays: number | undefined;

  /**
   * @param retentionDays DynamoDB may delete snapshots and records of failures this many days after their slot
   * @param report receives what is wrong with the catalog, which costs no snapshot
   * @param share what its catalog has in common with those of other runs in this process. Default: nothing
   */
  constructor(table: Table, retentionDays?: number, report?: ReportDamage, share?: CatalogShare) {
    this.#table = table;
    this.#retentionDays = retentionDays;
    this.#catalog = new Catalog(table, report, share);
    this.#chains = new ChainWriter(table, new ChainReader(table));
  }

  async readSlot(accountId: string, slot: Slot, limits = LARGEST_ACCOUNT): Promise<SlotState> {
    const order = { descending: true, consistent: true, pageSize: growingPages(1) };
    let current: SlotRecord | undefined;
    for await (const item of this.#table.query({ partition: accountId, to: slot, ...order })) {
      if (stringOf(item, TABLE_KEYS.sort) === slot) {
        current = recordOf(item);
        // A complete slot needs no walk, so the previous snapshot is not needed.
        if (current?.status === "complete") break;
        continue;
      }
      try {
        const record = recordOf(item);
        if (record?.status !== "complete") continue;
        if (exceeds(limits, item, record.summary)) return { current, previous: undefined, previousIsLarger: true };
        const previous = await readSnapshot(this.#table, item);
        return previous.altered
          ? { current, previous: undefined, previousError: alteredError(previous) }
          : { current, previous };
      } catch (thrown) {
        return { current, previous: undefined, previousError: toJobError(thrown) };
      }
    }
    return { current, previous: undefined };
  }

  latest(accountId: string): Promise<Snapshot | undefined> {
    return firstComplete(this.#table, { partition: accountId, descending: true });
  }

  /**
   * Writes the descriptions of assets and the parts first, so that every reader who sees the snapshot finds them, and the start
   * last: an account that counts has a snapshot. The snapshot itself holds the descriptions that the catalog does not have.
   */
  async save(
    snapshot: Snapshot,
    assets: readonly Asset[],
    description?: AccountDescription,
  ): Promise<SavedSnapshot | undefined> {
    const { accountId, slot, capturedAt } = snapshot;
    assertTotalsFit(snapshot);
    const own = await this.#catalog.registerAssets(assets);
    const whole = encodeSnapshot({ ...snapshot, descriptions: new Map(own.map((asset) => [asset.symbol, asset])) });
    const digest = contentDigest(whole);
    const head = this.#withExpiry({ ...(await this.#writeParts(snapshot, whole)), [DIGEST]: string(digest) }, slot);
    if (!(await this.#table.putUnlessComplete(head))) return undefined;
    const saved = { accountId, slot, capturedAt, digest, keptUntil: keptUntilOf(head) };
    try {
      await this.registerStart(snapshot, description);
      return saved;
    } catch (thrown) {
      return { ...saved, startError: toJobError(thrown) };
    }
  }

  /** Returns the item to store: the whole item, or the item of a snapshot whose balances are in parts. */
  async #writeParts(snapshot: Snapshot, whole: Item): Promise<Item> {
    const parts = splitBalances(mapOf(whole, "balances"));
    if (parts.length === 1) return whole;
    const partsId = randomUUID();
    for (const item of encodeParts(snapshot, partsId, parts)) {
      await this.#table.putIfAbsent(this.#withExpiry(item, snapshot.slot, PARTS_EXTRA_DAYS));
    }
    const { balances: _, ...head } = whole;
    return { ...head, parts: number(parts.length), partsId: string(partsId) };
  }

  async recordFailure(attempt: FailedAttempt, key?: string): Promise<boolean> {
    await this.#catalog.registerPending(attempt.accountId, attempt.slot, key);
    return this.#table.putUnlessComplete(this.#withExpiry(encodeAttempt(attempt), attempt.slot));
  }

  async failedRuns(slot: Slot): Promise<readonly FailedRun[]> {
    const at = Date.parse(slot);
    return (await this.#table.queryAll(failedRunsUpTo(at, at))).map(decodeFailedRun);
  }

  async recordFailedRun(run: FailedRun): Promise<void> {
    for (const item of encodeFailedRun(run)) await this.#table.putIfAbsent(this.#withExpiry(item, run.slot));
  }

  appendEntry(saved: SavedSnapshot, previous: PreviousSlot | undefined, update: ChainUpdate): Promise<number> {
    return this.#chains.append(saved, previous, update);
  }

  appendMissingEntries(accountId: string, update: ChainUpdate, slot?: Slot): Promise<number> {
    return this.#chains.appendMissing(accountId, update, slot);
  }

  registerSchedule(schedule: ScheduleSettings, slot: Slot, now: Slot): Promise<void> {
    return this.#catalog.registerSchedule(schedule, slot, now);
  }

  registerStart(summary: SnapshotSummary, description?: AccountDescription): Promise<void> {
    return this.#catalog.registerStart(summary, description);
  }

  registerEnd(accountId: string, slot: Slot, at: string, reason: string): Promise<void> {
    return this.#catalog.registerEnd(accountId, slot, at, reason);
  }

  registerDescription(description: AccountDescription, now: Slot): Promise<void> {
    return this.#catalog.registerDescription(description, now);
  }

  registerKey(summary: SnapshotSummary, description: AccountDescription, now: Slot): Promise<void> {
    return this.#catalog.registerKey(summary, description, now);
  }

  readAccount(accountId: string): Promise<AccountActivity> {
    return this.#catalog.readAccount(accountId);
  }

  keyLists(): Promise<KeyLists> {
    return this.#catalog.keyLists();
  }

  registerKeyList(key: string, list: KeyList): Promise<void> {
    return this.#catalog.registerKeyList(key, list);
  }

  startNamesRefresh(now: Slot, key?: string): Promise<boolean> {
    return this.#catalog.startNamesRefresh(now, key);
  }

  accounts(): Promise<AccountActivities> {
    return this.#catalog.refresh();
  }

  hasAccounts(key?: string): Promise<boolean> {
    return this.#catalog.hasAccounts(key);
  }

  #withExpiry(item: Item, slot: Slot, extraDays = 0): Item {
    return this.#retentionDays === undefined ? item : withExpiry(item, slot, this.#retentionDays + extraDays);
  }
}

/**
 * Returns the record of a slot; `undefined` for a failed attempt that cannot be read, for example because a newer version wrote it:
 * that must not cost the slot its snapshot, which replaces the attempt.
 */
function recordOf(item: Item): SlotRecord | undefined {
  try {
    return decodeRecord(item);
  } catch (thrown) {
    if (item[STATUS]?.S === FAILED) return undefined;
    throw thrown;
  }
}

/** An altered snapshot could make the walk expect the wrong assets. */
function alteredError({ accountId, slot }: Snapshot): StoreError {
  const message = `The snapshot of ${accountId} for ${slot} does not match its own digest.`;
  return new StoreError("snapshot_altered", message, { suggestedFix: "Run balances verify." });
}

/** Whether a snapshot exceeds the limits of a walk. One in parts has more bytes than that of a medium account. */
function exceeds(limits: WalkLimits, item: Item, { assets }: SnapshotSummary): boolean {
  return limits !== LARGEST_ACCOUNT && (item["parts"] !== undefined || assets > limits.balances);
}
