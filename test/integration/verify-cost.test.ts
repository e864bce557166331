import { afterAll, beforeAll, expect, it, jest } from "@jest/globals";
import { verifyAccount } from "../../core/integrity/verify.ts";
import { ChainReader } from "../../core/table/chain-reader.ts";
import { TableStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import { historyDays, timeLimitOf } from "../support/history-days.ts";
import { HOUR, makeFacts } from "../support/history-facts.ts";
import { patientClient, takenOf, writeFacts } from "../support/history-table.ts";
import { startTestTable, type TestTable } from "../unit/table/embedded.ts";
import { bytesOfItem } from "../unit/table/size.ts";

// What the chain costs, as the table itself counts it: an account of 100 typical assets, hour by hour. HISTORY_DAYS=365
// takes a whole year. The suite's days are few, so its budgets are those of a snapshot.

const FROM = Date.parse("2025-01-01T00:00:00.000Z");
const DAYS = historyDays(7);
const SNAPSHOTS = DAYS * 24;
const facts = makeFacts({ seed: 5, from: FROM, hours: SNAPSHOTS, assets: [100], kind: "typical" });
const [account] = facts.accounts;
const accountId = account?.accountId ?? "";

jest.setTimeout(timeLimitOf(DAYS));

let table: TestTable;
beforeAll(async () => {
  table = await startTestTable();
  const client = patientClient(table.url);
  await writeFacts(client, table.name, facts);
  const order = { now: facts.to + HOUR, latenessLimitMs: HOUR, signal: new AbortController().signal };
  await new TableStore(new Table(client, table.name)).appendMissingEntries(accountId, order);
}, timeLimitOf(DAYS));
afterAll(() => table.close());

it("verifying costs less than a read unit a snapshot of 100 assets, and a request a megabyte", async () => {
  const reader = new ChainReader(new Table(table.client, table.name));
  const startedAt = performance.now();

  const verification = await verifyAccount(reader, accountId, [], facts.to + HOUR);

  const { requests, capacityUnits } = reader.usage;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stderr.write(`verify, ${SNAPSHOTS} snapshots: ${requests} requests, ${capacityUnits} units, ${seconds} s\n`);
  expect(verification).toMatchObject({ snapshots: SNAPSHOTS, entries: SNAPSHOTS, findings: [] });
  expect(capacityUnits / SNAPSHOTS).toBeLessThan(1);
  expect(requests).toBeLessThan(4 + SNAPSHOTS / 150);
});

it("entering a snapshot costs three requests, at most four read units and, for what it writes, one write unit", async () => {
  const client = table.anotherClient();
  const order = { now: facts.to + 2 * HOUR, latenessLimitMs: HOUR, signal: new AbortController().signal };
  const last = account?.records.at(-1);
  if (last?.status !== "complete") throw new Error("the last record is no snapshot");
  const slot = last.slot + HOUR;
  const { snapshot } = takenOf(accountId, { ...last, slot, capturedAt: slot + 1000 });
  await new TableStore(new Table(client, table.name)).save(snapshot, []);
  let [requests, units] = [0, 0];
  client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args);
      requests++;
      units += (answer.output as { ConsumedCapacity?: { CapacityUnits: number } }).ConsumedCapacity?.CapacityUnits ?? 0;
      return answer;
    },
    { step: "initialize" },
  );

  await new TableStore(new Table(client, table.name)).appendMissingEntries(accountId, order);

  const entries = await table.itemsUnder(`${accountId}#chain`);
  process.stderr.write(`entering one: ${requests} requests, ${units} read units\n`);
  expect(entries).toHaveLength(SNAPSHOTS + 1);
  expect(requests).toBe(3);
  expect(units).toBeLessThanOrEqual(4);
  expect(Math.max(...entries.map(bytesOfItem))).toBeLessThan(600);
});
