import { InputError } from "../../../core/domain/errors.ts";
import type { SlotRange } from "../../../core/domain/history-source.ts";
import { slotAt } from "../../../core/domain/slot.ts";
import type { SnapshotPair } from "../../../core/history/changes.ts";
import { countsBetween } from "../../../core/history/statement.ts";
import { labelOf, nameAt, namesAt } from "../account-names.ts";
import { readBothEnds } from "../compared-accounts.ts";
import { localTime } from "../date-time.ts";
import type { CommandContext } from "../history-command.ts";
import { firstRecordAt } from "../range-options.ts";
import { accountLabels } from "../statement/statement-output.ts";
import type { NotReconciled } from "./reconcile-output.ts";
import type { AccountLabel } from "./transfer-text.ts";

/** The accounts that count at any time in a period, at both ends of it. */
export interface PeriodEnds {
  readonly pairs: readonly SnapshotPair[];
  /** Those that have no usable snapshot at an end, or the same one at both. */
  readonly notReconciled: readonly NotReconciled[];
}

/** Reads the selected accounts at both ends of a period. @throws InputError if none counts in it */
export async function readPeriodEnds(context: CommandContext, range: SlotRange): Promise<PeriodEnds> {
  const { history, isSelected, timezone } = context;
  const counting = context.accountIds.filter((id) => countsBetween(history, id, range.from, range.to));
  if (counting.length === 0) {
    const [from, to, first] = [range.from, range.to, firstRecordAt(context)].map((ms) =>
      localTime(slotAt(ms), timezone),
    );
    throw new InputError("usage", [
      `No selected account has a balance from ${from} to ${to}. The first snapshot is of ${first}.`,
    ]);
  }
  const accountIds = context.accountIds.filter((id) => counting.includes(id) || isSelected(id));
  const pairs: SnapshotPair[] = [];
  const notReconciled: NotReconciled[] = [];
  for await (const { accountId, pair, problem: reason = "" } of readBothEnds(
    { ...context, accountIds },
    { from: slotAt(range.from) },
    range,
  )) {
    const why = pair === undefined ? reason : whySame(pair, labelOf(history, accountId));
    if (pair !== undefined && why === undefined) pairs.push(pair);
    else notReconciled.push({ accountId, ...namesAt(history, accountId, range.to), reason: why ?? "" });
  }
  return { pairs, notReconciled };
}

/** Without two snapshots there is no change to explain, which must not look like one that is explained. */
function whySame({ earlier, later }: SnapshotPair, label: string): string | undefined {
  if (earlier.slot !== later.slot) return undefined;
  return `${label} has the same snapshot at both ends, of the slot ${later.slot}, so that there is nothing to reconcile. Give a longer period.`;
}

/** Returns a function that names any account, also on the other side of a transfer. @param at milliseconds since 1970 */
export function labelsAt(
  { history }: Pick<CommandContext, "history">,
  at: number,
  format?: "table" | "json" | "html",
): AccountLabel {
  const accounts = history.accountIds.map((accountId) => ({ accountId, accountName: nameAt(history, accountId, at) }));
  return accountLabels(history, { accounts }, format);
}
