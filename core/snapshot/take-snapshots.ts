import pMap from "p-map";
import { toJobError } from "../domain/errors.ts";
import type { Report, SnapshotResult } from "../domain/run-result.ts";
import { catchUpChains } from "./catch-up-chains.ts";
import type { Run } from "./run.ts";
import { accountsOf } from "./run-accounts.ts";
import { takeSnapshot } from "./take-snapshot.ts";

/**
 * One run: a snapshot of every account for the order's slot, each by itself, so that one account's trouble costs no
 * other its snapshot. Failed accounts are in the report, not thrown.
 * @throws JobError where there is not even a list of accounts
 */
export async function takeSnapshots(run: Run): Promise<Report> {
  const { parts, settings, order } = run;
  const startedAt = parts.clock.monotonic();
  const { accountIds, source } = await accountsOf(run);
  await enterSchedule(run);
  const accountRun = { ...run, parts: { ...parts, source } };
  const ages: number[] = [];
  const snapshots = await pMap(
    accountIds,
    async (accountId) => {
      const turnAt = parts.clock.monotonic();
      const result = await takeSnapshot(accountRun, accountId);
      parts.telemetry.accountEnded(order.slot, result, Math.round(parts.clock.monotonic() - turnAt));
      if (!order.dryRun) ages.push(await ageOfLastComplete(run, result));
      return result;
    },
    { concurrency: settings.accountsAtOnce },
  );
  await catchUpChains(run, accountIds);
  const report: Report = {
    slot: order.slot,
    trigger: order.trigger,
    dryRun: order.dryRun,
    durationMs: Math.round(parts.clock.monotonic() - startedAt),
    accounts: {
      complete: count(snapshots, "complete"),
      alreadyComplete: count(snapshots, "alreadyComplete"),
      failed: count(snapshots, "failed"),
    },
    snapshots,
  };
  parts.telemetry.runEnded(report, order.dryRun ? undefined : Math.max(...ages), isOverAll(run));
  return report;
}

/** An order names none but configured accounts, and none twice: as many are all of them. */
function isOverAll({ order, settings }: Run): boolean {
  return (
    order.accounts === "all" || (settings.accounts !== "all" && order.accounts.length === settings.accounts.length)
  );
}

/** History is the better for knowing its schedule, but no snapshot is lost for it. */
async function enterSchedule({ parts, settings: { schedule }, order }: Run): Promise<void> {
  if (schedule === undefined || order.trigger !== "schedule" || order.dryRun) return;
  try {
    await parts.store.enterSchedule(schedule, order.slot);
  } catch (thrown) {
    parts.telemetry.trouble("The schedule could not be kept", toJobError(thrown));
  }
}

/** In milliseconds; of an account that never had a complete snapshot, since its first record. */
async function ageOfLastComplete({ parts, order }: Run, result: SnapshotResult): Promise<number> {
  const { clock, store, telemetry } = parts;
  const age = (since: string) => clock.now() - Date.parse(since);
  if (result.capturedAt !== undefined) return age(result.capturedAt);
  try {
    const last = await store.latest(result.accountId);
    return age(last?.capturedAt ?? (await store.accounts()).get(result.accountId) ?? order.slot);
  } catch (thrown) {
    const { accountId } = result;
    telemetry.trouble("The age of the last complete snapshot is unknown", toJobError(thrown), { accountId });
    return 0;
  }
}

function count(results: readonly SnapshotResult[], outcome: SnapshotResult["outcome"]): number {
  return results.filter((result) => result.outcome === outcome).length;
}
