import { EXHAUSTIVE } from "../exhaustive.ts";

/** The searches of this run. Concurrent accounts pass the same steps in other orders, so `npm test` leaves them out. */
export const searchNames = [
  "sequential",
  "failedWalk",
  "parts",
  ...(EXHAUSTIVE ? (["concurrent"] as const) : []),
] as const;
