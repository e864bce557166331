import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { AccountDescription } from "../core/domain/account-activity.ts";
import { slotAt } from "../core/domain/slot.ts";
import { snapshotOf, type Walk } from "../core/domain/snapshot.ts";
import type { Entry } from "../core/integrity/entry.ts";
import { decodeEntry, encodeEntry } from "../core/table/chain-item.ts";
import { TableSnapshotStore } from "../core/table/snapshot-store.ts";
import type { Table } from "../core/table/table.ts";
import { writeInBatches } from "../local/dynamodb/write-in-batches.ts";
import { createMarket, type Market } from "../local/simulated-cdp/market/market.ts";
import type { SimulatedAccount } from "../local/simulated-cdp/server.ts";

export const HOUR_MS = 3_600_000;
const SEED = 7;

/** The example history: its first slot in milliseconds since 1970, and its length in hours. */
export const EXAMPLE = { from: Date.UTC(2026, 9, 25, 4), hours: 14 * 24 };

const SCHEDULE = { expression: "cron(0 * * * ? *)", timezone: "UTC", latenessLimitMs: HOUR_MS };

/** The failures in the example, in hours from its start. */
const MISSED = [200, 201, 202];
const FAILED = [333];

/** An account is renamed on 1 November, because history shows the name of its time. */
const RENAMED = { name: "Operations", earlierName: "Trading", hour: 164 };

/** So small that a reconciliation of a week shows a few unexplained lines among many explained ones. */
const CONCEALED_SHARE = 0.002;

/** The instants of the market's ticks in the example: its slots. A walk starts after the tick. */
export const EXAMPLE_TICKS = Array.from({ length: EXAMPLE.hours }, (_, hour) => EXAMPLE.from + hour * HOUR_MS);

/** Creates the market of the example and of the demo. @param ticks the instants of those that have passed */
export function createDemoMarket(ticks: readonly number[] = []): Market {
  return createMarket({ seed: SEED, ticks, concealedShare: CONCEALED_SHARE });
}

/**
 * Writes an hourly history of the simulated market, with names, hash chains, and missed and failed slots. It is always the same, so
 * that writing it again completes one that was interrupted.
 * @param market a new one, in which the hours of the example pass
 */
export function writeExampleHistory(
  client: DynamoDBClient,
  tableName: string,
  market = createDemoMarket(),
): Promise<void> {
  return writeInBatches(client, tableName, async (table) => {
    const store = new TableSnapshotStore(table);
    const heads = new Map<string, Entry>();
    const { accountId: renamedId = "" } = market.accounts().find(({ name }) => name === RENAMED.name) ?? {};
    market.rename(renamedId, RENAMED.earlierName);
    await store.registerSchedule(SCHEDULE, slotAt(EXAMPLE.from), slotAt(EXAMPLE.from));
    for (const [hour, slotMs] of EXAMPLE_TICKS.entries()) {
      market.tick(slotMs);
      if (hour === RENAMED.hour) market.rename(renamedId, RENAMED.name);
      for (const account of market.accounts()) {
        if (FAILED.includes(hour)) await store.recordFailure(failureOf(account, slotMs));
        else if (!MISSED.includes(hour)) await writeSnapshot(table, store, heads, account, slotMs);
      }
    }
  });
}

async function writeSnapshot(
  table: Table,
  store: TableSnapshotStore,
  heads: Map<string, Entry>,
  account: SimulatedAccount,
  slotMs: number,
): Promise<void> {
  const { accountId } = account;
  const walk = walkOf(account, slotMs + 1_417);
  const { snapshot, assets } = snapshotOf(walk, { accountId, slot: slotAt(slotMs), trigger: "schedule" });
  const description = descriptionOf(account);
  const saved = await store.save(snapshot, assets, description);
  if (saved === undefined) return;
  await store.registerDescription(description, snapshot.completedAt);
  const entry = encodeEntry(accountId, saved, heads.get(accountId), slotAt(walk.completedAt + 35));
  await table.putIfAbsent(entry);
  heads.set(accountId, decodeEntry(entry));
}

function descriptionOf({ accountId, name, type, owner }: SimulatedAccount): AccountDescription {
  return { accountId, name, type, owner };
}

function failureOf({ accountId }: SimulatedAccount, slotMs: number) {
  return {
    ...{ accountId, slot: slotAt(slotMs), trigger: "schedule" as const },
    code: "api_service_unavailable",
    message: `GET /platform/v2/accounts/${accountId}/balances: HTTP 503 service_unavailable: Service unavailable.`,
    attempts: 3,
    lastTriedAt: slotAt(slotMs + 190_000),
  };
}

function walkOf({ balances }: SimulatedAccount, capturedAt: number): Walk {
  return {
    balances: balances.map(({ asset, amount }) => ({ asset, amounts: new Map(Object.entries(amount)) })),
    ...{ consistency: "verified", passes: 1, pages: 1, unsettled: [], hidden: 0 },
    capturedAt,
    completedAt: capturedAt + 212,
  };
}
