import { type Disturbance, type DisturbanceKind, type Facts, type RunFact, writesOf } from "./facts.ts";
import type { AccountLine, Telemetry } from "./telemetry.ts";

/** Disturbances that a run outlasts if nothing else is wrong: it waits for as long as the API asks, or for slow answers. */
const SURVIVABLE: readonly DisturbanceKind[] = ["slow", "throttled"];
const SURVIVABLE_MS = 120_000;

/** Whole or absent, and isolated: an account that nothing disturbed has its snapshot, whatever happens to the others. */
export function judgeAccounts(facts: Facts, run: RunFact, { accounts, aborted }: Telemetry): string[] {
  if (run.died) return [];
  if (aborted.length > 0) return judgeAborted(facts, run, aborted);
  const problems: string[] = [];
  const { accountIds } = run.configuration;
  for (const account of facts.accounts) {
    const { accountId } = account;
    const line = accounts.find((one) => one.accountId === accountId);
    const isConfigured = accountIds?.includes(accountId) ?? true;
    const isWhole = account.lives.some(({ from, to }) => from <= run.from && to > run.to);
    const mustSucceed =
      isConfigured && isWhole && !isTooLate(facts, run) && disturbancesOf(facts, run, accountId).length === 0;
    if (mustSucceed && (line === undefined || line.outcome === "failed")) {
      problems.push(`${accountId} has no snapshot (${line?.code ?? "no line in the log"}), and nothing was wrong`);
    }
    if (line?.outcome === "failed" && !isExplained(facts, run, line)) {
      problems.push(`${accountId} failed with ${line.code}, without a record`);
    }
    if (line?.outcome === "complete" && !isConfigured) problems.push(`${accountId} is not configured`);
    if (line?.outcome === "complete" && !wasStored(facts, run, accountId)) {
      problems.push(`${accountId} is complete according to the log, and the table accepted no snapshot`);
    }
  }
  return problems;
}

function judgeAborted(facts: Facts, run: RunFact, codes: readonly string[]): string[] {
  const isRecorded = writesOf(facts, "failedRun").some(
    (write) => write.runs.includes(run.run) && codes.includes(write.code),
  );
  return [
    ...(disturbancesOf(facts, run).length > 0 ? [] : [`it was aborted with ${codes.join()}, and nothing was wrong`]),
    ...(isRecorded ? [] : [`it was aborted with ${codes.join()}, without a record`]),
  ];
}

/** Returns what disturbed a run, or one of its accounts, so much that it may have failed. */
export function disturbancesOf(facts: Facts, run: RunFact, accountId?: string): readonly Disturbance[] {
  const during = facts.disturbances.filter(({ from, to }) => from <= run.to && to > run.from);
  const found = during.filter((one) => one.accountId === undefined || one.accountId === accountId);
  const isSurvivable = ({ kind, from, to }: Disturbance) => SURVIVABLE.includes(kind) && to - from <= SURVIVABLE_MS;
  return found.length === 1 && found.every(isSurvivable) ? [] : found;
}

function isTooLate(facts: Facts, { scheduledTime, configuration, to }: RunFact): boolean {
  if (scheduledTime === undefined) return false;
  const errors = facts.disturbances.filter(({ kind }) => kind === "clock").map(({ errorMs = 0 }) => errorMs);
  return to + Math.max(0, ...errors) - scheduledTime > configuration.latenessMs;
}

/** Whether a failed attempt has a record. One that is too late keeps an earlier reason. */
function isExplained(facts: Facts, { run, scheduledTime }: RunFact, { accountId, code }: AccountLine): boolean {
  const slot = scheduledTime === undefined ? undefined : new Date(scheduledTime).toISOString();
  return facts.writes.some((write) => {
    if (write.kind === "failedRun") return code === "slot_too_late" && write.slot === slot;
    if (write.kind !== "failed" || write.accountId !== accountId) return false;
    return code === "slot_too_late" ? write.slot === slot : write.code === code && write.runs.includes(run);
  });
}

function wasStored(facts: Facts, { run }: RunFact, accountId: string): boolean {
  return writesOf(facts, "complete").some((write) => write.accountId === accountId && write.runs.includes(run));
}
