import type { Transfer, TransferParty } from "../domain/transfer.ts";
import { AccountLines } from "./account-lines.ts";
import { betterReading, unexplainedLines } from "./fee-reading.ts";
import { transferTimes } from "./placement.ts";
import type { AccountEnds, FeeReading, Line, Reconciliation } from "./reconciliation.ts";

/**
 * Explains the changes of balances between both ends of a period by transfers. The order of the transfers does not matter.
 * @param ends each account once
 * @param transfers each transfer once; those of other accounts count for nothing
 * @param reading how to read fees. Default: the reading by which less is unexplained
 */
export function reconcile(
  ends: readonly AccountEnds[],
  transfers: readonly Transfer[],
  reading?: FeeReading,
): Reconciliation {
  const accounts = new Map(ends.map((of) => [of.accountId, new AccountLines(of)]));
  const { completed, notCompleted } = sorted(transfers);
  const incomplete: Transfer[] = [];
  for (const transfer of completed) {
    const concerned = accountsOf(transfer, accounts);
    const times = transferTimes(transfer);
    // Both accounts have to add it, so this must not stop at the first.
    const isComplete = concerned.map((account) => account.add(transfer, times)).every(Boolean);
    if (!isComplete) incomplete.push(transfer);
  }

  const all = [...accounts.values()];
  const lines = {
    included: all.flatMap((account) => account.lines("included")),
    excluded: all.flatMap((account) => account.lines("excluded")),
  };
  const chosen = reading ?? betterReading(lines);
  const others = lines[chosen === "included" ? "excluded" : "included"];
  return {
    reading: chosen,
    unexplainedLines: unexplainedLines(lines),
    // Both readings have the same lines in the same order.
    lines: lines[chosen].map(
      (line, index): Line => ({ ...line, unexplainedByOtherReading: others[index]?.unexplained ?? null }),
    ),
    undetermined: all.flatMap(({ undetermined }) => undetermined),
    notCompleted: notCompleted.filter((transfer) => accountsOf(transfer, accounts).length > 0),
    incomplete,
  };
}

/** Whether the transfers explain every change, or can: nothing is unexplained, unknown or not asked, and no amount is missing. */
export function isAllExplained({ lines, incomplete }: Reconciliation): boolean {
  return incomplete.length === 0 && lines.every(({ state }) => state === "explained" || state === "undetermined");
}

/** Returns those of the accounts that are the source or the target of a transfer. */
function accountsOf<T>({ source, target }: Transfer, accounts: ReadonlyMap<string, T>): T[] {
  const of = (party: TransferParty) => (party.kind === "account" ? accounts.get(party.accountId) : undefined);
  return [...new Set([of(source), of(target)])].filter((account) => account !== undefined);
}

/** Returns the completed transfers in the order of their completion, and the others in the order of their creation. */
function sorted(transfers: readonly Transfer[]): { completed: Transfer[]; notCompleted: Transfer[] } {
  const isCompleted = ({ status }: Transfer) => status === "completed";
  return {
    completed: inOrder(transfers.filter(isCompleted), (transfer) => transferTimes(transfer).completed),
    notCompleted: inOrder(
      transfers.filter((transfer) => !isCompleted(transfer)),
      ({ createdAt }) => (createdAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(createdAt)),
    ),
  };
}

/** Returns the transfers in the order of a time, and those of the same time in the order of their ids. */
function inOrder(transfers: readonly Transfer[], timeOf: (transfer: Transfer) => number): Transfer[] {
  return transfers
    .map((transfer) => ({ transfer, time: timeOf(transfer) }))
    .sort((a, b) =>
      a.time < b.time ? -1 : a.time > b.time ? 1 : a.transfer.transferId < b.transfer.transferId ? -1 : 1,
    )
    .map(({ transfer }) => transfer);
}
