import { type AccountActivity, type AccountEvent, activitiesOf } from "../domain/account-activity.ts";
import type { Asset } from "../domain/balance.ts";
import { type JobError, StoreError } from "../domain/errors.ts";
import type { ScheduleVersion } from "../domain/history-source.ts";
import type { KeyList } from "../domain/key-list.ts";
import type { Slot } from "../domain/slot.ts";
import { TABLE_KEYS } from "../names/table-keys.ts";
import { decodeAccountEvent } from "./account-event-item.ts";
import { decodeAssets, sequenceOf } from "./assets-item.ts";
import { type Item, stringOf, unreadable } from "./attributes.ts";
import { decodeKeyList } from "./key-list-item.ts";
import { CATALOG_NAMES, CATALOG_PREFIXES } from "./keys.ts";
import { decodeNames, keyOfNames } from "./names-item.ts";
import { decodeSchedule, unknownSchedule } from "./schedule-item.ts";

/**
 * Receives each item of the catalog that cannot be read, and why the catalog could not be changed.
 * @param accountId the account in the key of the item, if there is one
 */
export type ReportDamage = (error: JobError, accountId?: string) => void;

/** What the catalog holds. Registering adds to it. */
export interface CatalogContent {
  readonly accounts: Map<string, AccountActivity>;
  /** The first description of each symbol. */
  readonly assets: Map<string, Asset>;
  /** The number of the last item with descriptions. */
  assetItems: number;
  /** Oldest first. */
  readonly schedules: ScheduleVersion[];
  /** When the runs of each key last refreshed the descriptions of accounts, by the name of the key. */
  readonly namesRefreshedAt: Map<string | undefined, Slot>;
  /** What the runs of each key have found in its list of accounts. */
  readonly keyLists: Map<string, KeyList>;
}

const ACCOUNT = new RegExp(`^${CATALOG_PREFIXES.accounts}\\S+`);

/** Decodes items in the order of their keys. Reports and skips those that cannot be read. */
export function decodeCatalog(items: readonly Item[], report: ReportDamage): CatalogContent {
  const events: AccountEvent[] = [];
  const content: Omit<CatalogContent, "accounts"> = {
    ...{ assets: new Map(), assetItems: 0, schedules: [], namesRefreshedAt: new Map(), keyLists: new Map() },
  };
  for (const item of items) {
    const sort = item[TABLE_KEYS.sort]?.S ?? "";
    const ifReadable = (read: () => void) => {
      try {
        read();
      } catch (thrown) {
        if (!(thrown instanceof StoreError)) throw thrown;
        report(skipped(thrown), ACCOUNT.exec(sort)?.[0]);
        return false;
      }
      return true;
    };
    if (sort.startsWith(CATALOG_PREFIXES.accounts)) ifReadable(() => events.push(decodeAccountEvent(item)));
    else if (sort.startsWith(CATALOG_PREFIXES.assets)) {
      ifReadable(() => {
        content.assetItems = sequenceOf(item);
        for (const asset of decodeAssets(item)) {
          if (!content.assets.has(asset.symbol)) content.assets.set(asset.symbol, asset);
        }
      });
    } else if (sort.startsWith(CATALOG_PREFIXES.schedules)) {
      const isReadable = ifReadable(() => content.schedules.push(decodeSchedule(item)));
      if (!isReadable) ifReadable(() => content.schedules.push(unknownSchedule(item)));
    } else if (sort.startsWith(CATALOG_PREFIXES.lists)) {
      ifReadable(() => content.keyLists.set(...decodeKeyList(item)));
    } else if (sort === CATALOG_NAMES || sort.startsWith(`${CATALOG_NAMES} `)) {
      ifReadable(() => content.namesRefreshedAt.set(keyOfNames(sort), decodeNames(item)));
    } else
      ifReadable(() => unreadable(item, TABLE_KEYS.sort, `"${stringOf(item, TABLE_KEYS.sort)}" is not a known key`));
  }
  return { accounts: activitiesOf(events), ...content };
}

function skipped({ code, message, suggestedFix = RESTORE }: StoreError): StoreError {
  return new StoreError(code, `${message} The item is skipped.`, { suggestedFix });
}

const RESTORE = "Restore it from a backup, or delete it: the next run registers again what it can.";
