import { slotAt } from "../../../core/domain/slot.ts";
import { EXHAUSTIVE } from "../exhaustive.ts";
import { replaceEnv } from "../replace-env.ts";
import { openGate } from "./gate.ts";
import { runWith } from "./run.ts";
import { HORIZON, type Scene, startScene } from "./scene.ts";
import { type SearchResult, searchCrashes } from "./search.ts";

const MINUTE_MS = 60_000;

const pairsMs = EXHAUSTIVE ? MINUTE_MS : undefined;

/** The puts of a failed attempt, of a snapshot and of its parts: `npm test` kills the runs of special situations only there. */
const at = EXHAUSTIVE ? undefined : /^PutItem account_…(#parts)?$/;

/** Accounts, and assets of each. */
const SIZE = EXHAUSTIVE ? 3 : 2;

const NO_TIME_LIMIT = {
  CDP_REQUEST_TIMEOUT_MS: "300000",
  SNAPSHOT_SCHEDULE: "cron(0 * * * ? *)",
  SLOT_LATENESS_LIMIT_SECONDS: "10800",
};
const PAGES_OF_ONE = { ...NO_TIME_LIMIT, CDP_PAGE_SIZE: "1" };
const SEQUENTIAL = runWith({ ...PAGES_OF_ONE, CDP_ACCOUNTS_AT_ONCE: "1" });

const ONE_PAGE = runWith(NO_TIME_LIMIT);

/** Starts a scene of one account whose snapshot needs several items. */
const startLargeAccount = () => startScene({ accounts: 1, assets: 8, firstIsLarge: true });

/** Starts a scene of one large account, and completes an earlier slot. */
async function startInLaterSlot(): Promise<Scene> {
  const scene = await startLargeAccount();
  const slot = Date.parse(scene.slot);
  scene.prepareRun(EARLIER_RUN);
  const gate = await openGate({ forward: scene.forward });
  const { accounts } = await ONE_PAGE(gate.url, { scheduledTime: slotAt(slot - 60 * MINUTE_MS) });
  await gate.close();
  if (accounts.complete !== 1) throw new Error(`The scene could not be made: ${JSON.stringify(accounts)}`);
  const history: Scene["history"] = (accountId, reader) => reader.records(accountId, { from: slot, to: HORIZON });
  return { ...scene, initialItems: await scene.items(), history };
}

/** No other run has this number, so its balances are unique. */
const EARLIER_RUN = 9;

const SEARCHES = {
  /** Some accounts of several pages, one after the other, and an empty table. */
  sequential: () => {
    const prepare = () => startScene({ accounts: SIZE, assets: SIZE });
    return searchCrashes({ run: SEQUENTIAL, prepare, pairsMs });
  },

  /** An account whose walk fails in the killed run. */
  failedWalk: () => {
    const prepare = () => startScene({ accounts: 1, assets: 2, firstFails: true });
    return searchCrashes({ run: SEQUENTIAL, prepare, at, pairsMs });
  },

  /** A snapshot in several items; with EXHAUSTIVE, in a table that has the snapshot of an earlier slot. */
  parts: () => {
    const prepare = EXHAUSTIVE ? startInLaterSlot : startLargeAccount;
    return searchCrashes({ run: ONE_PAGE, prepare, at, pairsMs });
  },

  /** Concurrent accounts, as is the default: the n-th step is whatever request arrives n-th. */
  ...(EXHAUSTIVE && {
    concurrent: () => {
      // If accounts shared assets, which of them describes one would be chance, and so would the number of steps.
      const prepare = () => startScene({ accounts: SIZE, assets: SIZE - 1, distinctAssets: true });
      return searchCrashes({ run: runWith(PAGES_OF_ONE), prepare, pairsMs });
    },
  }),
};

export type SearchResults = Readonly<Record<keyof typeof SEARCHES, SearchResult>>;

/** Searches for all situations. Meanwhile, this process has other timers. */
export async function runSearches(): Promise<SearchResults> {
  const restore = [extendTimeLimits(), replaceEnv({ ...process.env })];
  try {
    const results: Record<string, SearchResult> = {};
    for (const [name, search] of Object.entries(SEARCHES)) results[name] = await search();
    return results as SearchResults;
  } finally {
    for (const one of restore) one();
  }
}

/**
 * On a busy machine, the AWS SDK's time limits of 2 and 3 seconds would repeat requests, and so add steps.
 * @returns a function that restores the timers
 */
function extendTimeLimits(): () => void {
  const { setTimeout } = globalThis;
  globalThis.setTimeout = Object.assign(
    (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
      setTimeout(run, ms < 2000 ? ms : ms * 100, ...args),
    setTimeout,
  ) as typeof setTimeout;
  return () => {
    globalThis.setTimeout = setTimeout;
  };
}
