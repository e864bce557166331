import { EXHAUSTIVE } from "../support/exhaustive.ts";
import { describe, expect, it } from "../support/jest.ts";
import { Questions } from "./questions.ts";
import { SimulatedWorld } from "./world.ts";

const DAY_MS = 86_400_000;

/** The seed decides everything that happens. */
const SEED = process.env["SIMULATION_SEED"] ?? "1";

/** A day before the clocks of New York go forward. */
const FROM = Date.parse("2026-03-07T00:00:00Z");
const TO = FROM + (EXHAUSTIVE ? 365 : 2) * DAY_MS;

/** The commands are asked so often. */
const DAYS_BETWEEN_QUESTIONS = EXHAUSTIVE ? 40 : 2;

describe("the deployed job in simulated time", () => {
  it(`keeps its promises, with SIMULATION_SEED=${SEED}`, async () => {
    const world = await SimulatedWorld.start(SEED, FROM, TO);
    const questions = new Questions(world);
    const problems: string[] = [];
    // The first problems are the cause of later ones.
    for (let since = FROM; since < TO && problems.length === 0; since = world.time.now) {
      await world.play(Math.min(TO, since + DAYS_BETWEEN_QUESTIONS * DAY_MS));
      problems.push(...(await questions.ask(since)));
    }
    await world.close();

    expect(problems).toEqual([]);
  });
});
