import { isDeepStrictEqual } from "node:util";
import {
  type AccountActivities,
  type AccountActivity,
  type AccountDescription,
  type AccountEvent,
  activityAfter,
  completeDescription,
  descriptionAt,
  hasNotEnded,
  isActive,
  isNewDescription,
  keyOf,
  lastKeyOf,
} from "../domain/account-activity.ts";
import type { Asset } from "../domain/balance.ts";
import { toJobError } from "../domain/errors.ts";
import type { ScheduleSettings, ScheduleVersion } from "../domain/history-source.ts";
import type { KeyList, KeyLists } from "../domain/key-list.ts";
import { type Slot, slotAt } from "../domain/slot.ts";
import type { SnapshotSummary } from "../domain/snapshot.ts";
import { encodeAccountEvent } from "./account-event-item.ts";
import { firstThatFit, tooManyAssets } from "./asset-limits.ts";
import { encodeAssets } from "./assets-item.ts";
import { type CatalogContent, decodeCatalog, type ReportDamage } from "./catalog-content.ts";
import { CatalogShare } from "./catalog-share.ts";
import { encodeKeyList } from "./key-list-item.ts";
import { CATALOG_PARTITION, CATALOG_PREFIXES } from "./keys.ts";
import { encodeNames } from "./names-item.ts";
import { firstSummaryAfter } from "./read-snapshot.ts";
import { encodeSchedule } from "./schedule-item.ts";
import type { Table } from "./table.ts";

/** Of `2026-11-23`, with which every slot begins. */
const DAY_LENGTH = 10;

/** Attempts to add descriptions when other runs add some at the same time. */
const MAX_ATTEMPTS = 5;

/**
 * What does not vary between snapshots, stored once: the starts, ends and descriptions of accounts, the descriptions of assets,
 * the schedules. An item that cannot be read is reported and skipped.
 */
export class Catalog {
  readonly #table: Table;
  readonly #report: ReportDamage;
  readonly #share: CatalogShare;
  /**
   * What registering relies on. Each run reads it again, so that it registers what was deleted. If that fails, the run does not
   * try again: each of its accounts would wait for the table.
   */
  #content: Promise<CatalogContent> | undefined;
  /** Whether registering descriptions has failed in this run. Then its snapshots hold those that the catalog lacks. */
  #assetsFailed = false;

  /**
   * @param report receives what this catalog cannot read or register
   * @param share what it has in common with the catalogs of other runs in this process. Default: nothing
   */
  constructor(table: Table, report: ReportDamage = () => {}, share = new CatalogShare()) {
    this.#table = table;
    this.#report = report;
    this.#share = share;
  }

  /** Reads what a run registers against, eventually consistent, and returns when each account counts. */
  async refresh(): Promise<AccountActivities> {
    this.#assetsFailed = false;
    this.#content = this.#share.read(() => this.#read("", false));
    // What runs register does not change what this one started with.
    return new Map((await this.#content).accounts);
  }

  /** Reads when each account counts. */
  async accounts(): Promise<AccountActivities> {
    return (await this.#read(CATALOG_PREFIXES.accounts)).accounts;
  }

  /**
   * Returns whether there is any event of an account, readable or not.
   * @param key only of an account that this key has served last, or that it may serve: one of an unknown key that has not ended
   */
  async hasAccounts(key?: string): Promise<boolean> {
    const query = { partition: CATALOG_PARTITION, prefix: CATALOG_PREFIXES.accounts, consistent: true };
    if (key === undefined) {
      for await (const _ of this.#table.query({ ...query, pageSize: () => 1 })) return true;
      return false;
    }
    let isUnreadable = false;
    const content = decodeCatalog(await this.#table.queryAll(query), () => {
      isUnreadable = true;
    });
    const isPossible = (activity: AccountActivity) =>
      lastKeyOf(activity) === key || (keyOf(activity) === undefined && hasNotEnded(activity));
    return isUnreadable || [...content.accounts.values()].some(isPossible);
  }

  /** Returns the description of every asset, by symbol. A snapshot itself holds those that differ. */
  async assets(): Promise<ReadonlyMap<string, Asset>> {
    return (await this.#read(CATALOG_PREFIXES.assets)).assets;
  }

  /** Returns the schedules on which the job has run, oldest first. One that cannot be read has unknown slots. */
  async schedules(): Promise<ScheduleVersion[]> {
    return (await this.#read(CATALOG_PREFIXES.schedules)).schedules;
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
    const described = description && completeDescription(descriptionAt(activity, Date.parse(completedAt)), description);
    await this.#register({ ...described, accountId, event: "start", slot, at: completedAt });
  }

  /**
   * Registers that an account has no complete snapshot yet, or none since it ended, unless that is known.
   * @param key the name of the API key that should serve it; `undefined`: it has none, or its key stays the same
   */
  async registerPending(accountId: string, slot: Slot, key?: string): Promise<void> {
    const activity = await this.#activityOf(accountId);
    if (hasNotEnded(activity)) return;
    const described = completeDescription(descriptionAt(activity, Date.parse(slot)), { key });
    await this.#register({ ...(key !== undefined && described), accountId, event: "pending", slot, at: slot });
  }

  async registerEnd(accountId: string, slot: Slot, at: string, reason: string): Promise<void> {
    await this.#register({ accountId, event: "end", slot, at, reason });
  }

  /** Registers the description of an account, if it is new. Ignores an account that has no event yet. */
  async registerDescription({ accountId, ...given }: AccountDescription, now: Slot): Promise<void> {
    const activity = (await this.#known()).accounts.get(accountId);
    if (activity === undefined) return;
    // A clock that was ahead may have registered one that seems to be of a later time.
    const last = descriptionAt(activity, Date.parse(now));
    const described = completeDescription(last, given);
    if (!isNewDescription(last, described)) return;
    const registerAt = (at: Slot) => this.#register({ ...described, accountId, event: "described", slot: at, at });
    // A run of another key may have registered another one at the same instant.
    if (!(await registerAt(now))) await registerAt(slotAt(Date.parse(now) + 1));
  }

  /** Reads again when an account counts, strongly consistent: other runs may have registered events meanwhile. */
  async readAccount(accountId: string): Promise<AccountActivity> {
    const [known, fresh] = [await this.#known(), await this.#read(`${accountId} `)];
    const activity = fresh.accounts.get(accountId) ?? { periods: [] };
    known.accounts.set(accountId, activity);
    return activity;
  }

  /**
   * Registers that another API key than before serves an account. Reads its events again, because a run with the key before may
   * have ended it meanwhile: then it starts again.
   */
  async registerKey(summary: SnapshotSummary, description: AccountDescription, now: Slot): Promise<void> {
    await this.readAccount(summary.accountId);
    await this.registerStart(summary, description);
    await this.registerDescription(description, now);
  }

  /**
   * Returns whether the runs of a key have not refreshed the descriptions of accounts in this UTC day yet, and if so registers
   * that they do.
   */
  async startNamesRefresh(now: Slot, key?: string): Promise<boolean> {
    const { namesRefreshedAt } = await this.#known();
    // A time in the future, from a wrong clock, is another day, too.
    if (namesRefreshedAt.get(key)?.slice(0, DAY_LENGTH) === now.slice(0, DAY_LENGTH)) return false;
    // An item without a status is overwritten.
    await this.#table.putUnlessComplete(encodeNames(now, key));
    namesRefreshedAt.set(key, now);
    return true;
  }

  /** Returns what the runs of each key have registered about its list of accounts. */
  async keyLists(): Promise<KeyLists> {
    return (await this.#known()).keyLists;
  }

  /** Registers what a run has found in the list of its key. Replaces what is registered. */
  async registerKeyList(key: string, list: KeyList): Promise<void> {
    // An item without a status is overwritten.
    await this.#table.putUnlessComplete(encodeKeyList(key, list));
    (await this.#known()).keyLists.set(key, list);
  }

  /** Returns whether the event is new. */
  async #register(event: AccountEvent): Promise<boolean> {
    const isNew = await this.#table.putIfAbsent(encodeAccountEvent(event));
    const known = (await this.#content?.catch(() => undefined))?.accounts;
    known?.set(event.accountId, activityAfter(known.get(event.accountId) ?? { periods: [] }, event));
    return isNew;
  }

  async #activityOf(accountId: string): Promise<AccountActivity> {
    return (await this.#known()).accounts.get(accountId) ?? { periods: [] };
  }

  /**
   * Registers the descriptions of new assets. Returns the assets that the catalog does not describe as given: their snapshot has
   * to hold the descriptions. Reports a failure, and a full catalog.
   */
  registerAssets(assets: readonly Asset[]): Promise<readonly Asset[]> {
    return this.#share.assetsInTurn(() => this.#registerAssets(assets));
  }

  async #registerAssets(assets: readonly Asset[]): Promise<readonly Asset[]> {
    try {
      if (!this.#assetsFailed) await this.#addAssets(assets);
    } catch (thrown) {
      this.#assetsFailed = true;
      this.#report(toJobError(thrown));
    }
    const known = (await this.#content?.catch(() => undefined))?.assets;
    return assets.filter((asset) => !isDeepStrictEqual(asset, known?.get(asset.symbol)));
  }

  async #addAssets(assets: readonly Asset[]): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const known = await this.#known();
      const unknown = assets.filter(({ symbol }) => !known.assets.has(symbol));
      const added = firstThatFit(unknown, known.assets.values());
      if (added.length === 0 || (await this.#table.putIfAbsent(encodeAssets(known.assetItems + 1, added)))) {
        if (added.length > 0) known.assetItems++;
        for (const asset of added) known.assets.set(asset.symbol, asset);
        if (added.length < unknown.length) this.#report(tooManyAssets(unknown.length - added.length));
        return;
      }
      // Another run has added descriptions: the first one of a symbol counts.
      this.#content = undefined;
    }
  }

  /**
   * Registers the schedule on which a key's runs take place, unless it is the one on which they did before. It is in force from
   * its slot on, or from now on if the previous schedule of its accounts came into force after that slot.
   */
  async registerSchedule(schedule: ScheduleSettings, slot: Slot, now: Slot): Promise<void> {
    const { schedules } = await this.#known();
    const { key, expression, timezone, latenessLimitMs, maxRunMs } = schedule;
    const optional = { ...(key !== undefined && { key }), ...(maxRunMs !== undefined && { maxRunMs }) };
    const settings = { ...optional, expression, timezone, latenessLimitMs };
    // The schedule of a key without a name applies to all accounts, and that of any key to some of its accounts.
    const previous = schedules.filter((one) => key === undefined || one.key === undefined || one.key === key);
    const { since: lastSince, ...last } = previous.at(-1) ?? { since: undefined };
    if (isDeepStrictEqual(last, settings)) return;
    const since = lastSince === undefined || lastSince < slot ? slot : now;
    await this.#table.putIfAbsent(encodeSchedule(schedule, since));
    schedules.push({ ...settings, since });
  }

  #known(): Promise<CatalogContent> {
    if (this.#content === undefined) {
      const content = this.#read("");
      this.#content = content;
      // The caller that awaits it reports the failure.
      content.catch(() => {});
    }
    return this.#content;
  }

  /** Reads the items whose sort keys begin with a prefix. Without one, reads the whole catalog. */
  async #read(prefix: string, consistent = true): Promise<CatalogContent> {
    const query = { partition: CATALOG_PARTITION, ...(prefix !== "" && { prefix }), consistent };
    return decodeCatalog(await this.#table.queryAll(query), this.#report);
  }
}
