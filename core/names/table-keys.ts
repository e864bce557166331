/**
 * The table's key attributes. `infra/` and `local/` create the table with them, `core/table/` reads and writes them.
 * All other attribute names belong to `core/table/`.
 */
export const TABLE_KEYS = {
  /** Partition key, a string: the account. */
  partition: "account",
  /** Sort key, a string: the slot. Lexical order is chronological order. */
  sort: "slot",
} as const;

/** TTL attribute, in seconds since 1970. Present only on items that expire. */
export const EXPIRES_AT = "expiresAt";
