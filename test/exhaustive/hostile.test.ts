import { ENV } from "../../core/names/environment.ts";
import { heldBy, heldIn, makeAccount, makeBalances } from "../support/accounts.ts";
import { currentHour } from "../support/clock.ts";
import { completeOf, deploy } from "../support/deployed.ts";
import { HOSTILE_ANSWERS } from "../support/hostile-answers.ts";
import { afterEach, describe, expect, it } from "../support/jest.ts";
import { startWorld, type World } from "../support/world/world.ts";

// test/faults shows how one account ends after each answer, and after answers that never end. Here the bundle has the heap
// that its deployed memory allows, and one account for each answer. memory.test.ts measures how much of it that takes.

const NO_LIMIT = 100_000;

let world: World;
afterEach(() => world.close());

describe("the deployed function", () => {
  it("stores and chains the snapshots of the other accounts, whatever an account answers", async () => {
    const hostile = HOSTILE_ANSWERS.map((answer) => ({ answer, account: makeAccount(makeBalances(2)) }));
    // The API lists the oldest last.
    const healthy = Array.from({ length: 3 }, () => ({
      ...makeAccount(makeBalances(5)),
      createdAt: "2024-01-01T00:00:00Z",
    }));
    const accounts = [...hostile.map(({ account }) => account), ...healthy];
    world = await startWorld({ accounts: () => accounts, readsPerTenSeconds: NO_LIMIT });
    const env = {
      ...{ [ENV.readsPerTenSeconds]: String(NO_LIMIT), [ENV.maxPages]: "40", [ENV.maxAttempts]: "2" },
      [ENV.requestTimeoutMs]: "60000",
    };
    const fn = await (await deploy(world)).start(undefined, env);
    // On a busy machine, the table can be slow to answer. A retry takes the missing snapshots, as in Lambda.
    const take = async (hoursAgo: number, complete: number) => {
      let found = 0;
      for (let attempt = 0; attempt < 5 && found !== complete; attempt++) {
        found = completeOf(await fn.invoke({ scheduledTime: currentHour(hoursAgo) }));
      }
      return found;
    };
    const before = await take(1, accounts.length);
    for (const { answer, account } of hostile) world.cdp.addFault(answer.fault(account.accountId));

    const complete = await take(0, healthy.length);
    await fn.stop();

    expect([before, complete]).toEqual([accounts.length, healthy.length]);
    const codes = await Promise.all(
      hostile.map(async ({ account }) => {
        const record = await world.findRecord(account.accountId, currentHour());
        return record?.status === "failed" ? record.attempt.code : record?.status;
      }),
    );
    expect(codes).toEqual(hostile.map(({ answer }) => answer.code));
    const items = await world.items();
    for (const account of healthy) {
      const { accountId } = account;
      const latest = await world.reader.latest(accountId);
      expect([latest?.slot, heldIn(latest)]).toEqual([currentHour(), heldBy(account)]);
      expect(items.filter((item) => item["account"]?.S === `${accountId}#chain`)).toHaveLength(2);
    }
  });
});
