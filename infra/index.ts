/**
 * The construct, for CDK applications.
 *
 * @example
 * import { BalanceSnapshots } from "cdp-balance-snapshots";
 *
 * new BalanceSnapshots(stack, "Snapshots", { schedule: "cron(0 * * * ? *)", retentionDays: 3650 });
 */
export { BalanceSnapshots } from "./balance-snapshots.ts";
export { ConfigError } from "./config/config-error.ts";
export type { ApiKeyProps, BalanceSnapshotsProps } from "./props.ts";
