/**
 * The table's keys, the one fact that its creators (`infra/`, `local/`) share with `store/`.
 * What stands under them is `item.ts`'s knowledge alone.
 */
export const TABLE_KEYS = {
  /** Partition key, a string: the account. */
  partition: "account",
  /** Sort key, a string: the slot, so that the order of the keys is the order of time. */
  sort: "slot",
} as const;

/** When DynamoDB may delete an item, in seconds since 1970. Only on items with a retention. */
export const EXPIRES_AT = "expiresAt";
