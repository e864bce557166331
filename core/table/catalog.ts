import pMap from "p-map";
import type { Asset } from "../domain/balance.ts";
import type { Schedule, ScheduleVersion } from "../domain/history.ts";
import type { Slot } from "../domain/slot.ts";
import { TABLE_KEYS } from "../names/table-keys.ts";
import { type Item, number, numberOf, string, stringOf } from "./attributes.ts";
import { keyOf } from "./snapshot-item.ts";

export const ACCOUNTS_PARTITION = "accounts";
export const ASSETS_PARTITION = "assets";
export const SCHEDULES_PARTITION = "schedules";

/** Descriptions written side by side, when an account shows thousands of assets for the first time. */
const PUTS_AT_ONCE = 16;

/** What the directory is read and written with. */
export interface CatalogTable {
  accounts(): Promise<ReadonlyMap<string, Slot>>;
  assets(): Promise<ReadonlyMap<string, Asset>>;
  schedules(): Promise<readonly ScheduleVersion[]>;
  /** Puts an item unless there is one under its key. */
  putNew(item: Item): Promise<unknown>;
}

/**
 * What does not vary from snapshot to snapshot, kept once: which accounts there are, what each asset is, on which
 * schedule the job runs. It is read once and remembered, so that a run writes here only what is new.
 */
export class Catalog {
  readonly #table: CatalogTable;
  #accounts: Promise<Set<string>> | undefined;
  #assets: Promise<Map<string, Asset>> | undefined;
  #schedule: string | undefined;

  constructor(table: CatalogTable) {
    this.#table = table;
  }

  /** Enters an account that the table does not know. `slot`: of its first record. */
  async registerAccount(accountId: string, slot: Slot): Promise<void> {
    this.#accounts ??= this.#table.accounts().then((known) => new Set(known.keys()));
    const known = await this.#accounts.catch((thrown) => {
      this.#accounts = undefined;
      throw thrown;
    });
    if (known.has(accountId)) return;
    await this.#table.putNew({ ...keyOf(ACCOUNTS_PARTITION, accountId), since: string(slot) });
    known.add(accountId);
  }

  /** Enters assets that were not seen before, or that are described differently than before. */
  async registerAssets(assets: readonly Asset[], slot: Slot): Promise<void> {
    this.#assets ??= this.#table.assets().then((known) => new Map(known));
    const known = await this.#assets.catch((thrown) => {
      this.#assets = undefined;
      throw thrown;
    });
    const news = assets.filter((asset) => !isSame(asset, known.get(asset.symbol)));
    await pMap(
      news,
      async (asset) => {
        await this.#table.putNew(encodeAsset(asset, slot));
        known.set(asset.symbol, asset);
      },
      { concurrency: PUTS_AT_ONCE },
    );
  }

  /** Enters the schedule that the job runs on, if it is not the one it ran on before. */
  async registerSchedule(schedule: Schedule, slot: Slot): Promise<void> {
    const name = `${schedule.expression} ${schedule.timezone}`;
    if (this.#schedule === name) return;
    const last = (await this.#table.schedules()).at(-1);
    if (last?.expression !== schedule.expression || last.timezone !== schedule.timezone) {
      await this.#table.putNew(encodeSchedule(schedule, slot));
    }
    this.#schedule = name;
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

export function decodeAsset(item: Item): Asset & { since: Slot } {
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

export function decodeSchedule(item: Item): ScheduleVersion {
  return {
    expression: stringOf(item, "expression"),
    timezone: stringOf(item, "timezone"),
    since: stringOf(item, TABLE_KEYS.sort),
  };
}

export function decodeAccount(item: Item): [accountId: string, since: Slot] {
  return [stringOf(item, TABLE_KEYS.sort), stringOf(item, "since")];
}
