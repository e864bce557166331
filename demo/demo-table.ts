import { readFileSync, writeFileSync } from "node:fs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { demoWords } from "../cli/shared/npm-run.ts";
import { reportDamage } from "../cli/shared/output.ts";
import { transfersFileText } from "../cli/shared/reconcile/transfers-file.ts";
import { NO_LOGGER } from "../core/aws/client-options.ts";
import { type AccountActivity, isActive } from "../core/domain/account-activity.ts";
import { InputError } from "../core/domain/errors.ts";
import { slotAt } from "../core/domain/slot.ts";
import { type HistoryReader, openHistory } from "../core/readers.ts";
import { openStore } from "../core/writers.ts";
import { closeOnError } from "../local/close-after.ts";
import { demoMarketIn, demoTransfersIn } from "../local/data-folder.ts";
import {
  type EmbeddedDynamo,
  embeddedEnvironment,
  LOCAL_TABLE,
  startEmbeddedDynamo,
} from "../local/dynamodb/embedded-dynamodb.ts";
import type { Market } from "../local/simulated-cdp/market/market.ts";
import { demoTransferSet } from "./demo-transfers.ts";
import { createDemoMarket, EXAMPLE, EXAMPLE_TICKS, HOUR_MS, writeExampleHistory } from "./example-history.ts";

/** A table with the example history, and the market that continues it. */
export interface DemoTable {
  readonly dynamo: EmbeddedDynamo;
  readonly market: Market;
  /** Saves how far the market has come, and closes the table. */
  close(): Promise<void>;
}

/** What the state file holds. */
interface DemoState {
  /** The market's ticks after the example, with which it repeats its transfers. `undefined`: the example is not complete. */
  readonly ticks?: readonly number[];
}

/** A schedule whose year is over: it has no slot any more. */
const NO_SLOTS = { expression: "cron(0 * * * ? 1970)", timezone: "UTC", latenessLimitMs: HOUR_MS };

/**
 * Opens the table in a folder, where the previous start ended; makes it the table of this process's AWS clients. The first
 * time, loads the example history.
 * @param onExample called before it is loaded
 * @throws InputError if the table contains other snapshots
 */
export async function openDemoTable(folder: string, onExample = () => {}): Promise<DemoTable> {
  const dynamo = await startEmbeddedDynamo(folder);
  Object.assign(process.env, embeddedEnvironment(dynamo));
  const stateFile = demoMarketIn(folder);
  const market = createDemoMarket(savedTicks(stateFile));
  const saveState = (state: DemoState) => writeFileSync(stateFile, JSON.stringify(state));
  const saveTicks = () => saveState({ ticks: market.ticks.slice(EXAMPLE.hours) });
  await closeOnError(async () => {
    const reader = openHistory(LOCAL_TABLE, reportDamage);
    await assertOnlyDemoSnapshots(reader, market, folder);
    // The ticks are saved when the example is complete, so that the next start repeats an interrupted load.
    if (market.ticks.length === 0) {
      // Saved before the first snapshot, so that the command line can recognize the folder as the demo's.
      saveState({});
      onExample();
      await writeExampleHistory(new DynamoDBClient({ logger: NO_LOGGER }), LOCAL_TABLE, market);
      writeFileSync(demoTransfersIn(folder), transfersFileText(demoTransferSet(market)));
      saveTicks();
    }
    await endAccounts(reader);
  }, dynamo.close);
  return {
    dynamo,
    market,
    close: async () => {
      saveTicks();
      await dynamo.close();
    },
  };
}

/** Returns the instants of the market's ticks at earlier starts; none if the example history is not complete. */
function savedTicks(file: string): readonly number[] {
  try {
    const { ticks }: DemoState = JSON.parse(readFileSync(file, "utf8"));
    return ticks === undefined ? [] : [...EXAMPLE_TICKS, ...ticks];
  } catch {
    // There is no state yet, so the market starts from the beginning.
    return [];
  }
}

/** @throws InputError if the table contains accounts other than the demo's, or their snapshots without the example history */
async function assertOnlyDemoSnapshots(reader: HistoryReader, market: Market, folder: string): Promise<void> {
  const demoAccounts = new Set(market.accounts().map(({ accountId }) => accountId));
  const isOther = ([accountId, { periods }]: [string, AccountActivity]) =>
    !demoAccounts.has(accountId) || (periods[0] !== undefined && periods[0].since !== slotAt(EXAMPLE.from));
  const other = [...(await reader.accounts())].find(isOther);
  if (other === undefined) return;
  throw new InputError("usage", [
    `${folder} contains other snapshots (of ${other[0]}). The demo would add its own to their totals. ` +
      `Run the demo in another folder: ${demoWords(" --data .local/demo")}.`,
  ]);
}

/**
 * Makes the time since the last snapshots no gap, because nothing runs between two starts of the demo: no slot is expected after
 * the example, and the accounts end. The next snapshot of an account starts it again.
 */
async function endAccounts(reader: HistoryReader): Promise<void> {
  const store = openStore({ tableName: LOCAL_TABLE, retentionDays: undefined });
  const end = slotAt(EXAMPLE.from + EXAMPLE.hours * HOUR_MS);
  await store.registerSchedule(NO_SLOTS, end, end);
  for (const [accountId, activity] of await reader.accounts()) {
    const last = isActive(activity) ? await reader.latest(accountId) : undefined;
    if (last === undefined) continue;
    const at = slotAt(Date.parse(last.completedAt) + 1);
    await store.registerEnd(accountId, at, at, "The demo takes snapshots only while it runs.");
  }
}
