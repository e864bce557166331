import pMap from "p-map";
import { toJobError } from "../domain/errors.ts";
import type { Run } from "./run.ts";

/**
 * Enters the run's snapshots in the accounts' chains, and those of runs that were killed before they could. It comes when
 * every snapshot is taken, so that none is ever lost for it; what fails here is told, and done by the next run.
 */
export async function catchUpChains(run: Run, accountIds: readonly string[]): Promise<void> {
  const { dependencies, settings, request, deadline } = run;
  const { store, clock, telemetry } = dependencies;
  if (request.dryRun) return;
  await pMap(
    accountIds,
    async (accountId) => {
      try {
        const { latenessLimitMs } = settings;
        await store.appendMissingEntries(accountId, { now: clock.now(), latenessLimitMs, signal: deadline });
      } catch (thrown) {
        telemetry.warning("Snapshots could not be chained", toJobError(thrown), { accountId, slot: request.slot });
      }
    },
    { concurrency: settings.accountsAtOnce },
  );
}
