/** What an application that uses the construct imports. */
export { BalanceSnapshots } from "./balance-snapshots.ts";
export { ConfigError } from "./config/validate.ts";
export type { ApiKeyProps, BalanceSnapshotsProps } from "./props.ts";
