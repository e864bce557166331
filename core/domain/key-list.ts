import type { Slot } from "./slot.ts";

/**
 * What the runs of one of several keys have registered about its list of accounts. Registered only if other keys, or accounts that
 * no key serves, depend on it.
 */
export interface KeyList {
  /**
   * When the run read the catalog, before the list: the list had none of the accounts that no key served then, or the key serves
   * them now.
   */
  readonly readAt: Slot;
  /** Whether the list had none of the accounts that the key serves. */
  readonly lacksAll: boolean;
}

/** By the name of the key. */
export type KeyLists = ReadonlyMap<string, KeyList>;
