import fc from "fast-check";
import { slotAt } from "../../../core/domain/slot.ts";
import type { IntegrityFinding } from "../../../core/integrity/integrity-finding.ts";
import { EXHAUSTIVE } from "../../support/exhaustive.ts";
import { verifyIndependently } from "../../support/independent-verifier.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { newAccount, tableOf } from "../table/embedded.ts";
import { HOUR, HOURLY, hour, newStore, START, snapshotAt, take, updateAt, verifyAt } from "./history.ts";

// verify must not accuse anybody of what the job itself does: runs that are late, killed or started by hand.

const HOURS = 8;
const MINUTE = 60_000;
const WALK_MS = 3_000;

/** A run for a slot. Times are milliseconds since the start of the history. */
interface HonestRun {
  readonly at: number;
  readonly slot: number;
  readonly trigger: "schedule" | "manual";
  /** It ends after it stored the snapshot, and before it appended the entry. */
  readonly isKilled: boolean;
}

/** Runs them in the order of their times, each in a process of its own and with a new name, and returns what the verifiers find. */
async function findingsAfter(runs: readonly HonestRun[]): Promise<{ findings: IntegrityFinding[]; wrong: unknown[] }> {
  const [table, accountId] = [tableOf([]), newAccount()];
  await newStore(table).registerSchedule(HOURLY, hour(0), hour(0));
  const isChained = () => {
    const chained = new Set(table.items().map((item) => item["forSlot"]?.S));
    return table.items().every((item) => item["account"]?.S !== accountId || chained.has(item["slot"]?.S));
  };
  for (const { at, slot, trigger, isKilled } of [...runs].sort((a, b) => a.at - b.at)) {
    const [capturedAt, completedAt] = [slotAt(START + at), slotAt(START + at + WALK_MS)];
    const snapshot = { ...snapshotAt(accountId, 0), slot: slotAt(START + slot), trigger, capturedAt, completedAt };
    const store = newStore(table);
    // Two runs in a row that are killed can leave an entry late, which docs/verify.md says.
    if (isKilled && isChained()) {
      if ((await store.readSlot(accountId, snapshot.slot)).current === undefined) await store.save(snapshot, []);
    } else {
      const now = START + at + WALK_MS + 500;
      await take(store, snapshot, { ...updateAt(0), now });
      await store.startNamesRefresh(slotAt(now));
      await store.registerDescription({ accountId, name: `Account ${at}` }, slotAt(now));
    }
  }
  const { findings } = await verifyAt(table, accountId, HOURS + 2);
  const wrong = await verifyIndependently(table.client, table.name, [], START + (HOURS + 2) * HOUR);
  return { findings: findings.filter(({ severity }) => severity === "finding"), wrong };
}

const anyRun = fc
  .record({
    hour: fc.nat({ max: HOURS - 1 }),
    delay: fc.oneof(
      fc.constant(5_000),
      fc.integer({ min: 1, max: 58 }).map((minutes) => minutes * MINUTE + 7_000),
    ),
    isManual: fc.boolean(),
    isKilled: fc.boolean(),
  })
  .map(({ hour, delay, isManual, isKilled }): HonestRun => {
    const at = hour * HOUR + delay;
    return { at, slot: isManual ? at : hour * HOUR, trigger: isManual ? "manual" : "schedule", isKilled };
  });

describe("an honest history has no finding", () => {
  const scheduled = (at: number, lateMs = 5_000, isKilled = false): HonestRun => {
    return { at: at * HOUR + lateMs, slot: at * HOUR, trigger: "schedule", isKilled };
  };
  const manual = (at: number, isKilled = false): HonestRun => ({ at, slot: at, trigger: "manual", isKilled });

  it.each([
    ["after a manual run", [manual(2 * HOUR + 30 * MINUTE), scheduled(2, 50 * MINUTE, true)]],
    ["beside a killed manual run", [manual(2 * HOUR + 10_000, true), scheduled(2, 30_000)]],
  ])("although a late slot was taken %s", async (_, runs) => {
    const found = await findingsAfter([scheduled(0), scheduled(1), ...runs, scheduled(3), scheduled(4)]);

    expect(found).toEqual({ findings: [], wrong: [] });
  });

  it("whatever runs were late, killed or manual", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(anyRun, { maxLength: 14, selector: ({ at }) => at }), async (runs) => {
        const last = scheduled(HOURS);
        expect(await findingsAfter([...runs, last])).toEqual({ findings: [], wrong: [] });
      }),
      { numRuns: EXHAUSTIVE ? 3_000 : 60 },
    );
  });
});
