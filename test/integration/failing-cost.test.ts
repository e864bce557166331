import { makeAccount } from "../support/accounts.ts";
import { testClock } from "../support/clock.ts";
import { EXHAUSTIVE } from "../support/exhaustive.ts";
import { afterAll, afterEach, expect, it } from "../support/jest.ts";
import { type RunUnits, watchUnits } from "../support/run-units.ts";
import { composeTestJob } from "../support/world/job.ts";
import { startWorld, type World } from "../support/world/world.ts";

// What a run costs if every account fails, as the table counts it.

const HOUR_MS = 3_600_000;
const START = Date.parse("2026-11-23T10:00:00.000Z");
const UNLIMITED = { CDP_READS_PER_10_SECONDS: "100000", CDP_ACCOUNTS_AT_ONCE: "8" };

let world: World;
const units: RunUnits[] = [];
const stop = watchUnits(units);
afterEach(() => world.close());
afterAll(stop);

it.each(EXHAUSTIVE ? [1_000, 5_000] : [20])(
  "a run of %d failing accounts makes at most 3 requests and uses 1 read unit for each of them",
  async (count) => {
    const ids = Array.from({ length: count }, () => makeAccount().accountId);
    const clock = testClock(new Date(START + 1000).toISOString());
    world = await startWorld({ accounts: () => [], clock });
    const job = composeTestJob(world, { SNAPSHOT_SCHEDULE: "cron(0 * * * ? *)", ...UNLIMITED }, ids);

    const perRun: { requests: number; readUnits: number; ms: number }[] = [];
    for (let hour = 0; hour < 2; hour++) {
      const run = { readUnits: 0, writeUnits: 0, storedBytes: 0 };
      units.push(run);
      const [requests, startedAt] = [world.aws.calls.length, performance.now()];
      const { accounts } = await job.run({ scheduledTime: new Date(START + hour * HOUR_MS).toISOString() });
      expect(accounts).toEqual({ complete: 0, alreadyComplete: 0, failed: count });
      perRun.push({
        requests: world.aws.calls.length - requests,
        readUnits: run.readUnits,
        ms: Math.round(performance.now() - startedAt),
      });
      clock.advance(HOUR_MS);
    }

    process.stderr.write(`${count} failing accounts: ${JSON.stringify(perRun)}\n`);
    expect(job.reported.warnings).toEqual([]);
    for (const { requests, readUnits } of perRun) {
      expect(requests).toBeLessThanOrEqual(3 * count + 10);
      // The catalog and the failed runs are read once: 0.5 read units per 4 KB.
      expect(readUnits).toBeLessThanOrEqual(count * 1.05 + 10);
    }
  },
);
