import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { FailedAttempt } from "../../../core/domain/snapshot.ts";
import { HistoryReader } from "../../../core/table/history-reader.ts";
import { TableStore } from "../../../core/table/snapshot-store.ts";
import { Table } from "../../../core/table/table.ts";
import { SLOT, snapshotWith } from "../domain/snapshots.ts";
import { findRecord, newAccount, startTestStore, type TestStore, watch } from "./embedded.ts";

let { table, store, reader } = {} as TestStore;
beforeAll(async () => {
  ({ table, store, reader } = await startTestStore());
});
afterAll(() => table.close());

function failureOf(accountId: string, changes: Partial<FailedAttempt> = {}): FailedAttempt {
  return {
    accountId,
    slot: SLOT,
    trigger: "schedule",
    code: "service_unavailable",
    message: "The API was not available: six attempts in 40 s.",
    suggestedFix: "Check the status page.",
    correlationId: "41deb8d5-IAD",
    attempts: 1,
    lastTriedAt: "2026-11-23T10:01:00.000Z",
    ...changes,
  };
}

/** The slot this many minutes after the first. */
function slotAfter(minutes: number): string {
  return new Date(Date.parse(SLOT) + minutes * 60_000).toISOString();
}

describe("a failed attempt", () => {
  it("is found as it was recorded, is not a snapshot, and has readable attributes", async () => {
    const attempt = failureOf(newAccount(), { attempts: 2 });

    const recorded = await store.recordFailure(attempt);

    expect(recorded).toBe(true);
    expect(await findRecord(table, attempt.accountId, SLOT)).toEqual({ status: "failed", attempt });
    expect(await reader.latest(attempt.accountId)).toBeUndefined();
    expect(await reader.oldest(attempt.accountId)).toBeUndefined();
    expect(await table.itemsUnder(attempt.accountId)).toEqual([
      {
        account: { S: attempt.accountId },
        slot: { S: SLOT },
        status: { S: "failed" },
        schemaVersion: { N: "1" },
        trigger: { S: "schedule" },
        code: { S: "service_unavailable" },
        message: { S: attempt.message },
        suggestedFix: { S: "Check the status page." },
        correlationId: { S: "41deb8d5-IAD" },
        attempts: { N: "2" },
        lastTriedAt: { S: "2026-11-23T10:01:00.000Z" },
      },
    ]);
  });

  it("is replaced by the next failed attempt for the slot", async () => {
    const accountId = newAccount();
    const second = failureOf(accountId, {
      attempts: 2,
      code: "timed_out",
      message: "Later.",
      suggestedFix: undefined,
      correlationId: undefined,
    });

    await store.recordFailure(failureOf(accountId));
    const recorded = await store.recordFailure(second);

    expect(recorded).toBe(true);
    expect(await findRecord(table, accountId, SLOT)).toEqual({ status: "failed", attempt: second });
  });

  it("never replaces a snapshot", async () => {
    const snapshot = snapshotWith({ btc: { btc: ["1", "1"] } }, { accountId: newAccount() });
    await store.save(snapshot, []);

    const recorded = await store.recordFailure(failureOf(snapshot.accountId));

    expect(recorded).toBe(false);
    expect(await reader.latest(snapshot.accountId)).toStrictEqual(snapshot);
  });

  it("is replaced completely by a later success for the slot", async () => {
    const snapshot = snapshotWith({ btc: { btc: ["1", "1"] } }, { accountId: newAccount() });
    await store.recordFailure(failureOf(snapshot.accountId));

    const saved = await store.save(snapshot, []);
    const items = await table.items();

    expect(saved).toBeDefined();
    expect(await reader.latest(snapshot.accountId)).toStrictEqual(snapshot);
    const item = items.find(({ account }) => account?.S === snapshot.accountId);
    for (const name of ["code", "message", "suggestedFix"]) expect(item).not.toHaveProperty(name);
  });

  it("never replaces the snapshot of a concurrent save", async () => {
    const others = new TableStore(new Table(table.anotherClient(), table.name));
    for (let round = 0; round < 5; round++) {
      const snapshot = snapshotWith({ btc: { btc: ["1", "1"] } }, { accountId: newAccount() });

      const [saved] = await Promise.all([
        store.save(snapshot, []),
        others.recordFailure(failureOf(snapshot.accountId)),
      ]);

      expect(saved).toBeDefined();
      expect(await reader.latest(snapshot.accountId)).toStrictEqual(snapshot);
    }
  });
});

describe("latest and oldest", () => {
  it("skip 30 failed attempts in at most 5 requests", async () => {
    const accountId = newAccount();
    const snapshot = snapshotWith({ btc: { btc: ["1", "1"] } }, { accountId, slot: slotAfter(30) });
    const minutes = Array.from({ length: 60 }, (_, at) => at).filter((at) => at !== 30);
    await Promise.all(minutes.map((at) => store.recordFailure(failureOf(accountId, { slot: slotAfter(at) }))));
    const client = table.anotherClient();
    const sent = watch(client);
    const watched = new HistoryReader(new Table(client, table.name));
    const before = [await reader.latest(accountId), await reader.oldest(accountId)];

    await store.save(snapshot, []);
    const after = [await watched.latest(accountId), await watched.oldest(accountId)];

    expect(before).toEqual([undefined, undefined]);
    expect(after).toStrictEqual(Array(2).fill(snapshot));
    expect(sent.length).toBeLessThanOrEqual(2 * 5);
  });
});
