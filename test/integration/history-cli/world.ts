import { afterAll, beforeAll, jest } from "@jest/globals";
import { timeLimitOf } from "../../support/history-days.ts";
import { DAYS, type HistoryWorld, startHistoryWorld } from "../../support/history-world.ts";

jest.setTimeout(timeLimitOf(DAYS));

/** What all of these commands are asked about. None of them writes to it. */
export let world: HistoryWorld;
beforeAll(async () => {
  world = await startHistoryWorld();
}, 900_000);
afterAll(() => world.close());
