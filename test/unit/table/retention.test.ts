import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { EXPIRES_AT } from "../../../core/names/table-keys.ts";
import { TableStore } from "../../../core/table/snapshot-store.ts";
import { Table } from "../../../core/table/table.ts";
import { SLOT, snapshotWith } from "../domain/snapshots.ts";
import { newAccount, startTestTable, type TestTable } from "./embedded.ts";

const DAYS = 400;
const DAY_SECONDS = 86_400;
const AFTER_SLOT = Date.parse(SLOT) / 1000 + DAYS * DAY_SECONDS;
const ASSET = { symbol: "btc", type: "crypto", name: "Bitcoin", decimals: 8 };

let table: TestTable;
beforeAll(async () => {
  table = await startTestTable();
});
afterAll(() => table.close());

const store = (retentionDays?: number) => new TableStore(new Table(table.client, table.name), retentionDays);

async function expiriesUnder(partition: string): Promise<(number | undefined)[]> {
  return (await table.itemsUnder(partition)).map(({ [EXPIRES_AT]: at }) =>
    at === undefined ? undefined : Number(at.N),
  );
}

const failure = (accountId: string, slot = SLOT) => ({
  accountId,
  slot,
  trigger: "schedule" as const,
  code: "service_unavailable",
  message: "The API was not available.",
  attempts: 1,
  lastTriedAt: SLOT,
});

describe("with a retention", () => {
  it("a snapshot expires the configured number of days after its slot, whenever it was captured; the catalog never expires", async () => {
    const accountId = newAccount();

    await store(DAYS).save({ ...snapshotWith(new Map(), { accountId }), capturedAt: "2026-11-23T10:59:00.000Z" }, [
      ASSET,
    ]);

    expect(await expiriesUnder(accountId)).toEqual([AFTER_SLOT]);
    const catalog = await Promise.all(["accounts", "assets"].map(expiriesUnder));
    expect(catalog.map((expiries) => [...new Set(expiries)])).toEqual([[undefined], [undefined]]);
  });

  it("parts expire a month after their snapshot", async () => {
    const accountId = newAccount();
    const [digits, assets] = ["9".repeat(2000), Array.from({ length: 100 }, (_, at) => `a${at}`)];
    const balances = Object.fromEntries(
      assets.map((symbol) => [symbol, { [symbol]: [digits, `1${digits}`] as const }]),
    );

    await store(DAYS).save(snapshotWith(balances, { accountId }), []);

    const parts = await expiriesUnder(`${accountId}#parts`);
    expect(parts.length).toBeGreaterThan(1);
    expect(new Set(parts)).toEqual(new Set([AFTER_SLOT + 30 * DAY_SECONDS]));
    expect(await expiriesUnder(accountId)).toEqual([AFTER_SLOT]);
  });

  it("a failed attempt expires when a snapshot of its slot would, in whole seconds", async () => {
    const accountId = newAccount();

    await store(DAYS).recordFailure(failure(accountId, SLOT.replace(".000Z", ".001Z")));

    expect(await expiriesUnder(accountId)).toEqual([AFTER_SLOT + 1]);
  });
});

it("nothing expires without a retention", async () => {
  const [complete, failed] = [newAccount(), newAccount()];

  await store().save(snapshotWith(new Map(), { accountId: complete }), []);
  await store().recordFailure(failure(failed));

  expect([...(await expiriesUnder(complete)), ...(await expiriesUnder(failed))]).toEqual([undefined, undefined]);
});
