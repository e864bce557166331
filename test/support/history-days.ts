/** The shortest history that contains every kind of incident: a temporary asset, an outage of days. */
const MIN_DAYS = 7;

/**
 * Returns how many days of history a test creates: HISTORY_DAYS, which `npm run measure` sets to a year.
 * @param defaultDays the number of days for `npm test`
 * @throws RangeError for an invalid HISTORY_DAYS
 */
export function historyDays(defaultDays: number): number {
  const days = process.env["HISTORY_DAYS"] ?? String(defaultDays);
  if (/^\d{1,4}$/.test(days) && Number(days) >= MIN_DAYS) return Number(days);
  throw new RangeError(`HISTORY_DAYS is "${days}". Expected a whole number of days, ${MIN_DAYS} or more.`);
}

/** Returns the time limit of one test, in milliseconds. */
export function timeLimitOf(days: number): number {
  return 60_000 + days * 2_000;
}
