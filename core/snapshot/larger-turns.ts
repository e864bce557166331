import { Semaphore } from "./semaphore.ts";

/** Medium accounts that are taken at once, beside the small ones. */
const MEDIUM_AT_ONCE = 16;

/** The turns of accounts that are not small. All runs of a process share them, because their number bounds its memory. */
export interface LargerTurns {
  readonly medium: Semaphore;
  readonly largest: Semaphore;
}

export function largerTurns(): LargerTurns {
  return { medium: new Semaphore(MEDIUM_AT_ONCE), largest: new Semaphore(1) };
}
