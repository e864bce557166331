import { slotAt } from "../core/domain/slot.ts";
import { snapshotOf, type Walk } from "../core/domain/snapshot.ts";
import type { TableSnapshotStore } from "../core/table/snapshot-store.ts";
import { createMarket } from "../local/simulated-cdp/market/market.ts";
import type { SimulatedAccount } from "../local/simulated-cdp/server.ts";

const HOUR_MS = 3_600_000;
const SCHEDULE = { expression: "cron(0 * * * ? *)", timezone: "UTC" };

/** The failures in the example, in hours from its start. */
const MISSED = [200, 201, 202];
const FAILED = [333];

/**
 * Writes an hourly example history of the simulated market, with missed and failed slots. The result is deterministic.
 * @param from the first slot, in ms since 1970
 * @param hours the number of slots
 */
export async function writeExampleHistory(store: TableSnapshotStore, from: number, hours: number): Promise<void> {
  const market = createMarket({ seed: 7 });
  await store.registerSchedule(SCHEDULE, slotAt(from), slotAt(from));
  for (let hour = 0; hour < hours; hour++) {
    market.tick();
    if (MISSED.includes(hour)) continue;
    const slotMs = from + hour * HOUR_MS;
    await Promise.all(market.accounts().map((account) => writeRecord(store, account, slotMs, FAILED.includes(hour))));
  }
}

async function writeRecord(store: TableSnapshotStore, account: SimulatedAccount, slotMs: number, failed: boolean) {
  const key = { accountId: account.accountId, slot: slotAt(slotMs), trigger: "schedule" as const };
  if (failed) {
    await store.recordFailure({
      ...key,
      code: "api_service_unavailable",
      message: `GET /platform/v2/accounts/${account.accountId}/balances: HTTP 503 service_unavailable: Service unavailable.`,
      attempts: 3,
      lastTriedAt: slotAt(slotMs + 190_000),
    });
  } else {
    const { snapshot, assets } = snapshotOf(walkOf(account, slotMs + 1_417), key);
    await store.save(snapshot, assets);
  }
}

function walkOf({ balances }: SimulatedAccount, capturedAt: number): Walk {
  return {
    balances: balances.map(({ asset, amount }) => ({ asset, amounts: new Map(Object.entries(amount)) })),
    ...{ consistency: "verified", passes: 1, pages: 1, unsettled: [], hidden: 0 },
    capturedAt,
    completedAt: capturedAt + 212,
  };
}
