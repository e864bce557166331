import type { TakeStep } from "../../core/domain/run-step.ts";
import { ENV } from "../../core/names/environment.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { afterEach, describe, expect, it } from "../support/jest.ts";
import { type KeysWorld, startKeysWorld } from "../support/world/keys-world.ts";

const HOUR_MS = 3_600_000;
const START = "2026-11-23T10:00:00.000Z";
const HOURLY = { [ENV.schedule]: "cron(0 * * * ? *)" };
const account = () => makeAccount(makeBalances(2));

let world: KeysWorld;
afterEach(() => world.close());

describe("several keys in an execution of several invocations", () => {
  it("are warned about once: an account of two keys, and one without a key", async () => {
    const [emea, us, both, old] = [account(), account(), account(), account()];
    world = await startKeysWorld({
      emea: { accounts: [emea, both] },
      us: { accounts: [us, both] },
      old: { accounts: [old] },
    });
    for (const key of ["old", "us", "emea"]) {
      await world.invoke({ scheduledTime: START, key }, { emea: {}, old: {}, us: {} }, HOURLY);
    }
    world.warnings.length = 0;
    world.clock.advance(3 * HOUR_MS);
    const slot = new Date(Date.parse(START) + 3 * HOUR_MS).toISOString();
    const run = world.runner({ emea: {}, us: {} }, HOURLY);
    const [event, startedAt] = [{ scheduledTime: slot, key: "emea" }, slot];

    const taken: TakeStep[] = [];
    for (let time = 0; time < 2; time++) {
      taken.push((await run({ ...event, step: { name: "take", key: "emea", startedAt } }, 300_000)) as TakeStep);
    }
    const before = [...world.warnings];
    await run({ ...event, step: { name: "finish", startedAt, taken: taken.slice(-1) } }, 300_000);

    expect(before).toEqual([]);
    expect(taken.map(({ progress }) => progress?.warnings)).toEqual([0, 0]);
    expect(world.warnings.map((warning) => warning.split(": ")[1])).toEqual([
      "Accounts of two keys",
      "Accounts without a key",
    ]);
  });

  it("cost the others nothing if they are added or removed meanwhile, and the execution fails", async () => {
    const [emea, us, prime] = [account(), account(), account()];
    world = await startKeysWorld({ emea: { accounts: [emea] }, us: { accounts: [us] }, prime: { accounts: [prime] } });
    const [old, current] = [world.runner({ emea: {}, us: {} }, HOURLY), world.runner({ prime: {}, us: {} }, HOURLY)];
    const [event, startedAt] = [{ scheduledTime: START }, START];
    const take = (key: string) => ({ ...event, step: { name: "take", key, startedAt } });

    const taken = [await old(take("emea"), 300_000), await old(take("us"), 300_000)];
    const removed = current(take("emea"), 300_000);
    await expect(removed).rejects.toMatchObject({ name: "JobError", code: "key_not_configured" });
    const outcomes = await current({ ...event, step: { name: "finish", startedAt, taken } }, 300_000);

    expect(outcomes).toMatchObject([
      { key: "prime", error: { code: "key_not_taken" } },
      { key: "us", result: { accounts: { complete: 1, failed: 0 }, snapshots: [] } },
      { key: "emea", error: { code: "key_not_configured" } },
    ]);
    const records = await Promise.all([emea, us, prime].map((one) => world.findRecord(one.accountId, START)));
    expect(records.map((record) => record?.status)).toEqual(["complete", "complete", undefined]);
  });

  it("end also for a key whose accounts are all listed for another one", async () => {
    const listed = account();
    world = await startKeysWorld({ emea: { accounts: [listed] }, us: { accounts: [listed] } });
    const run = world.runner({ emea: { accounts: [listed.accountId] }, us: {} }, HOURLY);
    const [event, startedAt] = [{ scheduledTime: START }, START];
    const take = (key: string) => run({ ...event, step: { name: "take", key, startedAt } }, 300_000);

    const taken = [await take("emea"), await take("us")];
    const outcomes = await run({ ...event, step: { name: "finish", startedAt, taken } }, 300_000);

    expect(outcomes).toMatchObject([
      { key: "emea", result: { accounts: { complete: 1, failed: 0 } } },
      { key: "us", result: { accounts: { complete: 0, alreadyComplete: 0, failed: 0 } } },
    ]);
  });
});
