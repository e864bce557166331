import pMap from "p-map";
import { toJobError } from "../domain/errors.ts";
import type { RunResult, SnapshotResult } from "../domain/run-result.ts";
import { catchUpChains } from "./catch-up-chains.ts";
import type { Run } from "./run.ts";
import { accountsOf } from "./run-accounts.ts";
import { takeSnapshot } from "./take-snapshot.ts";

/**
 * One run: a snapshot of every account for the order's slot, each by itself, so that one account's trouble costs no
 * other its snapshot. Failed accounts are in the report, not thrown.
 * @throws JobError where there is not even a list of accounts
 */
export async function takeSnapshots(run: Run): Promise<RunResult> {
  const { dependencies, settings, request } = run;
  const startedAt = dependencies.clock.monotonic();
  const { accountIds, source } = await accountsOf(run);
  await enterSchedule(run);
  const accountRun = { ...run, parts: { ...dependencies, source } };
  const ages: number[] = [];
  const snapshots = await pMap(
    accountIds,
    async (accountId) => {
      const turnAt = dependencies.clock.monotonic();
      const result = await takeSnapshot(accountRun, accountId);
      dependencies.telemetry.accountEnded(request.slot, result, Math.round(dependencies.clock.monotonic() - turnAt));
      if (!request.dryRun) ages.push(await ageOfLastComplete(run, result));
      return result;
    },
    { concurrency: settings.accountsAtOnce },
  );
  await catchUpChains(run, accountIds);
  const report: RunResult = {
    slot: request.slot,
    trigger: request.trigger,
    dryRun: request.dryRun,
    durationMs: Math.round(dependencies.clock.monotonic() - startedAt),
    accounts: {
      complete: count(snapshots, "complete"),
      alreadyComplete: count(snapshots, "alreadyComplete"),
      failed: count(snapshots, "failed"),
    },
    snapshots,
  };
  dependencies.telemetry.runEnded(report, request.dryRun ? undefined : Math.max(...ages), isOverAll(run));
  return report;
}

/** An order names none but configured accounts, and none twice: as many are all of them. */
function isOverAll({ request, settings }: Run): boolean {
  return (
    request.accounts === "all" || (settings.accounts !== "all" && request.accounts.length === settings.accounts.length)
  );
}

/** History is the better for knowing its schedule, but no snapshot is lost for it. */
async function enterSchedule({ dependencies, settings: { schedule }, request }: Run): Promise<void> {
  if (schedule === undefined || request.trigger !== "schedule" || request.dryRun) return;
  try {
    await dependencies.store.registerSchedule(schedule, request.slot);
  } catch (thrown) {
    dependencies.telemetry.warning("The schedule could not be kept", toJobError(thrown));
  }
}

/** In milliseconds; of an account that never had a complete snapshot, since its first record. */
async function ageOfLastComplete({ dependencies, request }: Run, result: SnapshotResult): Promise<number> {
  const { clock, store, telemetry } = dependencies;
  const age = (since: string) => clock.now() - Date.parse(since);
  if (result.capturedAt !== undefined) return age(result.capturedAt);
  try {
    const last = await store.latest(result.accountId);
    return age(last?.capturedAt ?? (await store.accounts()).get(result.accountId) ?? request.slot);
  } catch (thrown) {
    const { accountId } = result;
    telemetry.warning("The age of the last complete snapshot is unknown", toJobError(thrown), { accountId });
    return 0;
  }
}

function count(results: readonly SnapshotResult[], outcome: SnapshotResult["outcome"]): number {
  return results.filter((result) => result.outcome === outcome).length;
}
