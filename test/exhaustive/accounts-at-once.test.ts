import { makeAccount } from "../support/accounts.ts";
import { afterEach, expect, it } from "../support/jest.ts";
import { composeTestJob } from "../support/world/job.ts";
import { startWorld, type World } from "../support/world/world.ts";

// How long a run takes with slow answers, compared with what the API's limit allows. The accounts have one page each.

const ACCOUNTS = 1_200;
const LATENCY_MS = 400;
/** The API's limit: 600 reads in 10 seconds. The list of accounts takes more reads. */
const BOUND_MS = (Math.ceil((ACCOUNTS + ACCOUNTS / 100) / 600) - 1) * 10_000;

let world: World;
afterEach(() => world.close());

it("the default number of accounts at once uses up the API's limit although every answer takes 400 ms", async () => {
  const accounts = Array.from({ length: ACCOUNTS }, () => makeAccount([]));
  world = await startWorld({ accounts: () => accounts, latencyMs: LATENCY_MS });
  const durationOf = async (env: Record<string, string>) => {
    const startedAt = performance.now();
    const { accounts } = await composeTestJob(world, env, undefined).run({ dryRun: true });
    expect(accounts).toEqual({ complete: ACCOUNTS, alreadyComplete: 0, failed: 0 });
    return performance.now() - startedAt;
  };

  const few = await durationOf({ CDP_ACCOUNTS_AT_ONCE: "16" });
  const usual = await durationOf({});

  const text = (ms: number) => `${(ms / 1000).toFixed(1)} s (${(ms / BOUND_MS).toFixed(2)} times the bound)`;
  process.stderr.write(`${ACCOUNTS} accounts: 16 at once ${text(few)}, by default ${text(usual)}\n`);
  expect(usual).toBeLessThan(0.9 * few);
});
