import type { AccountDescription } from "../../core/domain/account-activity.ts";
import type { Failure, Walk } from "../../core/domain/snapshot.ts";
import { snapshotOf } from "../../core/domain/snapshot.ts";
import type { TableSnapshotStore } from "../../core/table/snapshot-store.ts";
import { amountsOf, assetOf, type BalanceTexts, WALK } from "../unit/domain/snapshots.ts";
import { type MemoryTable, newStore, tableOf } from "../unit/table/embedded.ts";

// A small table in which every kind of item occurs, and each of its attributes: nine slots of four accounts, written by the store
// of the job with simulated data. The account of one key becomes that of another, one ends and starts again, and retention is
// configured at last.

const DAY = "2026-11-23";
export const [TREASURY, TRADING, CUSTODY, NEW] = ["1", "2", "3", "4"].map(
  (digit) => `account_${digit.repeat(8)}-0000-4000-8000-000000000000`,
) as [string, string, string, string];

const instant = (time: string) => `${DAY}T${time}.000Z`;
const slotOf = (hour: number) => instant(`${String(hour).padStart(2, "0")}:00:00`);
const after = (slot: string, ms: number) => new Date(Date.parse(slot) + ms).toISOString();

const [LATENESS_LIMIT_MS, LONG_RUN_MS, RETENTION_DAYS] = [3_600_000, 4_500_000, 3650];
const HOURLY = { expression: "cron(0 * * * ? *)", timezone: "UTC", latenessLimitMs: LATENESS_LIMIT_MS };

const described = (accountId: string, name: string, key?: string): AccountDescription => ({
  ...{ accountId, name, type: "prime", owner: "entity_aaaaaaaa-0000-4000-8000-000000000000" },
  ...(key !== undefined && { key }),
});

const treasury = (hour: number): BalanceTexts => ({
  btc: { btc: ["2.5", `3.0${hour}`], usd: ["252705.4", `303246.4${hour}`] },
  usd: { usd: ["90", "100"] },
  eur: { eur: ["0.10", "0.10"], usd: ["0.11", "0.11"] },
  rare: { rare: ["1000000.000000000000000001", "1000000.000000000000000001"] },
});
const trading = (hour: number): BalanceTexts => ({ eth: { eth: [`${hour}.5`, `${hour}.5`], usd: ["9000", "9000"] } });
const custody = (hour: number): BalanceTexts => ({
  btc: { btc: [`0.0000000${hour}`, `0.0000000${hour}`], usd: ["1.25", "1.25"] },
  eth: { eth: ["32", "64"], usd: ["96000.5", "192001"], btc: ["1.1", "2.2"] },
  "0xaa": { "0xaa": ["5", "5"] },
  "0xbb": { "0xbb": ["123456789012345678901234567890.5", "123456789012345678901234567890.5"] },
});

interface Taken {
  readonly account: AccountDescription;
  readonly slot: string;
  readonly holds: BalanceTexts;
  /** How the walk went, where it differs from the usual. */
  readonly walk?: Partial<Pick<Walk, "consistency" | "passes" | "unsettled" | "hidden">>;
  /** The name of `btc`, if the API has changed it. */
  readonly bitcoin?: string;
  readonly trigger?: "schedule" | "manual";
}

/** Takes a snapshot with the calls of a run: four seconds after its slot, for two seconds. */
async function take(store: TableSnapshotStore, taken: Taken): Promise<void> {
  const { account, slot, holds, walk, bitcoin = "Bitcoin", trigger = "schedule" } = taken;
  const [capturedAt, completedAt] = [4000, 6000].map((ms) => Date.parse(slot) + ms) as [number, number];
  const balances = Object.entries(holds).map(([symbol, texts]) => ({
    asset: assetOf(symbol, symbol === "btc" ? { name: bitcoin } : {}),
    amounts: amountsOf(texts),
  }));
  const { accountId } = account;
  const walked = { ...WALK, ...walk, balances, capturedAt, completedAt };
  const { snapshot, assets } = snapshotOf(walked, { accountId, slot, trigger });
  await store.save(snapshot, assets, account);
  const update = { now: completedAt + 500, latenessLimitMs: LATENESS_LIMIT_MS, signal: new AbortController().signal };
  await store.appendMissingEntries(accountId, update, slot);
}

/** Returns why a slot has no snapshot. */
const failure = (slot: string, code: string, message: string): Failure => ({
  slot,
  trigger: "schedule",
  code,
  message,
});
const unavailable = (slot: string) => failure(slot, "api_unavailable", "The API answered 503.");
const REQUEST = { suggestedFix: "Wait for the next run.", correlationId: "9d1f5c7e-aaaa" };

/** Writes the example to a new table in memory. */
export async function writeExample(): Promise<MemoryTable> {
  const table = tableOf([]);
  const store = newStore(table);
  await writeOneKey(store);
  await writeTwoKeys(store);
  await writeChanges(store);
  await writeWithRetention(newStore(table, RETENTION_DAYS));
  return table;
}

/** 08:00 and 09:00: one key, which has no name. */
async function writeOneKey(store: TableSnapshotStore): Promise<void> {
  await store.registerSchedule(HOURLY, slotOf(8), after(slotOf(8), 1000));
  await store.recordFailedRun({
    ...failure(slotOf(8), "key_not_json", "The secret is not JSON."),
    ...{ scope: "all", failedAt: after(slotOf(8), 2000) },
  });
  await take(store, { account: described(TREASURY, "Treasury"), slot: slotOf(9), holds: treasury(9) });
  await store.startNamesRefresh(after(slotOf(9), 8000));
}

/** 10:00 to 12:00: the keys `emea` and `us`. */
async function writeTwoKeys(store: TableSnapshotStore): Promise<void> {
  await store.registerSchedule({ ...HOURLY, key: "emea" }, slotOf(10), after(slotOf(10), 1000));
  await store.registerSchedule(
    { ...HOURLY, key: "us", timezone: "Europe/Berlin" },
    slotOf(10),
    after(slotOf(10), 1000),
  );
  await store.registerDescription(described(TREASURY, "Treasury", "emea"), after(slotOf(10), 2000));
  for (const hour of [10, 11, 12]) {
    const bitcoin = hour === 11 ? "Bitcoin (new name)" : "Bitcoin";
    const uncertain = { consistency: "uncertain", passes: 5, unsettled: ["gone"], hidden: 1 } as const;
    const account = described(TREASURY, "Treasury", "emea");
    const walk = hour === 12 ? uncertain : {};
    await take(store, { account, slot: slotOf(hour), holds: treasury(hour), walk, bitcoin });
  }
  await store.startNamesRefresh(after(slotOf(10), 8000), "emea");
  await take(store, { account: described(TRADING, "Trading", "us"), slot: slotOf(10), holds: trading(10) });
  for (const hour of [10, 11]) {
    await take(store, { account: described(CUSTODY, "Custody", "us"), slot: slotOf(hour), holds: custody(hour) });
  }
  const failed = { accountId: TRADING, attempts: 2, lastTriedAt: after(slotOf(11), 60_000) };
  await store.recordFailure({ ...failed, ...unavailable(slotOf(11)) });
  const refused = { ...failure(slotOf(12), "api_unauthorized", "The API answered 401."), ...REQUEST };
  const keys = ["emea", "us"];
  await store.recordFailedRun({ ...refused, key: "us", keys, scope: "all", failedAt: after(slotOf(12), 3000) });
}

/** 13:00 and 14:00: an account ends and starts again, one moves to the other key, one is renamed. Runs may take longer. */
async function writeChanges(store: TableSnapshotStore): Promise<void> {
  await store.registerEnd(TRADING, slotOf(13), after(slotOf(13), 5000), "The API no longer lists the account.");
  await take(store, { account: described(TREASURY, "Treasury", "emea"), slot: slotOf(13), holds: treasury(13) });
  const notReached = failure(slotOf(13), "not_reached", "The run ended before it reached the account.");
  const scope = { first: CUSTODY, last: CUSTODY };
  await store.recordFailedRun({ ...notReached, key: "us", scope, failedAt: after(slotOf(13), 840_000) });
  await store.registerSchedule({ ...HOURLY, key: "emea", maxRunMs: LONG_RUN_MS }, slotOf(14), after(slotOf(14), 1000));
  await take(store, { account: described(TREASURY, "Treasury", "emea"), slot: slotOf(14), holds: treasury(14) });
  await take(store, { account: described(TRADING, "Trading", "us"), slot: slotOf(14), holds: trading(14) });
  await take(store, { account: described(CUSTODY, "Custody", "us"), slot: slotOf(14), holds: custody(14) });
  await store.registerKeyList("emea", { readAt: after(slotOf(14), 3000), lacksAll: false });
  await store.registerKeyList("us", { readAt: after(slotOf(14), 3000), lacksAll: true });
  const givenUp = { ...described(CUSTODY, "Custody"), key: "", noKeySince: slotOf(14) };
  await store.registerDescription(givenUp, after(slotOf(14), 6500));
  await store.registerDescription(described(CUSTODY, "Custody", "emea"), after(slotOf(14), 7000));
  await store.registerDescription(described(TREASURY, "Treasury EMEA", "emea"), after(slotOf(14), 8000));
}

/** 14:20 by hand, and 15:00: with a retention of ten years. */
async function writeWithRetention(store: TableSnapshotStore): Promise<void> {
  const manual = { slot: instant("14:20:00"), trigger: "manual" } as const;
  await take(store, { account: described(TREASURY, "Treasury EMEA", "emea"), holds: treasury(14), ...manual });
  const failed = { attempts: 1, lastTriedAt: after(slotOf(15), 9000), ...unavailable(slotOf(15)), ...REQUEST };
  await store.recordFailure({ accountId: NEW, ...failed }, "us");
  await store.recordFailure({ accountId: CUSTODY, ...failed }, undefined);
  await take(store, { account: described(CUSTODY, "Custody", "emea"), slot: slotOf(15), holds: custody(15) });
  const empty = failure(slotOf(15), "key_empty", "The secret is empty.");
  await store.recordFailedRun({ ...empty, key: "us", scope: [TRADING], failedAt: after(slotOf(15), 3000) });
}
