import { afterAll, beforeAll, expect, it, jest } from "@jest/globals";
import { verifyAccount } from "../../core/integrity/verify.ts";
import { ChainReader } from "../../core/table/chain-reader.ts";
import { TableStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import { historyDays, timeLimitOf } from "../support/history-days.ts";
import { HOUR, makeFacts } from "../support/history-facts.ts";
import { patientClient, writeFacts } from "../support/history-table.ts";
import { startTestTable, type TestTable } from "../unit/table/embedded.ts";
import { bytesOfItem } from "../unit/table/size.ts";

// What verifying costs, as the table counts it: an hourly history of an account of 100 typical assets. EXHAUSTIVE=1
// measures a year.

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
  const update = { now: facts.to + HOUR, latenessLimitMs: HOUR, signal: new AbortController().signal };
  await new TableStore(new Table(client, table.name)).appendMissingEntries(accountId, update);
}, timeLimitOf(DAYS));
afterAll(() => table.close());

it("verifying uses less than one read unit per snapshot of 100 assets, and one request per megabyte", async () => {
  const reader = new ChainReader(new Table(table.client, table.name));
  const startedAt = performance.now();

  const verification = await verifyAccount(reader, accountId, [], facts.to + HOUR);

  const { requests, capacityUnits } = reader.usage;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stderr.write(`verify, ${SNAPSHOTS} snapshots: ${requests} requests, ${capacityUnits} units, ${seconds} s\n`);
  const entries = await table.itemsUnder(`${accountId}#chain`);
  expect(Math.max(...entries.map(bytesOfItem))).toBeLessThan(600);
  expect(verification).toMatchObject({ snapshots: SNAPSHOTS, entries: SNAPSHOTS, findings: [] });
  expect(capacityUnits / SNAPSHOTS).toBeLessThan(1);
  expect(requests).toBeLessThan(4 + SNAPSHOTS / 150);
});
