import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { verifyAccount } from "../../core/integrity/verify.ts";
import { openChains } from "../../core/readers.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import type { SimulatedAccount, WireBalance } from "../../local/simulated-cdp/server.ts";
import { makeAccount, makeBalance } from "../support/accounts.ts";
import { testClock } from "../support/clock.ts";
import { afterEach, expect, it, jest } from "../support/jest.ts";
import { composeTestJob } from "../support/world/job.ts";
import { startWorld, type World } from "../support/world/world.ts";

// What a run costs, as the table counts it: one account of 100 typical assets, as the job is composed in the function.

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

/** Amounts as long as in a typical account: 4.6 KB as an item. */
function typicalBalances(): WireBalance[] {
  return Array.from({ length: 100 }, (_, at) => {
    const symbol = `a${String(at).padStart(2, "0")}`;
    const amount = {
      [symbol]: { available: "12.34567", total: "12.34568" },
      usd: { available: "12345.67", total: "12345.68" },
    };
    return { ...makeBalance(symbol, "1"), amount };
  });
}

it.each([
  ["hourly", 60],
  ["every 5 minutes", 5],
])(
  "a run of 100 assets, %s, warm or cold, uses at most 3 read units and chains its snapshot",
  async (schedule, minutes) => {
    const account: SimulatedAccount = makeAccount(typicalBalances());
    const clock = testClock(new Date(START + 1000).toISOString());
    world = await startWorld({ accounts: () => [account], clock });
    const readUnits = watchReadUnits();
    const newJob = () => composeTestJob(world, { SNAPSHOT_SCHEDULE: `cron(0/${minutes} * * * ? *)` });
    const [warm, cold] = [newJob(), newJob()];

    for (let at = 0; at < RUNS; at++) {
      const job = at <= WARM_RUNS ? warm : cold;
      readUnits.push(0);
      const { snapshots } = await job.run({ scheduledTime: new Date(START + at * minutes * MINUTE_MS).toISOString() });
      expect(snapshots).toMatchObject([{ outcome: "complete" }]);
      clock.advance(minutes * MINUTE_MS);
    }

    const [first, ...others] = readUnits;
    const warmUnits = [...new Set(others.slice(0, -1))].join(", ");
    process.stderr.write(`${schedule}: ${first} read units; then ${warmUnits}; cold ${others.at(-1)}\n`);
    expect([...warm.reported.warnings, ...cold.reported.warnings]).toEqual([]);
    expect(Math.max(...others)).toBeLessThanOrEqual(3);
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

/** Adds the read units of every query of this process to the last element of the result. */
function watchReadUnits(): number[] {
  const readUnits: number[] = [];
  type Send = (command: unknown) => Promise<{ ConsumedCapacity?: { CapacityUnits?: number } }>;
  const prototype = DynamoDBClient.prototype as unknown as { send: Send };
  const { send } = prototype;
  jest.spyOn(prototype, "send").mockImplementation(async function (this: unknown, command) {
    const output = await send.call(this, command);
    const run = readUnits.length - 1;
    if (command instanceof QueryCommand) {
      readUnits[run] = (readUnits[run] ?? 0) + (output.ConsumedCapacity?.CapacityUnits ?? 0);
    }
    return output;
  });
  return readUnits;
}
