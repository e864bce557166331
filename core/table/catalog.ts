import pMap from "p-map";
import {
  type AccountActivities,
  type AccountActivity,
  type AccountDescription,
  type AccountEvent,
  activitiesOf,
  activityAfter,
  hasNotEnded,
  isActive,
} from "../domain/account-activity.ts";
import type { Asset } from "../domain/balance.ts";
import type { Schedule, ScheduleVersion } from "../domain/history-source.ts";
import type { Slot } from "../domain/slot.ts";
import type { SnapshotSummary } from "../domain/snapshot.ts";
import { TABLE_KEYS } from "../names/table-keys.ts";
import { decodeAccountEvent, encodeAccountEvent } from "./account-event-item.ts";
import { type Item, number, numberOf, string, stringOf } from "./attributes.ts";
import { ACCOUNTS_PARTITION, ASSETS_PARTITION, keyOf, SCHEDULES_PARTITION } from "./keys.ts";
import { firstSummaryAfter } from "./read-snapshot.ts";
import type { Table } from "./table.ts";

/** An account may show thousands of assets for the first time. */
const PUT_CONCURRENCY = 16;

/**
 * What does not vary between snapshots, stored once: the starts and ends of accounts, the descriptions of assets, the schedules. Registering
 * remembers what is known, so that a warm function writes only what is new and reads the catalog once.
 */
export class Catalog {
  readonly #table: Table;
  #knownAccounts: Promise<Map<string, AccountActivity>> | undefined;
  #knownAssets: Promise<Map<string, Asset>> | undefined;
  #knownSchedule: string | undefined;

  constructor(table: Table) {
    this.#table = table;
  }

  /**
   * Reads when each account counts. Registering relies on the newest result, because another process can end an account.
   * @param consistent `false`: costs half, but may lack events that were registered within the last second
   */
  async accounts(consistent = true): Promise<AccountActivities> {
    const items = await this.#table.queryAll({ partition: ACCOUNTS_PARTITION, consistent });
    const activities = activitiesOf(items.map(decodeAccountEvent));
    this.#knownAccounts = Promise.resolve(activities);
    return activities;
  }

  /** Returns the newest description of every asset, by symbol. */
  async assets(): Promise<ReadonlyMap<string, Asset>> {
    const versions = (await this.#items(ASSETS_PARTITION)).map(decodeAsset);
    versions.sort((a, b) => (a.since < b.since ? -1 : 1));
    return new Map(versions.map(({ since, ...asset }) => [asset.symbol, asset]));
  }

  /** Returns the schedules on which the job has run, oldest first. */
  async schedules(): Promise<ScheduleVersion[]> {
    return (await this.#items(SCHEDULES_PARTITION)).map(decodeSchedule);
  }

  /**
   * Registers that an account starts, unless it is active. Its start is its first complete snapshot since it last ended: that
   * is an earlier one than `summary` if a write was lost.
   */
  async registerStart(summary: SnapshotSummary, description?: AccountDescription): Promise<void> {
    const { accountId } = summary;
    const activity = await this.#activityOf(accountId);
    if (isActive(activity)) return;
    const first = await firstSummaryAfter(this.#table, accountId, activity.periods.at(-1)?.until);
    const { slot, completedAt } = first ?? summary;
    await this.#register({ ...description, accountId, event: "start", slot, at: completedAt });
  }

  /** Registers that an account has no complete snapshot yet, or none since it ended, unless that is known. */
  async registerPending(accountId: string, slot: Slot): Promise<void> {
    const activity = await this.#activityOf(accountId);
    if (hasNotEnded(activity)) return;
    await this.#register({ accountId, event: "pending", slot, at: slot });
  }

  async registerEnd(accountId: string, slot: Slot, at: string, reason: string): Promise<void> {
    await this.#register({ accountId, event: "end", slot, at, reason });
  }

  async #register(event: AccountEvent): Promise<void> {
    await this.#table.putIfAbsent(encodeAccountEvent(event));
    const known = await this.#knownAccounts;
    known?.set(event.accountId, activityAfter(known.get(event.accountId) ?? { periods: [] }, event));
  }

  async #activityOf(accountId: string): Promise<AccountActivity> {
    if (this.#knownAccounts === undefined) await this.accounts();
    return (await this.#knownAccounts)?.get(accountId) ?? { periods: [] };
  }

  /** Registers the descriptions of assets that are new or have changed. */
  async registerAssets(assets: readonly Asset[], slot: Slot): Promise<void> {
    this.#knownAssets ??= this.assets().then((known) => new Map(known));
    const known = await this.#knownAssets.catch((thrown) => {
      this.#knownAssets = undefined;
      throw thrown;
    });
    await pMap(
      assets.filter((asset) => !isSame(asset, known.get(asset.symbol))),
      async (asset) => {
        await this.#table.putIfAbsent(encodeAsset(asset, slot));
        known.set(asset.symbol, asset);
      },
      { concurrency: PUT_CONCURRENCY },
    );
  }

  /**
   * Registers the schedule on which the job runs, unless it is the one on which it ran before. It is in force from its slot
   * on, or from now on if the previous schedule came into force after that slot.
   */
  async registerSchedule(schedule: Schedule, slot: Slot, now: Slot): Promise<void> {
    const name = `${schedule.expression} ${schedule.timezone}`;
    if (this.#knownSchedule === name) return;
    const last = (await this.schedules()).at(-1);
    if (last?.expression !== schedule.expression || last.timezone !== schedule.timezone) {
      const since = last === undefined || last.since < slot ? slot : now;
      await this.#table.putIfAbsent(encodeSchedule(schedule, since));
    }
    this.#knownSchedule = name;
  }

  #items(partition: string): Promise<Item[]> {
    return this.#table.queryAll({ partition, consistent: true });
  }
}

function isSame(asset: Asset, known: Asset | undefined): boolean {
  return known?.type === asset.type && known.name === asset.name && known.decimals === asset.decimals;
}

function encodeAsset({ symbol, type, name, decimals }: Asset, since: Slot): Item {
  return {
    ...keyOf(ASSETS_PARTITION, `${symbol} ${since}`),
    symbol: string(symbol),
    type: string(type),
    name: string(name),
    decimals: number(decimals),
    since: string(since),
  };
}

function decodeAsset(item: Item): Asset & { since: Slot } {
  return {
    symbol: stringOf(item, "symbol"),
    type: stringOf(item, "type"),
    name: stringOf(item, "name"),
    decimals: numberOf(item, "decimals"),
    since: stringOf(item, "since"),
  };
}

function encodeSchedule({ expression, timezone }: Schedule, since: Slot): Item {
  return { ...keyOf(SCHEDULES_PARTITION, since), expression: string(expression), timezone: string(timezone) };
}

function decodeSchedule(item: Item): ScheduleVersion {
  return {
    expression: stringOf(item, "expression"),
    timezone: stringOf(item, "timezone"),
    since: stringOf(item, TABLE_KEYS.sort),
  };
}
