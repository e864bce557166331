import { EXHAUSTIVE } from "../exhaustive.ts";

/**
 * The searches of this run. `npm test` has one: an empty table and accounts of several pages, one after the other. The others
 * kill runs in special situations.
 */
export const searchNames = [
  "sequential",
  ...(EXHAUSTIVE ? (["concurrent", "failedWalk", "parts"] as const) : []),
] as const;
