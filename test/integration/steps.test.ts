import type { Telemetry } from "../../core/domain/ports.ts";
import type { RunResult } from "../../core/domain/run-result.ts";
import type { TakeStep } from "../../core/domain/run-step.ts";
import { eventRunner } from "../../lambda/snapshot/event-runner.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { testClock } from "../support/clock.ts";
import { afterEach, describe, expect, it } from "../support/jest.ts";
import { startWorld, type World } from "../support/world/world.ts";

const EVENT = { scheduledTime: "2026-11-23T10:00:00.000Z" };
const STARTED_AT = "2026-11-23T10:00:00.500Z";

let world: World;
afterEach(() => world.close());

describe("a run of several invocations", () => {
  it("takes all accounts", async () => {
    const accounts = Array.from({ length: 300 }, () => makeAccount(makeBalances(1)));
    world = await startWorld({ accounts: () => accounts, clock: testClock("2026-11-23T10:00:01.000Z") });
    const telemetry: Telemetry = { accountEnded: () => {}, runEnded: () => {}, warning: () => {} };
    const run = eventRunner(
      { ...world.env, RUN_RESERVE_SECONDS: "1", CDP_ACCOUNTS_AT_ONCE: "4" },
      telemetry,
      world.clock,
    );
    let step: TakeStep = { name: "take", startedAt: STARTED_AT };
    do {
      const answer = (await run({ ...EVENT, step }, 4_000)) as { step: TakeStep };
      step = answer.step;
    } while (step.after !== undefined);
    const result = (await run(
      { ...EVENT, step: { name: "finish", startedAt: STARTED_AT, taken: [{ step }] } },
      900_000,
    )) as RunResult;
    expect(result.accounts).toMatchObject({ failed: 0 });
  });
});
