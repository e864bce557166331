import { slotAt } from "../../core/domain/slot.ts";
import type { Step } from "../../core/history/steps.ts";
import { labelOf } from "./account-names.ts";
import { localTime } from "./date-time.ts";
import type { CommandContext } from "./history-command.ts";
import { printNote, reportFailure } from "./output.ts";

/**
 * Returns the accounts to show at a time: those that `--account` names, and those that count then. If there are none, returns
 * all of them, so that each is reported instead of nothing.
 */
export function accountsAt({ history, accountIds, isSelected }: CommandContext, at: number): readonly string[] {
  const shown = accountIds.filter((accountId) => isSelected(accountId) || history.isActive(accountId, at));
  return shown.length === 0 ? accountIds : shown;
}

/** Returns a sentence that says why an account does not count at a time. */
export function whyInactive(
  { history, timezone }: Pick<CommandContext, "history" | "timezone">,
  accountId: string,
  at: number,
): string {
  const { periods, pendingSince } = history.activity(accountId);
  const account = labelOf(history, accountId);
  if (periods.length === 0) {
    return pendingSince === undefined
      ? `${account} has ended, and never had a complete snapshot.`
      : `${account} has no complete snapshot yet. To see its last error, run accounts.`;
  }
  const time = (instant: string) => localTime(instant, timezone);
  const ended = periods.findLast(({ to }) => to !== undefined && to <= at);
  if (ended?.to !== undefined) {
    const isPending = pendingSince !== undefined && Date.parse(pendingSince) <= at;
    const since = isPending
      ? ` It is pending again since ${time(pendingSince)}. To see its last error, run accounts.`
      : "";
    return `${account} ended at ${time(slotAt(ended.to))}: ${ended.reason}${since}`;
  }
  return `${account} has no snapshot before ${time(slotAt(at))}; its history starts at ${history.firstSlot(accountId)}.`;
}

/** Explains the rows of a series that an account lacks: one that `--account` names, the only one, or any if none has a row. */
export function reportInactive(context: CommandContext, steps: readonly Step[]): void {
  const last = steps.at(-1)?.at;
  const { history, accountIds, isSelected } = context;
  const hasRow = (accountId: string) => steps.some(({ at }) => history.isActive(accountId, at));
  if (last === undefined) return;
  const explainsAll = accountIds.length === 1 || !accountIds.some(hasRow);
  for (const accountId of accountIds.filter((id) => (explainsAll || isSelected(id)) && !history.isActive(id, last))) {
    (hasRow(accountId) ? printNote : reportFailure)(whyInactive(context, accountId, last));
  }
}
