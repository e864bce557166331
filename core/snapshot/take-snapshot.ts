import { type JobError, toJobError } from "../domain/errors.ts";
import { noticesOf } from "../domain/notices.ts";
import type { SnapshotResult } from "../domain/run-result.ts";
import { assertServable } from "../domain/slot.ts";
import { type Snapshot, type SnapshotSummary, snapshotOf } from "../domain/snapshot.ts";
import type { Run } from "./run.ts";
import { walk } from "./walk.ts";

/**
 * One account's snapshot: what is there already is not done again, what fails is recorded. Never throws.
 * A dry run neither reads nor writes the table.
 */
export async function takeSnapshot(run: Run, accountId: string): Promise<SnapshotResult> {
  const { dependencies, settings, request, deadline } = run;
  try {
    deadline.throwIfAborted();
    const found = request.dryRun ? undefined : await dependencies.store.find(accountId, request.slot);
    if (found?.status === "complete") return succeeded("alreadyComplete", found.summary);
    // Here, not once for the run: a long run can outlive the lateness limit on its way.
    assertServable(request.slot, dependencies.clock.now(), settings.latenessLimitMs);
    const previous = await readPrevious(run, accountId);
    const walked = await walk(dependencies, accountId, previous, deadline);
    const { snapshot, assets } = snapshotOf(walked, { accountId, slot: request.slot, trigger: request.trigger });
    if (request.dryRun || (await dependencies.store.save(snapshot, assets))) {
      const notices = noticesOf(snapshot, previous, settings.noticeRules);
      return { ...succeeded("complete", snapshot), ...(notices.length > 0 && { notices }) };
    }
    return await takenByAnother(run, accountId);
  } catch (thrown) {
    const error = toJobError(thrown);
    return request.dryRun ? failed(accountId, error) : await recordFailure(run, accountId, error);
  }
}

/** What the walk is held against. Without it a walk proves less, and is worth more than none. */
async function readPrevious({ dependencies, request }: Run, accountId: string): Promise<Snapshot | undefined> {
  if (request.dryRun) return undefined;
  try {
    return await dependencies.store.latest(accountId);
  } catch (thrown) {
    const where = { accountId, slot: request.slot };
    const what = "The previous snapshot could not be read, the walk is held against none";
    dependencies.telemetry.warning(what, toJobError(thrown), where);
    return undefined;
  }
}

async function recordFailure(run: Run, accountId: string, error: JobError): Promise<SnapshotResult> {
  const { store, clock, telemetry } = run.dependencies;
  const { slot, trigger } = run.request;
  try {
    const found = await store.find(accountId, slot);
    if (found?.status === "complete") return succeeded("alreadyComplete", found.summary);
    // "Too late" does not say why the slot was missed in time: the earlier reason is what explains the gap.
    if (found !== undefined && error.code === "slot_too_late") return failed(accountId, error);
    const recorded = await store.recordFailure({
      accountId,
      slot,
      trigger,
      code: error.code,
      message: error.message,
      correlationId: error.correlationId,
      attempts: (found?.attempt.attempts ?? 0) + 1,
      lastTriedAt: new Date(clock.now()).toISOString(),
    });
    return recorded ? failed(accountId, error) : await takenByAnother(run, accountId);
  } catch (thrown) {
    telemetry.warning("A failed attempt could not be recorded", toJobError(thrown), { accountId, slot });
    return failed(accountId, error);
  }
}

/** The result where a run beside this one completed the slot first. */
async function takenByAnother({ dependencies, request }: Run, accountId: string): Promise<SnapshotResult> {
  const found = await dependencies.store.find(accountId, request.slot);
  if (found?.status === "complete") return succeeded("alreadyComplete", found.summary);
  throw new TypeError(`the slot ${request.slot} of ${accountId} is complete for a write and not for a read`);
}

function succeeded(outcome: "complete" | "alreadyComplete", summary: SnapshotSummary): SnapshotResult {
  const { accountId, assets, pages, consistency, capturedAt, totals } = summary;
  return {
    accountId,
    outcome,
    assets,
    pages,
    consistency,
    capturedAt,
    totals: Object.fromEntries(totals),
  };
}

function failed(accountId: string, { code, message }: JobError): SnapshotResult {
  return { accountId, outcome: "failed", error: { code, message } };
}
