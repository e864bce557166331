/** The API limits reads "in any rolling 10 seconds". */
const WINDOW_MS = 10_000;

/** Returns whether a request that arrives at an instant (in ms) is within the limit. Call once per request, in order of arrival. */
export type RateLimit = (arrivedAt: number) => boolean;

/**
 * Creates an exact sliding window: a read is admitted if fewer than `reads` were admitted in the previous 10 s.
 * Rejected reads do not count.
 * @param reads default: 600, as in the API
 */
export function createRateLimit(reads = 600): RateLimit {
  const admitted: number[] = [];
  return (arrivedAt) => {
    for (let oldest = admitted[0]; oldest !== undefined && oldest <= arrivedAt - WINDOW_MS; oldest = admitted[0]) {
      admitted.shift();
    }
    if (admitted.length >= reads) return false;
    admitted.push(arrivedAt);
    return true;
  };
}
