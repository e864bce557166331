import { jest } from "./jest.ts";

/** Shorter timers are no time limits. */
const SHORTEST_LIMIT_MS = 1_000;

/**
 * Runs work whose time limits never pass, such as those of requests to the API and to DynamoDB. On a busy machine, they would end
 * requests that the simulated servers in this process answer a few seconds later: the job then repeats them.
 */
export async function withoutTimeLimits<T>(work: () => Promise<T>): Promise<T> {
  const { setTimeout: start } = globalThis;
  const startTimer = (run: () => void, ms = 0) => start(ms < SHORTEST_LIMIT_MS ? run : () => {}, ms);
  const timers = jest.spyOn(globalThis, "setTimeout").mockImplementation(startTimer as typeof start);
  try {
    return await work();
  } finally {
    timers.mockRestore();
  }
}
