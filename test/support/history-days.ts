/** The shortest history in which everything odd has its place: an asset that comes, goes and returns, an outage of days. */
const LEAST = 7;

/**
 * For how many days a test of the history makes one: those of HISTORY_DAYS, which `npm run measure` sets to a year.
 * @param preset what the suite has time for
 * @throws RangeError for what is no such number
 */
export function historyDays(preset: number): number {
  const asked = process.env["HISTORY_DAYS"] ?? String(preset);
  if (/^\d{1,4}$/.test(asked) && Number(asked) >= LEAST) return Number(asked);
  throw new RangeError(`HISTORY_DAYS is "${asked}": give a whole number of days, ${LEAST} or more, 365 for a year.`);
}

/** How long one test may take, in milliseconds: a year has more to read and to compare than a week. */
export function timeLimitOf(days: number): number {
  return 60_000 + days * 2_000;
}
