import { ENV } from "../../core/names/environment.ts";
import type { Config } from "../config/config.ts";

/**
 * Returns the environment variables of the snapshot function that follow from the configuration. A variable that is
 * absent has the function's own default. `SnapshotTable` and `ApiKeySecret` add theirs when they grant access.
 *
 * @param accountsFile path of the file with the account IDs, if the configuration lists accounts
 */
export function functionEnvironment(config: Config, accountsFile: string | undefined): Record<string, string> {
  const variables = {
    [ENV.latenessLimitSeconds]: config.latenessMinutes * 60,
    [ENV.schedule]: config.schedule,
    [ENV.scheduleTimezone]: config.timezone,
    [ENV.retentionDays]: config.retentionDays,
    [ENV.accountsFile]: accountsFile,
    [ENV.accountsOwner]: config.accountsOwner?.join(","),
    [ENV.accountsType]: config.accountsType,
    [ENV.apiBaseUrl]: config.apiBaseUrl,
    [ENV.pageSize]: config.pageSize,
    [ENV.noticeMovedPercent]: config.noticeMovedPercent,
    [ENV.noticeExplained]: config.explainedMoves && Object.keys(config.explainedMoves).join(","),
    [ENV.accountsAtOnce]: config.accountsAtOnce,
    [ENV.readsPerTenSeconds]: config.readsPerTenSeconds,
  };
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}
