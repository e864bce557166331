import pMap from "p-map";
import { StoreError } from "../../core/domain/errors.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { formatHeads } from "../../core/integrity/heads.ts";
import { HEADS_PREFIX } from "../../core/names/anchor-environment.ts";
import type { ChainReader } from "../../core/readers.ts";

const CHAIN_CONCURRENCY = 16;

/** What a run of the anchor function has stored. */
export interface AnchorResult {
  /** The object's key; `null` if no chain exists yet, so that nothing was stored. */
  readonly key: string | null;
  /** How many heads were stored. */
  readonly heads: number;
}

/**
 * Stores the heads of all chains under a new key. If some chains cannot be read, stores the heads of the others before it
 * throws.
 * @param putNew stores a text under a key, and throws if the key exists
 * @param now milliseconds since 1970
 * @throws StoreError `heads_missing`, and the errors of `chains` and `putNew`
 */
export async function anchorHeads(
  chains: ChainReader,
  putNew: (key: string, text: string) => Promise<void>,
  now: number,
): Promise<AnchorResult> {
  const at = slotAt(now);
  const failures: StoreError[] = [];
  const readHead = async (accountId: string) => {
    try {
      return await chains.head(accountId, at);
    } catch (thrown) {
      if (!(thrown instanceof StoreError)) throw thrown;
      failures.push(thrown);
      return undefined;
    }
  };
  const results = await pMap((await chains.catalog()).accounts.keys(), readHead, { concurrency: CHAIN_CONCURRENCY });
  const heads = results.filter((head) => head !== undefined);
  // Without colons, the key is a valid file name on every system.
  const key = heads.length === 0 ? null : `${HEADS_PREFIX}${at.slice(0, 10)}/${at.replace(/[:.]/g, "-")}.jsonl`;
  if (key !== null) await putNew(key, formatHeads(heads));
  const [first] = failures;
  if (first === undefined) return { key, heads: heads.length };
  const others = key === null ? "No other head exists." : `The heads of the others are in ${key}.`;
  throw new StoreError(
    "heads_missing",
    `The heads of ${failures.length} of ${results.length} chains could not be read. ${others} The first failure: ${first.message}`,
    { suggestedFix: first.suggestedFix, cause: first },
  );
}
