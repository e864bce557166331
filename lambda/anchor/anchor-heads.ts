import pMap from "p-map";
import { StoreError } from "../../core/domain/errors.ts";
import { slotAt } from "../../core/domain/slot.ts";
import type { Head } from "../../core/integrity/entry.ts";
import { headLines } from "../../core/integrity/heads.ts";
import { HEADS_PREFIX } from "../../core/names/anchor-environment.ts";

/** Chains whose ends are read side by side. */
const AT_ONCE = 16;

/** Where heads come from. */
export interface HeadSource {
  accounts(): Promise<readonly string[]>;
  /** `undefined`: there is no chain yet. @throws StoreError */
  head(accountId: string, at: string): Promise<Head | undefined>;
}

/** What was written. */
export interface AnchorResult {
  /** `null`: there is no chain yet, and nothing was written. */
  readonly key: string | null;
  readonly heads: number;
}

/**
 * Keeps the heads of all chains, under a key that never was before. A chain whose end cannot be read holds up none of the
 * others, and is an error once they are kept.
 * @param putNew puts a text under a key, and fails if there is one
 * @param now milliseconds since 1970
 * @throws StoreError `heads_missing`, and what `source` and `putNew` throw
 */
export async function anchorHeads(
  source: HeadSource,
  putNew: (key: string, text: string) => Promise<void>,
  now: number,
): Promise<AnchorResult> {
  const at = slotAt(now);
  const problems: StoreError[] = [];
  const headOf = async (accountId: string) => {
    try {
      return await source.head(accountId, at);
    } catch (thrown) {
      if (!(thrown instanceof StoreError)) throw thrown;
      problems.push(thrown);
      return undefined;
    }
  };
  const read = await pMap(await source.accounts(), headOf, { concurrency: AT_ONCE });
  const heads = read.filter((head) => head !== undefined);
  // A name that a file can have everywhere: no colons.
  const key = heads.length === 0 ? null : `${HEADS_PREFIX}${at.slice(0, 10)}/${at.replace(/[:.]/g, "-")}.jsonl`;
  if (key !== null) await putNew(key, headLines(heads));
  const [first] = problems;
  if (first !== undefined) {
    throw new StoreError(
      "heads_missing",
      `Of ${problems.length} of ${read.length} chains the end could not be read, and no head was kept; ` +
        `${key === null ? "there is none of the others" : `those of the others are in ${key}`}. The first: ${first.message}`,
      { suggestedFix: first.suggestedFix, cause: first },
    );
  }
  return { key, heads: heads.length };
}
