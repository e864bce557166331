import { EXHAUSTIVE } from "./exhaustive.ts";

/** Returns for how many days a test makes history: a year in `npm run test:exhaustive`, else the given number. */
export function historyDays(days: number): number {
  return EXHAUSTIVE ? 365 : days;
}

/** Returns the time limit of a test over a history of that many days, in milliseconds. */
export function timeLimitOf(days: number): number {
  return 60_000 + days * 2_000;
}
