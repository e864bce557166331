/**
 * Whether this is `npm run test:exhaustive` (EXHAUSTIVE=1): kills a run at every step in every way, injects every fault,
 * makes a year of history, fuzzes for many more cases, simulates a year, and runs the tests of test/exhaustive. It takes
 * half an hour on two cores.
 * It runs every test file that imports this one, directly or not.
 */
export const EXHAUSTIVE = process.env["EXHAUSTIVE"] !== undefined;

/** Returns for how many days a test makes history: a year in `npm run test:exhaustive`, else the given number. */
export function historyDays(days: number): number {
  return EXHAUSTIVE ? 365 : days;
}
