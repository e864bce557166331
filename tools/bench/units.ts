import { makeAccount } from "../../test/support/accounts.ts";
import { testClock } from "../../test/support/clock.ts";
import { measureRuns, type RunUnits, typicalBalances } from "../../test/support/run-units.ts";
import { startWorld } from "../../test/support/world/world.ts";
import type { Row } from "./row.ts";

// What one account costs at each run: the units that the embedded DynamoDB counts. They depend on nothing else, so one series of
// runs is enough.

const ASSETS = [1, 10, 100, 1_000, 5_000];
const SCHEDULES = [
  { schedule: "hourly", minutes: 60 },
  { schedule: "every 5 minutes", minutes: 5 },
];
/** The first run, two of the same process, and one of a new process. */
const RUNS = 4;

export async function run(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const assets of ASSETS) {
    for (const { schedule, minutes } of SCHEDULES) {
      rows.push({ measured: `${assets} assets, ${schedule}`, figures: figuresOf(await unitsOf(assets, minutes)) });
    }
  }
  return rows;
}

async function unitsOf(assets: number, minutes: number): Promise<readonly RunUnits[]> {
  const account = makeAccount(typicalBalances(assets));
  const clock = testClock();
  const world = await startWorld({ accounts: () => [account], clock });
  try {
    const { units, results } = await measureRuns(world, clock, { runs: RUNS, minutes });
    const failed = results.find(({ accounts }) => accounts.complete !== 1);
    if (failed !== undefined) throw new Error(`A run failed: ${JSON.stringify(failed)}`);
    return units;
  } finally {
    await world.close();
  }
}

function figuresOf(units: readonly RunUnits[]): Record<string, string> {
  const [first, second, later, newProcess] = units;
  if (!first || !second || !later || !newProcess) throw new Error(`Expected ${RUNS} runs, got ${units.length}`);
  return {
    "write units, first run": String(first.writeUnits),
    "later run": String(later.writeUnits),
    "read units, first": String(first.readUnits),
    later: String(later.readUnits),
    "new process": String(newProcess.readUnits),
    "bytes stored": String(later.storedBytes),
  };
}
