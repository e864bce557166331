import { afterAll, beforeAll, jest } from "@jest/globals";
import type { FactsWorld } from "../../support/facts-world.ts";
import { timeLimitOf } from "../../support/history-days.ts";
import { DAYS, startHistoryWorld } from "../../support/history-world.ts";

jest.setTimeout(timeLimitOf(DAYS));

/** The world that the tests of all commands share. No test writes to it. */
export let world: FactsWorld;
beforeAll(async () => {
  world = await startHistoryWorld();
}, 900_000);
afterAll(() => world.close());
