import { DynamoDBClient, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { verifyAccount } from "../../core/integrity/verify.ts";
import { openChains } from "../../core/readers.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import type { SimulatedAccount, WireBalance } from "../../local/simulated-cdp/server.ts";
import { makeAccount, makeBalance } from "../support/accounts.ts";
import { testClock } from "../support/clock.ts";
import { measuredUnits } from "../support/cost-document.ts";
import { afterEach, expect, it, jest } from "../support/jest.ts";
import { composeTestJob } from "../support/world/job.ts";
import { startWorld, type World } from "../support/world/world.ts";
import { bytesOfItem } from "../unit/table/size.ts";

// What a run costs, as the table counts it: one account of typical assets, as the job is composed in the function.
// docs/cost.md states the figures.

const MINUTE_MS = 60_000;
const START = Date.parse("2026-11-23T10:00:00.000Z");
const WARM_RUNS = 4;
/** A new process runs the last slot. */
const RUNS = WARM_RUNS + 2;

let world: World;
afterEach(() => {
  jest.restoreAllMocks();
  return world.close();
});

/** Amounts as long as in a typical account. */
function typicalBalances(assets: number): WireBalance[] {
  return Array.from({ length: assets }, (_, at) => {
    const symbol = `a${String(at).padStart(2, "0")}`;
    const amount = {
      [symbol]: { available: "12.34567", total: "12.34568" },
      usd: { available: "12345.67", total: "12345.68" },
    };
    return { ...makeBalance(symbol, "1"), amount };
  });
}

it.each([
  [31, "hourly", 60],
  [100, "hourly", 60],
  [100, "every 5 minutes", 5],
])(
  "a run of %d assets, %s, warm or cold, uses the units that docs/cost.md states",
  async (assets, schedule, minutes) => {
    const account: SimulatedAccount = makeAccount(typicalBalances(assets));
    const clock = testClock(new Date(START + 1000).toISOString());
    world = await startWorld({ accounts: () => [account], clock });
    const runs = watchUsage();
    const newJob = () => composeTestJob(world, { SNAPSHOT_SCHEDULE: `cron(0/${minutes} * * * ? *)` });
    const [warm, cold] = [newJob(), newJob()];

    for (let at = 0; at < RUNS; at++) {
      const job = at <= WARM_RUNS ? warm : cold;
      runs.push({ readUnits: 0, writeUnits: 0, storedBytes: 0 });
      const { snapshots } = await job.run({ scheduledTime: new Date(START + at * minutes * MINUTE_MS).toISOString() });
      expect(snapshots).toMatchObject([{ outcome: "complete" }]);
      clock.advance(minutes * MINUTE_MS);
    }

    const [first, ...others] = runs;
    process.stderr.write(
      `${assets} assets, ${schedule}: first ${JSON.stringify(first)}; then ${JSON.stringify(others)}\n`,
    );
    expect([...warm.reported.warnings, ...cold.reported.warnings]).toEqual([]);
    // Sizes differ by a few bytes, because times with different numbers of digits do.
    const { storedBytes, ...units } = measuredUnits(assets);
    for (const run of others) {
      expect(run).toMatchObject(units);
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

interface Usage {
  readUnits: number;
  writeUnits: number;
  storedBytes: number;
}

/** Adds the units and bytes of every query and put of this process to the last element of the result. */
function watchUsage(): Usage[] {
  const runs: Usage[] = [];
  type Send = (command: unknown) => Promise<{ ConsumedCapacity?: { CapacityUnits?: number } }>;
  const prototype = DynamoDBClient.prototype as unknown as { send: Send };
  const { send } = prototype;
  jest.spyOn(prototype, "send").mockImplementation(async function (this: unknown, command) {
    // The job itself does not ask what a put consumed.
    if (command instanceof PutItemCommand) command.input.ReturnConsumedCapacity = "TOTAL";
    const output = await send.call(this, command);
    const units = output.ConsumedCapacity?.CapacityUnits ?? 0;
    const run = runs.at(-1);
    if (run !== undefined && command instanceof QueryCommand) run.readUnits += units;
    if (run !== undefined && command instanceof PutItemCommand) {
      run.writeUnits += units;
      run.storedBytes += bytesOfItem(command.input.Item ?? {});
    }
    return output;
  });
  return runs;
}
