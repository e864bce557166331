import { type FailedRun, NOT_REACHED } from "../domain/failed-run.ts";
import type { RunRequest, RunSettings } from "./run.ts";
import type { RunAccount } from "./run-accounts.ts";

/** Multiples of it are spread evenly between 0 and 1, so that runs that reach a part of the accounts soon reach all. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/** The slot of a run, and the time since the one before it. */
interface RunTime {
  readonly request: Pick<RunRequest, "slot" | "periodMs">;
  readonly settings: Pick<RunSettings, "latenessLimitMs">;
}

/**
 * Returns the accounts in the order in which a run takes them: by id, in every slot from another one on, so that an overloaded
 * schedule, or an account that kills the process, costs no account every snapshot. A retry begins with the first account that
 * the last run for the slot did not reach.
 * @param failedRuns those for the slot; `undefined`: not read
 */
export function inTurn(
  accounts: readonly RunAccount[],
  { request, settings }: RunTime,
  failedRuns: readonly FailedRun[] | undefined,
): RunAccount[] {
  const sorted = inOrder(accounts, undefined);
  const turn = Math.floor(Date.parse(request.slot) / (request.periodMs ?? settings.latenessLimitMs));
  const start = Math.floor(((turn * GOLDEN_RATIO) % 1) * sorted.length);
  return inOrder(sorted, firstNotReached(failedRuns ?? []) ?? sorted[start]?.accountId);
}

/**
 * Returns the accounts in the order of their ids, in which the smallest one follows the greatest one.
 * @param first the least id of the order; `undefined`: the smallest one
 */
export function inOrder(accounts: readonly RunAccount[], first: string | undefined): RunAccount[] {
  return accounts
    .map((account) => ({ account, place: placeOf(account.accountId, first) }))
    .sort((a, b) => (a.place < b.place ? -1 : 1))
    .map(({ account }) => account);
}

/** Returns a text that sorts as the account does in the order that begins with `first`; `undefined`: with the smallest id. */
export function placeOf(accountId: string, first: string | undefined): string {
  return `${first === undefined || accountId >= first ? 0 : 1} ${accountId}`;
}

function firstNotReached(failedRuns: readonly FailedRun[]): string | undefined {
  const runs = failedRuns.filter(({ code }) => code === NOT_REACHED);
  const [last] = runs.sort((a, b) => (a.failedAt < b.failedAt ? 1 : -1));
  if (last === undefined || last.scope === "all") return undefined;
  return "first" in last.scope ? last.scope.first : last.scope[0];
}
