import type { Telemetry } from "../../core/domain/ports.ts";
import { ENV } from "../../core/names/environment.ts";
import { eventRunner } from "../../lambda/snapshot/event-runner.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { testClock } from "../support/clock.ts";
import { afterEach, describe, expect, it } from "../support/jest.ts";
import { runSteps } from "../support/world/steps.ts";
import { startWorld, type World } from "../support/world/world.ts";

const EVENT = { scheduledTime: "2026-11-23T10:00:00.000Z" };
const STARTED_AT = "2026-11-23T10:00:00.500Z";

let world: World;
afterEach(() => world.close());

describe("a run of several invocations", () => {
  it("takes all accounts", async () => {
    const accounts = Array.from({ length: 20 }, () => makeAccount(makeBalances(1)));
    world = await startWorld({
      inMemory: true,
      accounts: () => accounts,
      clock: testClock("2026-11-23T10:00:01.000Z"),
    });
    const telemetry: Telemetry = { accountEnded: () => {}, runEnded: () => {}, warning: () => {} };
    const env = { ...world.env, [ENV.reserveSeconds]: "1", [ENV.accountsAtOnce]: "4" };
    const run = eventRunner(env, () => telemetry, world.clock);

    const { taken, ends } = await runSteps(run, EVENT, { startedAt: STARTED_AT, attempts: 1 });

    expect(taken.at(-1)?.progress?.complete).toBe(20);
    expect(ends).toMatchObject([{ accounts: { complete: 20, alreadyComplete: 0, failed: 0 } }]);
  });

  it.each([
    ["the lateness limit and one invocation with a state machine", { [ENV.engine]: "stepFunctions" }, 75 * 60_000],
    ["nothing of its own with one invocation", {}, undefined],
  ])("registers how long it may take: %s", async (_, engine, maxRunMs) => {
    world = await startWorld({
      inMemory: true,
      accounts: () => [makeAccount(makeBalances(1))],
      clock: testClock(STARTED_AT),
    });
    const telemetry: Telemetry = { accountEnded: () => {}, runEnded: () => {}, warning: () => {} };
    const env = { ...world.env, [ENV.schedule]: "cron(0 * * * ? *)", ...engine };

    await eventRunner(env, () => telemetry, world.clock)(EVENT, 300_000);

    const schedules = await world.reader.schedules();
    expect(schedules.map((schedule) => schedule.maxRunMs)).toEqual([maxRunMs]);
  });
});
