import pMap from "p-map";
import { StoreError } from "../../../core/domain/errors.ts";
import type { Statement } from "../../../core/history/statement.ts";
import type { HistoryReader } from "../../../core/readers.ts";
import { reportDamage } from "../output.ts";
import type { StatementHead } from "./statement-output.ts";

/** Accounts whose chains are read concurrently. */
const CONCURRENCY = 8;

/**
 * Returns the entries of the chains that cover the closing balances: an entry of another digest covers another balance. What
 * cannot be read is reported.
 */
export async function closingHeads(reader: HistoryReader, { accounts }: Statement): Promise<readonly StatementHead[]> {
  const heads = await pMap(
    accounts,
    async ({ accountId, closing: { state, slot, capturedAt } }) => {
      if (state !== "known" || slot === null || capturedAt === null) return [];
      try {
        const entry = await reader.entryOf(accountId, { slot, capturedAt });
        if (entry === undefined || entry.digest !== (await reader.digestOf(accountId, slot))) return [];
        const { sequence, hash, digest, chainedAt } = entry;
        return [{ accountId, sequence, slot, hash, at: chainedAt, digest }];
      } catch (thrown) {
        if (!(thrown instanceof StoreError) || thrown.code !== "item_unreadable") throw thrown;
        reportDamage(thrown);
        return [];
      }
    },
    { concurrency: CONCURRENCY },
  );
  return heads.flat();
}
