import { randomUUID } from "node:crypto";
import { ENV } from "../../core/names/environment.ts";
import { runFunction, startServers } from "../../tools/bench/walk/run.ts";
import { synthesize } from "../support/deployed.ts";
import { expect, it } from "../support/jest.ts";
import { makeEd25519Key } from "../support/keys.ts";
import { findNode24 } from "../support/node24.ts";

// The servers of the benchmark answer faster than the simulated ones, so that more accounts are in the memory at once.

const HOUR_MS = 3_600_000;
const [FEW, MANY] = [600, 5_000];
/** Four times the API's limit, to save time: the garbage collector has less than in reality. */
const READS_PER_TEN_SECONDS = 2_400;

it("the peak memory of a run over 5,000 accounts is at most a tenth above that of 600", async () => {
  const few = await peakMemory(FEW);
  const many = await peakMemory(MANY);

  process.stderr.write(`Peak memory: ${few} MB for ${FEW} accounts, ${many} MB for ${MANY}\n`);
  expect(many).toBeLessThanOrEqual(1.1 * few);
});

/** Returns the peak memory of a run that finds a snapshot of the slot before, in MB. */
async function peakMemory(count: number): Promise<number> {
  const accounts = Array.from({ length: count }, () => `account_${randomUUID()}`);
  const secret = makeEd25519Key().file;
  const servers = await startServers({
    accounts,
    pages: 1,
    latencyMs: 50,
    readsPerTenSeconds: READS_PER_TEN_SECONDS,
    secret,
  });
  try {
    const start = Math.floor(Date.now() / HOUR_MS - 2) * HOUR_MS;
    const runAt = (at: number) => {
      const event = { scheduledTime: new Date(start + at * HOUR_MS).toISOString() };
      const env = { [ENV.readsPerTenSeconds]: String(READS_PER_TEN_SECONDS) };
      return runFunction(synthesize({}), servers, accounts, event, findNode24() ?? process.execPath, env);
    };
    await runAt(0);
    return (await runAt(1)).peakMb;
  } finally {
    servers.stop();
  }
}
