/** The API's limit is on reads "in any rolling 10 seconds". */
const WINDOW_MS = 10_000;

/** Says for one arrival, at an instant in ms, whether it is within the limit. Ask once per request, in order of arrival. */
export type RateLimit = (arrivedAt: number) => boolean;

/**
 * An exact sliding window by the time of arrival: a read is admitted if fewer than `reads` were admitted in the
 * 10 s before it. What was refused does not count, so a client that backs off is never punished twice.
 * @param reads default: 600, the API's own
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
