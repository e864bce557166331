import pMap from "p-map";
import type { Head } from "../chain/entry.ts";
import { headLines } from "../chain/heads.ts";
import { slotAt } from "../domain/slot.ts";
import { HEADS_PREFIX } from "./environment.ts";

/** Chains whose ends are read side by side. */
const AT_ONCE = 16;

/** Where heads come from. */
export interface HeadSource {
  accounts(): Promise<readonly string[]>;
  /** `undefined`: there is no chain yet. */
  head(accountId: string, at: string): Promise<Head | undefined>;
}

/** What was written. */
export interface Anchored {
  /** `null`: there is no chain yet, and nothing was written. */
  readonly key: string | null;
  readonly heads: number;
}

/**
 * Keeps the heads of all chains, under a key that never was before: all of them, or none and an error.
 * @param putNew puts a text under a key, and fails if there is one
 * @param now milliseconds since 1970
 */
export async function anchorHeads(
  source: HeadSource,
  putNew: (key: string, text: string) => Promise<void>,
  now: number,
): Promise<Anchored> {
  const at = slotAt(now);
  const read = await pMap(await source.accounts(), (accountId) => source.head(accountId, at), { concurrency: AT_ONCE });
  const heads = read.filter((head) => head !== undefined);
  if (heads.length === 0) return { key: null, heads: 0 };
  // A name that a file can have everywhere: no colons.
  const key = `${HEADS_PREFIX}${at.slice(0, 10)}/${at.replace(/[:.]/g, "-")}.jsonl`;
  await putNew(key, headLines(heads));
  return { key, heads: heads.length };
}
