import { slotAt } from "../../core/domain/slot.ts";
import { startLargeScene } from "./crash-large.ts";
import { inProcess } from "./crash-run.ts";
import { type Found, searchCrashes } from "./crash-search.ts";
import { startSmallScene } from "./crash-small.ts";

const MINUTE_MS = 60_000;

const PAGES_OF_ONE = { CDP_PAGE_SIZE: "1", SNAPSHOT_SCHEDULE: "rate(1 hour)" };
const ONE_BY_ONE = inProcess({ ...PAGES_OF_ONE, CDP_ACCOUNTS_AT_ONCE: "1" });

/** The searches by name. */
const SEARCHES = {
  /** 3 accounts of 3 pages, one after the other, and a table that knows nothing. */
  accounts: () => searchCrashes({ start: ONE_BY_ONE, prepare: () => startSmallScene({ accounts: 3, assets: 3 }) }),

  /** The same with the accounts side by side, as it is by default: the n-th step is whatever step comes n-th. */
  sideBySide: () => {
    // Which of two accounts describes an asset of both is chance, and how many steps there are would be, too.
    const prepare = () => startSmallScene({ accounts: 3, assets: 3, assetsOfTheirOwn: true });
    return searchCrashes({ start: inProcess(PAGES_OF_ONE), prepare, eachTableOnce: true });
  },

  /** An account whose walk fails in the run that is killed. */
  failure: () => {
    const prepare = () => startSmallScene({ accounts: 1, assets: 2, firstFails: true });
    return searchCrashes({ start: ONE_BY_ONE, prepare, eachTableOnce: true });
  },

  /** 5,000 assets in parts, in a table that knows them and the account. */
  parts: async () => {
    const start = inProcess({ CDP_PAGE_SIZE: "1000", SNAPSHOT_SCHEDULE: "rate(1 hour)" });
    const now = Date.now();
    const earlier = [slotAt(now - 2 * MINUTE_MS), slotAt(now - MINUTE_MS)] as const;
    const { scene, close } = await startLargeScene(start, slotAt(now), earlier);
    const found = await searchCrashes({ start, prepare: async () => scene, eachTableOnce: true });
    await close();
    return found;
  },
} satisfies Record<string, () => Promise<Found>>;

export type SearchName = keyof typeof SEARCHES;

// The program's: `crash-outside.ts` starts it, with names.
process.on("disconnect", () => process.exit());
const found: Found[] = [];
for (const name of process.argv.slice(2)) found.push(await SEARCHES[name as SearchName]());
process.send?.(found);
