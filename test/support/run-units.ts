import { DynamoDBClient, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { RunResult } from "../../core/domain/run-result.ts";
import type { WireBalance } from "../../local/simulated-cdp/server.ts";
import { bytesOfItem } from "../unit/table/size.ts";
import { makeBalance } from "./accounts.ts";
import type { TestClock } from "./clock.ts";
import { composeTestJob, type TestJob } from "./world/job.ts";
import type { World } from "./world/world.ts";

const MINUTE_MS = 60_000;

/** What a run used of the table, as the table counts it. */
export interface RunUnits {
  readUnits: number;
  writeUnits: number;
  storedBytes: number;
}

/** Balances with amounts as long as in a typical account. */
export function typicalBalances(assets: number): WireBalance[] {
  return Array.from({ length: assets }, (_, at) => {
    const symbol = `a${String(at).padStart(2, "0")}`;
    const amount = {
      [symbol]: { available: "12.34567", total: "12.34568" },
      usd: { available: "12345.67", total: "12345.68" },
    };
    return { ...makeBalance(symbol, "1"), amount };
  });
}

/** The runs of a schedule, one slot after the other. A new process runs the last one. */
export interface MeasuredRuns {
  readonly units: readonly RunUnits[];
  readonly results: readonly RunResult[];
  readonly jobs: readonly TestJob[];
}

/**
 * Runs the job in this process for some slots of a schedule, and measures what each run uses.
 * @param clock the clock of the world
 */
export async function measureRuns(
  world: World,
  clock: TestClock,
  { runs, minutes }: { readonly runs: number; readonly minutes: number },
): Promise<MeasuredRuns> {
  const newJob = () => composeTestJob(world, { SNAPSHOT_SCHEDULE: `cron(0/${minutes} * * * ? *)` });
  const [warm, cold] = [newJob(), newJob()];
  const start = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS;
  const units: RunUnits[] = [];
  const results: RunResult[] = [];
  const stop = watchUnits(units);
  try {
    for (let at = 0; at < runs; at++) {
      units.push({ readUnits: 0, writeUnits: 0, storedBytes: 0 });
      const slot = start + at * minutes * MINUTE_MS;
      // A run of a large account takes longer than the time to the next slot.
      clock.advance(Math.max(0, slot + 1000 - clock.now()));
      const job = at < runs - 1 ? warm : cold;
      results.push(await job.run({ scheduledTime: new Date(slot).toISOString() }));
    }
  } finally {
    stop();
  }
  return { units, results, jobs: [warm, cold] };
}

/** Adds the units and bytes of every query and put of this process to the last element. Returns a function that ends this. */
export function watchUnits(runs: readonly RunUnits[]): () => void {
  type Send = (command: unknown) => Promise<{ ConsumedCapacity?: { CapacityUnits?: number } }>;
  const prototype = DynamoDBClient.prototype as unknown as { send: Send };
  const { send } = prototype;
  prototype.send = async function (this: unknown, command) {
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
  };
  return () => {
    prototype.send = send;
  };
}
