import { toJobError } from "../domain/errors.ts";
import type { ChainUpdate, SavedSnapshot } from "../domain/ports.ts";
import type { Slot } from "../domain/slot.ts";
import type { Run } from "./run.ts";

// A failure here is a warning: the snapshot is stored. Usually the account's next snapshot appends the missing entry, see ADR 8.

/** Appends a saved snapshot to its account's hash chain. Never throws. */
export async function appendEntry(run: Run, saved: SavedSnapshot, previousSlot: Slot | undefined): Promise<void> {
  await warnOnFailure(run, saved.accountId, (update) =>
    run.dependencies.store.appendEntry(saved, previousSlot, update),
  );
}

/** Appends the entry of the slot's snapshot, and others that the chain lacks, if it is missing. Never throws. */
export async function ensureEntry(run: Run, accountId: string): Promise<void> {
  await warnOnFailure(run, accountId, (update) =>
    run.dependencies.store.appendMissingEntries(accountId, update, run.request.slot),
  );
}

async function warnOnFailure(run: Run, accountId: string, append: (update: ChainUpdate) => Promise<void>) {
  const { dependencies, settings, request, deadline } = run;
  try {
    const { latenessLimitMs } = settings;
    await append({ now: dependencies.clock.now(), latenessLimitMs, signal: deadline });
  } catch (thrown) {
    dependencies.telemetry.warning("Snapshot not chained", toJobError(thrown), { accountId, slot: request.slot });
  }
}
