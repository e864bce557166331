import { descriptionAt } from "../../core/domain/account-activity.ts";
import type { RunResult, SnapshotResult } from "../../core/domain/run-result.ts";
import { END_OF_TIME } from "../../core/history/history.ts";
import { readableAccounts } from "./readable-accounts.ts";

/** A result with the newest name of its account; absent if it has none, or if it is unknown. */
interface NamedSnapshot extends SnapshotResult {
  readonly accountName?: string;
}

/** Returns the result of a run with the names of its accounts. */
export async function namedResult(result: RunResult, tableName: string): Promise<RunResult> {
  const accounts = await readableAccounts(tableName);
  const named = ({ accountId, ...others }: SnapshotResult): NamedSnapshot => {
    const { name } = descriptionAt(accounts.get(accountId) ?? { periods: [] }, END_OF_TIME);
    return { accountId, ...(name && { accountName: name }), ...others };
  };
  return { ...result, snapshots: result.snapshots.map(named) };
}
