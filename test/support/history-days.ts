import { EXHAUSTIVE } from "./exhaustive.ts";

/** Returns for how many days a test makes history: a year in `npm run test:exhaustive`, else the given number. */
export function historyDays(days: number): number {
  return EXHAUSTIVE ? 365 : days;
}
