import type { FailedRun } from "../../../core/domain/failed-run.ts";
import { recordNotReached } from "../../../core/snapshot/not-reached.ts";
import type { Run } from "../../../core/snapshot/run.ts";
import type { RunAccount } from "../../../core/snapshot/run-accounts.ts";
import { testClock } from "../../support/clock.ts";
import { describe, expect, it } from "../../support/jest.ts";

const ERROR = { code: "not_reached", message: "The run's time was over." };

/** Returns the scope of the record of a run of `us` that has reached none of its accounts. */
async function scopeOf(
  queue: readonly RunAccount[],
  listed: readonly string[],
): Promise<FailedRun["scope"] | undefined> {
  const recorded: FailedRun[] = [];
  const store = { recordFailedRun: async (run: FailedRun) => void recorded.push(run) };
  const accounts = "all" as const;
  const run = {
    dependencies: { clock: testClock(), store, telemetry: { warning: () => {} } },
    settings: { key: "us", keys: ["emea", "us"], keyOfListed: new Map(listed.map((id) => [id, "us"])), accounts },
    request: { slot: "2026-11-23T11:00:00.000Z", trigger: "schedule", dryRun: false, accounts },
  } as unknown as Run;
  await recordNotReached(run, queue, queue, ERROR);
  expect(recorded.map(({ key, keys }) => ({ key, keys }))).toEqual([{ key: "us", keys: ["emea", "us"] }]);
  return recorded[0]?.scope;
}

describe("the record of accounts that were not reached", () => {
  const [served, isNew] = [{ accountId: "account_1" }, { accountId: "account_2", isNewToKey: true }];

  it.each<[string, readonly RunAccount[], readonly string[], FailedRun["scope"]]>([
    [
      "a range of those of the key",
      [served, { accountId: "account_2" }],
      ["account_2"],
      { first: "account_1", last: "account_2" },
    ],
    ["a range if readers do not know another key", [served, isNew], [], { first: "account_1", last: "account_2" }],
    [
      "a list if the configuration has moved one to the key",
      [served, isNew],
      ["account_2"],
      ["account_1", "account_2"],
    ],
  ])("has %s", async (_, queue, listed, scope) => {
    expect(await scopeOf(queue, listed)).toEqual(scope);
  });
});
