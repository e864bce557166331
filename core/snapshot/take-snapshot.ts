import { JobError, LIST_TOO_LARGE, toJobError } from "../domain/errors.ts";
import { attemptsOf, type FailedRun } from "../domain/failed-run.ts";
import { noticesOf } from "../domain/notices.ts";
import type { ChainUpdate, Pass, SlotState } from "../domain/ports.ts";
import { completeResult, failedResult, type SnapshotResult } from "../domain/run-result.ts";
import { assertServable, slotAt } from "../domain/slot.ts";
import { type SnapshotSummary, snapshotOf, type Walk } from "../domain/snapshot.ts";
import { LARGEST_ACCOUNT, type WalkLimits } from "../domain/walk-limits.ts";
import type { Run } from "./run.ts";
import type { RunAccount } from "./run-accounts.ts";
import { type WalkSource, walk } from "./walk.ts";
import { warnOnFailure } from "./warn-on-failure.ts";

/** A missing start is only a warning, because the snapshot is stored. The account's next run registers it. */
const START_NOT_REGISTERED = "Start of the account not registered";

/** Stores what was read of an account, or records its failure. Never throws. */
export type Store = () => Promise<SnapshotResult>;

/**
 * Reads one account for its snapshot, unless the slot has one, and returns what stores it. Never throws: a failure is what
 * is stored. Reading and storing take separate turns, so that no account waits with its requests until another one is
 * stored. A dry run neither reads nor writes the table.
 * @param failedRuns the runs that failed before for the same slot; `undefined`: unknown
 * @param onPass called after each pass over the account's list
 * @returns `larger` if the account or its previous snapshot exceeds the limits, and there is a larger size
 */
export async function readAccount(
  run: Run,
  account: RunAccount,
  limits: WalkLimits,
  failedRuns: readonly FailedRun[] | undefined,
  onPass: (pass: Pass) => void,
): Promise<Store | "larger"> {
  const { accountId, refusal } = account;
  const { dependencies, deadline } = run;
  let state: SlotState | undefined;
  const orFail =
    (store: Store): Store =>
    () =>
      store().catch((thrown) => fail(run, account, toJobError(thrown), state, failedRuns));
  try {
    const slotState = await readSlot(run, accountId, limits);
    state = slotState;
    const { current, previous, previousIsLarger } = slotState;
    if (current?.status === "complete") return orFail(() => alreadyComplete(run, current.summary, account));
    if (previousIsLarger) {
      deadline.throwIfAborted();
      return "larger";
    }
    assertTimely(run);
    if (refusal !== undefined) throw refusal;
    const context = { source: timelySource(run, onPass), clock: dependencies.clock, limits };
    const walked = await walk(context, accountId, previous, deadline);
    return orFail(() => storeSnapshot(run, account, walked, slotState));
  } catch (thrown) {
    let error = toJobError(thrown);
    if (error.code === LIST_TOO_LARGE && limits !== LARGEST_ACCOUNT) {
      if (!deadline.aborted) return "larger";
      error = toJobError(deadline.reason);
    }
    return () => fail(run, account, error, state, failedRuns);
  }
}

/** Stores a snapshot, then appends it to the account's hash chain. */
async function storeSnapshot(
  run: Run,
  account: RunAccount,
  walked: Walk,
  { previous, previousError }: Pick<SlotState, "previous" | "previousError">,
): Promise<SnapshotResult> {
  const { accountId, description } = account;
  const { dependencies, settings, request } = run;
  const { slot, trigger, dryRun } = request;
  const { snapshot, assets } = snapshotOf(walked, { accountId, slot, trigger });
  let chained = {};
  if (!dryRun) {
    const saved = await dependencies.store.save(snapshot, assets, description);
    if (saved === undefined) return completedByAnother(run, accountId);
    const { startError } = saved;
    if (startError !== undefined) dependencies.telemetry.warning(START_NOT_REGISTERED, startError, { accountId, slot });
    await registerKey(run, account, snapshot);
    chained = await updateChain(run, accountId, (update) =>
      previousError === undefined
        ? dependencies.store.appendEntry(saved, previous, update)
        : dependencies.store.appendMissingEntries(accountId, update, slot),
    );
  }
  const notices = noticesOf(snapshot, previous, settings.noticeRules);
  return { ...completeResult("complete", snapshot, notices), ...chained };
}

/** Records a failure, and returns the account's result. @param state of the slot; `undefined`: unknown */
async function fail(
  run: Run,
  account: RunAccount,
  error: JobError,
  state: SlotState | undefined,
  failedRuns: readonly FailedRun[] | undefined,
): Promise<SnapshotResult> {
  const { accountId, isStranger } = account;
  // A mistyped id must leave nothing behind: the runs after it would expect the account.
  if (run.request.dryRun || isStranger) return failedResult(accountId, error);
  const isKnown = state !== undefined && state.previousError === undefined && !state.previousIsLarger;
  const failed = failedResult(accountId, error, isKnown ? (state?.previous?.capturedAt ?? null) : undefined);
  return (await recordFailure(run, account, error, state, failedRuns)) ?? failed;
}

function assertTimely({ dependencies, settings, request }: Run): void {
  assertServable(request.slot, dependencies.clock.now(), settings.latenessLimitMs);
}

/** Checks before every pass that the slot is not too late: a long run, or a long pass, can exceed the lateness limit. */
function timelySource(run: Run, onPass: (pass: Pass) => void): WalkSource {
  const { source } = run.dependencies;
  return {
    pass: async (accountId, deadline, limits) => {
      assertTimely(run);
      const pass = await source.pass(accountId, deadline, limits);
      onPass(pass);
      return pass;
    },
    balance: (accountId, asset, deadline) => source.balance(accountId, asset, deadline),
  };
}

/** A previous snapshot that cannot be read weakens the walk's check, but must not cost the slot its snapshot. */
async function readSlot({ dependencies, request }: Run, accountId: string, limits: WalkLimits): Promise<SlotState> {
  const { slot, dryRun } = request;
  if (dryRun) return { current: undefined, previous: undefined };
  const state = await dependencies.store.readSlot(accountId, slot, limits);
  if (state.previousError !== undefined) {
    const message = "Previous snapshot not readable; the walk is not compared with it";
    dependencies.telemetry.warning(message, state.previousError, { accountId, slot });
  }
  return state;
}

/** Returns the result if the slot has a complete snapshot. @param state of the slot; `undefined`: unknown */
async function recordFailure(
  run: Run,
  { accountId, description }: RunAccount,
  { code, message, suggestedFix, correlationId }: JobError,
  state: SlotState | undefined,
  failedRuns: readonly FailedRun[] | undefined,
): Promise<SnapshotResult | undefined> {
  const { dependencies, request } = run;
  const { slot, trigger } = request;
  return warnOnFailure(dependencies, "Failed attempt not recorded", { accountId, slot }, async () => {
    const { current } = state ?? (await dependencies.store.readSlot(accountId, slot));
    if (current?.status === "complete") return alreadyComplete(run, current.summary);
    // "Too late" does not say why the slot was missed in time. The earlier reason, if there may be one, explains the gap.
    const isExplained =
      current !== undefined || failedRuns === undefined || attemptsOf(accountId, failedRuns).length > 0;
    if (code === "slot_too_late" && isExplained) return undefined;
    const attempt = {
      ...{ accountId, slot, trigger, code, message, suggestedFix, correlationId },
      attempts: (current?.attempt.attempts ?? 0) + 1,
      lastTriedAt: slotAt(dependencies.clock.now()),
    };
    // Only the description of an account that changes its key, or that is new, has a key.
    const recorded = await dependencies.store.recordFailure(attempt, description?.key || undefined);
    return recorded ? undefined : completedByAnother(run, accountId);
  });
}

/** Returns the result if a concurrent run completed the slot first. */
async function completedByAnother(run: Run, accountId: string): Promise<SnapshotResult> {
  const { slot } = run.request;
  const { current } = await run.dependencies.store.readSlot(accountId, slot);
  if (current?.status === "complete") return alreadyComplete(run, current.summary);
  throw new TypeError(`slot ${slot} of ${accountId} is complete according to a write, but not to a read`);
}

/**
 * The run that saved the snapshot may have been killed before it registered the start and appended the entry, or did not see
 * the put succeed.
 */
async function alreadyComplete(run: Run, summary: SnapshotSummary, account?: RunAccount): Promise<SnapshotResult> {
  const { accountId, slot } = summary;
  const { store } = run.dependencies;
  const register = () => store.registerStart(summary, account?.description);
  await warnOnFailure(run.dependencies, START_NOT_REGISTERED, { accountId, slot }, register);
  if (account !== undefined) await registerKey(run, account, summary);
  const chained = await updateChain(run, accountId, (update) => store.appendMissingEntries(accountId, update, slot));
  return { ...completeResult("alreadyComplete", summary), ...chained };
}

/** Registers that another key serves the account from now on. The account's next run tries again after a failure. */
async function registerKey(
  { dependencies, request }: Run,
  { accountId, description, isNewToKey }: RunAccount,
  summary: SnapshotSummary,
): Promise<void> {
  if (!isNewToKey || description === undefined) return;
  const { clock, store } = dependencies;
  const register = () => store.registerKey(summary, description, slotAt(clock.now()));
  await warnOnFailure(dependencies, "Key of the account not registered", { accountId, slot: request.slot }, register);
}

/** A run appends its own snapshot, and the one before it if that run was killed. */
const USUALLY_CHAINED = 2;

/**
 * Appends what an account's hash chain lacks. A failure is only a warning, because the snapshot is stored. Usually the
 * account's next snapshot appends the missing entry, see ADR 8. More missing entries than that are reported: if no run failed
 * to append them, somebody deleted them, and the snapshots that this run appended may be altered.
 */
async function updateChain(
  run: Run,
  accountId: string,
  append: (update: ChainUpdate) => Promise<number>,
): Promise<Pick<SnapshotResult, "chained">> {
  const { dependencies, settings, request, deadline } = run;
  const update = { now: dependencies.clock.now(), latenessLimitMs: settings.latenessLimitMs, signal: deadline };
  const where = { accountId, slot: request.slot };
  const chained = (await warnOnFailure(dependencies, "Snapshot not chained", where, () => append(update))) ?? 0;
  if (chained <= USUALLY_CHAINED) return {};
  const message = `The hash chain lacked ${chained} snapshots, and this run appended them.`;
  const suggestedFix = 'Look for "Snapshot not chained" in the log of earlier runs. Without it, entries were deleted.';
  const error = new JobError("entries_missing", message, { suggestedFix });
  dependencies.telemetry.warning("Missing entries chained", error, where);
  return { chained };
}
