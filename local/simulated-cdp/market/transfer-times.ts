import type { RandomInteger } from "./random.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** The times of a completed transfer, in milliseconds since 1970. */
interface TransferTimes {
  readonly created: number;
  readonly executed: number;
  readonly completed: number;
  readonly updated: number;
}

/**
 * Returns times of a transfer that completes between two ticks. Most are executed and completed minutes away from both, so that
 * it is certain on which side of a snapshot they are. One in 20 completes in the last minute, and one in 40 is executed before
 * the earlier tick.
 * @param previous the earlier tick, at least 2 ms before the other one
 */
export function timesBetween(previous: number, at: number, random: RandomInteger): TransferTimes {
  const kind = random(1, 40);
  const farthest = Math.min(30 * MINUTE_MS, Math.floor((at - previous) / 2));
  const [nearest, limit] =
    kind <= 2 ? [1, Math.min(MINUTE_MS, at - previous) - 1] : [Math.min(2 * MINUTE_MS, farthest), farthest];
  const completed = at - random(nearest, limit);
  const executed =
    kind === 3
      ? previous - random(MINUTE_MS, 40 * MINUTE_MS)
      : Math.max(previous + 1, completed - random(SECOND_MS, 5 * MINUTE_MS));
  const created = executed - random(0, 2 * MINUTE_MS);
  return { created, executed, completed, updated: Math.min(at - 1, completed + random(0, 3 * SECOND_MS)) };
}
