import type { SlotRange } from "../../../core/domain/history-source.ts";
import { slotAt } from "../../../core/domain/slot.ts";
import type { TransferSet } from "../../../core/domain/transfer.ts";
import type { SnapshotPair } from "../../../core/history/changes.ts";
import type { FeeReading } from "../../../core/reconcile/reconciliation.ts";
import { labelOf, namesAt } from "../account-names.ts";
import type { CommandContext } from "../history-command.ts";
import { assertCovered } from "./needed-transfers.ts";
import { readPeriodEnds } from "./period-ends.ts";
import { type ReconcileResult, reconcileOutput } from "./reconcile-output.ts";
import { readTransfersFile, saveCommand } from "./transfers-file.ts";

/** Returns the transfers that accounts need. @param pairs their snapshots at both ends of the period */
export type TransfersFor = (
  context: CommandContext,
  pairs: readonly SnapshotPair[],
  period: SlotRange,
) => Promise<TransferSet>;

/**
 * Reconciles the selected accounts in a period.
 * @param reading of fees; default: the one that leaves less unexplained
 * @throws InputError if no selected account counts in the period, and the errors of `transfersFor`
 */
export async function reconcilePeriod(
  context: CommandContext,
  period: SlotRange,
  transfersFor: TransfersFor,
  reading?: FeeReading,
): Promise<ReconcileResult & { readonly set: TransferSet }> {
  const { history } = context;
  const ends = await readPeriodEnds(context, period);
  const set = await transfersFor(context, ends.pairs, period);
  const reconciled = reconcileOutput({
    ...{ ...ends, from: slotAt(period.from), to: slotAt(period.to), set, reading },
    namesOf: (accountId) => namesAt(history, accountId, period.to),
    hasKeys: history.hasKeys,
    label: (accountId) => labelOf(history, accountId),
  });
  return { ...reconciled, set };
}

/** Reads a file of transfers, and returns them for accounts that it covers. @throws InputError, also when it is called */
export function transfersOfFile(path: string): TransfersFor {
  const set = readTransfersFile(path);
  return async ({ history }, pairs, period) => {
    assertCovered(set, pairs, path, (accountId) => labelOf(history, accountId), saveCommand(period, path));
    return set;
  };
}
