import { type FailedRun, NOT_REACHED } from "../domain/failed-run.ts";
import type { Slot } from "../domain/slot.ts";
import type { RunAccount } from "./run-accounts.ts";

/** Multiples of it are spread evenly between 0 and 1, so that runs that reach a part of the accounts soon reach all. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/**
 * Returns the accounts in the order in which a run takes them: by id, in every slot from another one on, so that an overloaded
 * schedule, or an account that kills the process, costs no account every snapshot. A retry begins with the first account that
 * the last run for the slot did not reach.
 * @param period milliseconds between two slots
 * @param failedRuns those for the slot
 */
export function inTurn(
  accounts: readonly RunAccount[],
  slot: Slot,
  period: number,
  failedRuns: readonly FailedRun[],
): RunAccount[] {
  const sorted = byId(accounts);
  const first = firstNotReached(failedRuns);
  const turn = Math.floor(Date.parse(slot) / period);
  const start =
    first === undefined
      ? Math.floor(((turn * GOLDEN_RATIO) % 1) * sorted.length)
      : Math.max(
          0,
          sorted.findIndex(({ accountId }) => accountId >= first),
        );
  return [...sorted.slice(start), ...sorted.slice(0, start)];
}

/** Returns the accounts in the order of their ids. */
export function byId(accounts: readonly RunAccount[]): RunAccount[] {
  return [...accounts].sort((a, b) => (a.accountId < b.accountId ? -1 : 1));
}

function firstNotReached(failedRuns: readonly FailedRun[]): string | undefined {
  const runs = failedRuns.filter(({ code }) => code === NOT_REACHED);
  const [last] = runs.sort((a, b) => (a.failedAt < b.failedAt ? 1 : -1));
  if (last === undefined || last.scope === "all") return undefined;
  return "first" in last.scope ? last.scope.first : last.scope[0];
}
