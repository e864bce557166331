/** How much a walk may read of one account, so that it fits into the memory. */
export interface WalkLimits {
  readonly balances: number;
  /** Of the list's pages, as JSON. A usual balance has 250 bytes. */
  readonly bytes: number;
}

/** Of an account that is walked while hundreds of others are. */
export const SMALL_ACCOUNT: WalkLimits = { balances: 400, bytes: 100 * 1024 };

/** Of an account that is walked while a few others of this size are. */
export const MEDIUM_ACCOUNT: WalkLimits = { balances: 2_000, bytes: 512 * 1024 };

/** Of an account that is walked as the only one of this size. More assets than any account has, and what they take. */
export const LARGEST_ACCOUNT: WalkLimits = { balances: 20_000, bytes: 16 * 1024 * 1024 };
