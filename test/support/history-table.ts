import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { NO_LOGGER } from "../../core/aws/client-options.ts";
import type { AccountActivity } from "../../core/domain/account-activity.ts";
import type { Amounts, Asset } from "../../core/domain/balance.ts";
import type { FailedRun } from "../../core/domain/failed-run.ts";
import type { HistoryRecord, HistorySource, ScheduleVersion } from "../../core/domain/history-source.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { type FailedAttempt, type Snapshot, snapshotOf } from "../../core/domain/snapshot.ts";
import { encodeAccountEvent } from "../../core/table/account-event-item.ts";
import { TableSnapshotStore } from "../../core/table/snapshot-store.ts";
import { writeInBatches } from "../../local/dynamodb/write-in-batches.ts";
import {
  type AccountFacts,
  type Facts,
  type FailedRunFact,
  type FailureFact,
  HOUR,
  type RecordFact,
  type ScheduleFact,
  type SnapshotFact,
} from "./history-facts.ts";
import { periodsOf } from "./history-naive.ts";

/** Creates a client that retries, because the embedded server drops connections on a busy machine. */
export function patientClient(endpoint: string): DynamoDBClient {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  return new DynamoDBClient({ endpoint, region: "eu-central-1", credentials, maxAttempts: 5, logger: NO_LOGGER });
}

/** Writes facts to a table, as the items that the job writes. */
export function writeFacts(client: DynamoDBClient, tableName: string, facts: Facts): Promise<void> {
  return writeInBatches(client, tableName, async (table) => {
    const store = new TableSnapshotStore(table);
    for (const { since, ...schedule } of facts.schedules.map(versionOf)) {
      await store.registerSchedule(schedule, since, since);
    }
    for (const run of facts.accounts[0]?.failedRuns ?? []) await store.recordFailedRun(failedRunOf(run));
    for (const { accountId, descriptions = [] } of facts.accounts) {
      for (const { from, ...description } of descriptions) {
        const event = { accountId, event: "described", slot: slotAt(from), at: slotAt(from), ...description } as const;
        await table.putIfAbsent(encodeAccountEvent(event));
      }
    }
    for (const account of facts.accounts) {
      let ends = account.ends ?? [];
      const end = async (before: number) => {
        for (const { slot, reason } of ends.filter(({ slot }) => slot < before)) {
          await store.registerEnd(account.accountId, slotAt(slot), slotAt(slot), reason);
        }
        ends = ends.filter(({ slot }) => slot >= before);
      };
      for (const record of account.records) {
        await end(record.slot);
        await writeRecord(store, account, record);
      }
      await end(Number.POSITIVE_INFINITY);
    }
  });
}

async function writeRecord(store: TableSnapshotStore, { accountId }: AccountFacts, record: RecordFact): Promise<void> {
  if (record.status === "failed") {
    await store.recordFailure(attemptOf(accountId, record));
    return;
  }
  if (record.capturedAt - record.slot > 30 * 60_000) {
    // A slot this late had a failed attempt before.
    const { slot, trigger } = record;
    const failed = { status: "failed", code: "api_unavailable", message: "At first.", attempts: 1 } as const;
    await store.recordFailure(attemptOf(accountId, { ...failed, slot, trigger, lastTriedAt: slot + 60_000 }));
  }
  const { snapshot, assets } = takenOf(accountId, record);
  await store.save(snapshot, assets);
}

function failedRunOf({ slot, failedAt, ...run }: FailedRunFact): FailedRun {
  return { ...run, slot: slotAt(slot), failedAt: slotAt(failedAt) };
}

function attemptOf(accountId: string, fact: FailureFact): FailedAttempt {
  const { status: _, ...attempt } = fact;
  return { ...attempt, accountId, slot: slotAt(fact.slot), lastTriedAt: slotAt(fact.lastTriedAt) };
}

/** Returns a schedule as the table stores it. */
export function versionOf({ since, latenessLimitMs = HOUR, ...schedule }: ScheduleFact): ScheduleVersion {
  return { ...schedule, latenessLimitMs, since: slotAt(since) };
}

const DOLLAR: Asset = { symbol: "usd", type: "fiat", name: "The usd", decimals: 2 };

/** Returns the snapshot that the job takes of a fact. */
export function takenOf(accountId: string, fact: SnapshotFact): { snapshot: Snapshot; assets: readonly Asset[] } {
  const balances = [...fact.holdings].map(([symbol, { usd, available, total }]) => ({
    asset: symbol === "usd" ? DOLLAR : { symbol, type: "crypto", name: `The ${symbol}`, decimals: 18 },
    amounts: new Map([[symbol, { available, total }], ...(usd ? ([["usd", usd]] as const) : [])]) as Amounts,
  }));
  const { slot, trigger, capturedAt, completedAt } = fact;
  return snapshotOf(
    {
      ...{ balances, consistency: "verified", passes: 1, pages: 1, unsettled: [], hidden: 0 },
      ...{ capturedAt, completedAt },
    },
    { accountId, slot: slotAt(slot), trigger },
  );
}

/** The properties read the same facts many times. */
const records = new WeakMap<RecordFact, HistoryRecord>();

function recordOf(accountId: string, fact: RecordFact): HistoryRecord {
  const record = records.get(fact) ?? newRecordOf(accountId, fact);
  records.set(fact, record);
  return record;
}

function newRecordOf(accountId: string, fact: RecordFact): HistoryRecord {
  const slot = slotAt(fact.slot);
  return fact.status === "failed"
    ? { status: "failed", slot, attempt: attemptOf(accountId, fact) }
    : { status: "complete", slot, snapshot: takenOf(accountId, fact).snapshot };
}

function activityOf(account: AccountFacts): AccountActivity {
  const [first] = account.records;
  const periods = periodsOf(account).map(({ since, from, until }) => ({
    ...{ since: slotAt(since), from },
    ...(until !== undefined && { until: slotAt(until), to: until }),
  }));
  const { descriptions = [] } = account;
  return {
    periods,
    ...(descriptions.length > 0 && { descriptions }),
    ...(periods.length === 0 && first && { pendingSince: slotAt(first.slot) }),
  };
}

/** Creates a source of facts without a table, for properties. */
export function sourceOf(facts: Facts): HistorySource {
  const recordsOf = (accountId: string) =>
    facts.accounts.find((account) => account.accountId === accountId)?.records ?? [];
  return {
    accounts: async () => new Map(facts.accounts.map((account) => [account.accountId, activityOf(account)])),
    assets: async () => new Map(),
    schedules: async () => facts.schedules.map(versionOf),
    chainedSlots: async () => new Map(),
    failedRuns: async ({ from, to }) =>
      (facts.accounts[0]?.failedRuns ?? []).filter(({ slot }) => slot >= from && slot <= to).map(failedRunOf),
    oldest: async (accountId) => {
      const fact = recordsOf(accountId).find((record) => record.status === "complete");
      return fact && takenOf(accountId, fact as SnapshotFact).snapshot;
    },
    recordsBack: async function* (accountId, to) {
      const records = recordsOf(accountId);
      for (let at = records.length - 1; at >= 0; at--) {
        const fact = records[at];
        if (fact && fact.slot <= to) yield recordOf(accountId, fact);
      }
    },
    records: async function* (accountId, { from, to }) {
      for (const fact of recordsOf(accountId)) {
        if (fact.slot >= from && fact.slot <= to) yield recordOf(accountId, fact);
      }
    },
  };
}

/** Counts the records that are consumed from a source. */
export function countingReads(source: HistorySource): { source: HistorySource; reads: () => number } {
  let count = 0;
  async function* counted(records: AsyncIterable<HistoryRecord>) {
    for await (const record of records) {
      count++;
      yield record;
    }
  }
  return {
    source: {
      ...source,
      recordsBack: (...args) => counted(source.recordsBack(...args)),
      records: (...args) => counted(source.records(...args)),
    },
    reads: () => count,
  };
}
