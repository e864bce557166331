/** The API limits reads "in any rolling 10 seconds". */
const WINDOW_MS = 10_000;

/**
 * Creates the limits of a server: keys with a limit of their own have a window each, and all other requests share one.
 * @param reads the shared limit
 */
export function createRateLimits(reads?: number) {
  const shared = createRateLimit(reads);
  const own = new Map<string, ReturnType<typeof createRateLimit>>();
  return (arrivedAt: number, key?: { readonly id: string; readonly readsPerTenSeconds?: number }): boolean => {
    if (key?.readsPerTenSeconds === undefined) return shared(arrivedAt);
    const admit = own.get(key.id) ?? createRateLimit(key.readsPerTenSeconds);
    own.set(key.id, admit);
    return admit(arrivedAt);
  };
}

/**
 * Creates an exact sliding window: a read is admitted if fewer than `reads` were admitted in the previous 10 s.
 * Rejected reads do not count.
 * @param reads default: 600, as in the API
 * @returns whether a request that arrives at an instant (in ms) is within the limit; called once per request, in order
 */
export function createRateLimit(reads = 600): (arrivedAt: number) => boolean {
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
