import { slotAt } from "../../../core/domain/slot.ts";
import { EXHAUSTIVE } from "../exhaustive.ts";
import { startLargeScene } from "./large-scene.ts";
import { inProcess } from "./run.ts";
import { startSmallScene } from "./scene.ts";
import { type SearchResult, searchCrashes } from "./search.ts";

const MINUTE_MS = 60_000;

const pairsMs = EXHAUSTIVE ? 5 * MINUTE_MS : undefined;

/** Accounts, and assets of each. */
const SIZE = EXHAUSTIVE ? 3 : 2;

const NO_TIME_LIMIT = { CDP_REQUEST_TIMEOUT_MS: "300000", SNAPSHOT_SCHEDULE: "rate(1 hour)" };
const PAGES_OF_ONE = { ...NO_TIME_LIMIT, CDP_PAGE_SIZE: "1" };
const SEQUENTIAL = inProcess({ ...PAGES_OF_ONE, CDP_ACCOUNTS_AT_ONCE: "1" });

const SEARCHES = {
  /** Some accounts of several pages, one after the other, and an empty table. */
  sequential: () => {
    const prepare = () => startSmallScene({ accounts: SIZE, assets: SIZE });
    return searchCrashes({ start: SEQUENTIAL, prepare, pairsMs });
  },

  /** The same with concurrent accounts, as is the default: the n-th step is whatever request arrives n-th. */
  concurrent: () => {
    // If accounts shared assets, which of them describes one would be chance, and so would the number of steps.
    const prepare = () => startSmallScene({ accounts: SIZE, assets: SIZE, distinctAssets: true });
    return searchCrashes({ start: inProcess(PAGES_OF_ONE), prepare, pairsMs });
  },

  /** An account whose walk fails in the killed run. */
  failedWalk: () => {
    const prepare = () => startSmallScene({ accounts: 1, assets: 2, firstFails: true });
    return searchCrashes({ start: SEQUENTIAL, prepare, pairsMs });
  },

  /** A snapshot of 5,000 assets in several items, in a table that knows the assets and the account. */
  parts: async () => {
    const start = inProcess({ ...NO_TIME_LIMIT, CDP_PAGE_SIZE: "1000" });
    const now = Date.now();
    const earlier = [slotAt(now - 2 * MINUTE_MS), slotAt(now - MINUTE_MS)] as const;
    const { scene, close } = await startLargeScene(start, slotAt(now), earlier);
    const result = await searchCrashes({ start, prepare: async () => scene, pairsMs });
    await close();
    return result;
  },
} satisfies Record<string, () => Promise<SearchResult>>;

export type SearchResults = Readonly<Record<keyof typeof SEARCHES, SearchResult>>;

// On a busy machine, the AWS SDK's time limits of 2 and 3 seconds would repeat requests, and so add steps.
const { setTimeout } = globalThis;
globalThis.setTimeout = Object.assign(
  (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
    setTimeout(run, ms < 2000 ? ms : ms * 100, ...args),
  setTimeout,
) as typeof setTimeout;

// This module is a program: crash.test.ts forks it, because in jest's sandbox a run over 5,000 assets takes twice as long.
process.on("disconnect", () => process.exit());
const results: Record<string, SearchResult> = {};
for (const [name, search] of Object.entries(SEARCHES)) results[name] = await search();
process.send?.(results);
