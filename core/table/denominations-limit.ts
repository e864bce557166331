import { StoreError } from "../domain/errors.ts";
import type { Snapshot } from "../domain/snapshot.ts";

/** A snapshot's item has room for balances (300 KB) and for totals, one in each denomination. */
const MAX_TOTALS_BYTES = 100_000;

/**
 * Asserts that the totals of a snapshot fit into its item, and so does the text of each asset. The API gives an amount in one or
 * two denominations. A total, which has two sums, is at most about as long as the longest integer part and the longest fraction
 * together.
 * @throws StoreError `too_many_denominations`
 */
export function assertTotalsFit({ accountId, slot, balances, totals }: Snapshot): void {
  const longest = new Map<string, number>();
  for (const [symbol, amounts] of balances) {
    for (const [denomination, { available, total }] of amounts) {
      if (denomination === symbol && !totals.has(symbol)) continue;
      longest.set(denomination, Math.max(available.length, total.length, longest.get(denomination) ?? 0));
    }
  }
  let bytes = 0;
  for (const [denomination, length] of longest) bytes += 3 * Buffer.byteLength(denomination) + 4 * length + 80;
  if (bytes <= MAX_TOTALS_BYTES) return;
  throw new StoreError(
    "too_many_denominations",
    `The balances of ${accountId} for ${slot} have amounts in ${longest.size} denominations, which an item cannot hold. ` +
      "Nothing is stored.",
    { suggestedFix: "If the account really has that many denominations, report it to this project." },
  );
}
