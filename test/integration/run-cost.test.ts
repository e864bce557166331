import { verifyAccount } from "../../core/integrity/verify.ts";
import { openChains } from "../../core/readers.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { makeAccount } from "../support/accounts.ts";
import { testClock } from "../support/clock.ts";
import { measuredUnits } from "../support/cost-document.ts";
import { afterEach, expect, it } from "../support/jest.ts";
import { measureRuns, typicalBalances } from "../support/run-units.ts";
import { startWorld, type World } from "../support/world/world.ts";

// What a run costs, as the table counts it: one account of typical assets, as the job is composed in the function.
// docs/cost.md states the figures. `npm run bench -- units` prints them for other numbers of assets.

const RUNS = 6;

let world: World;
afterEach(() => world.close());

it.each([
  [31, "hourly", 60],
  [100, "hourly", 60],
  [100, "every 5 minutes", 5],
])(
  "a run of %d assets, %s, warm or cold, uses the units that docs/cost.md states",
  async (assets, schedule, minutes) => {
    const account = makeAccount(typicalBalances(assets));
    const clock = testClock();
    world = await startWorld({ accounts: () => [account], clock });

    const { units, results, jobs } = await measureRuns(world, clock, { runs: RUNS, minutes });

    const [first, ...others] = units;
    process.stderr.write(
      `${assets} assets, ${schedule}: first ${JSON.stringify(first)}; then ${JSON.stringify(others)}\n`,
    );
    for (const { snapshots } of results) expect(snapshots).toMatchObject([{ outcome: "complete" }]);
    expect(jobs.flatMap(({ reported }) => reported.warnings)).toEqual([]);
    // Sizes differ by a few bytes, because times with different numbers of digits do.
    const { storedBytes, ...expected } = measuredUnits(assets);
    for (const run of others) {
      expect(run).toMatchObject(expected);
      expect(Math.abs(run.storedBytes - storedBytes)).toBeLessThan(50);
    }
    const chains = openChains(LOCAL_TABLE);
    const { accounts, schedules } = await chains.catalog();
    const facts = { activity: accounts.get(account.accountId), schedules, anchors: [], now: clock.now() };
    expect(await verifyAccount(chains, account.accountId, facts)).toMatchObject({
      snapshots: RUNS,
      entries: RUNS,
      findings: [],
    });
  },
);
