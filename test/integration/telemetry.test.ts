import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readJobConfig } from "../../core/config.ts";
import type { Telemetry } from "../../core/domain/ports.ts";
import type { RunResult } from "../../core/domain/run-result.ts";
import { composeJob } from "../../core/job.ts";
import { ENV } from "../../core/names/environment.ts";
import { parseEvent } from "../../lambda/snapshot/event.ts";
import { makeAccount, makeBalance } from "../support/accounts.ts";
import { testClock } from "../support/clock.ts";
import { afterAll, afterEach, describe, expect, it } from "../support/jest.ts";
import { sawOutput } from "../support/leak-watch.ts";
import { startWorld, type World } from "../support/world/world.ts";

// What the job reports to its telemetry. test/unit/lambda/telemetry.test.ts tests what the function makes of it.

const EVENT = { scheduledTime: "2026-11-23T10:00:00Z" };
const ACCOUNTS = [makeAccount([makeBalance("btc", "1", "2")]), makeAccount([makeBalance("eth", "1", "2")])];
const IDS = ACCOUNTS.map(({ accountId }) => accountId);

let world: World;
afterEach(() => world.close());

interface Reported {
  readonly durations: number[];
  readonly apiErrors: [code: string, status: number][];
  readonly coveredAll: boolean[];
  readonly aborted: [code: string, dryRun: boolean][];
}

/** Returns a job, and what it has reported to its telemetry. */
async function prepare(
  env: Record<string, string> = {},
  keyText?: string,
): Promise<{ job: { run(event: unknown): Promise<RunResult> }; reported: Reported }> {
  world = await startWorld({ accounts: () => ACCOUNTS, clock: testClock("2026-11-23T10:00:01.000Z") });
  const reported: Reported = { durations: [], apiErrors: [], coveredAll: [], aborted: [] };
  const telemetry: Required<Telemetry> = {
    accountEnded: (_slot, _result, durationMs) => reported.durations.push(durationMs),
    apiFailed: ({ code, status }) => reported.apiErrors.push([code, status]),
    runEnded: (_report, _oldestCompleteMs, allAccounts) => reported.coveredAll.push(allAccounts),
    runAborted: (_slot, { code }, dryRun) => reported.aborted.push([code, dryRun]),
    warning: (_what, error) => sawOutput(error),
  };
  const config = readJobConfig({ ...world.env, ...env }, { keyElsewhere: true });
  const job = composeJob(config, {
    readKey: async () => keyText ?? world.key.file,
    telemetry,
    clock: world.clock,
  });
  const run = (event: unknown) => job.run(parseEvent(event, config.accounts, world.clock.now()));
  return { job: { run }, reported };
}

const folder = mkdtempSync(join(tmpdir(), "accounts-"));
afterAll(() => rmSync(folder, { recursive: true }));

function listed(accounts: readonly string[]): Record<string, string> {
  const path = join(folder, "accounts.json");
  writeFileSync(path, JSON.stringify(accounts));
  return { [ENV.accountsFile]: path };
}

describe("the telemetry", () => {
  it("receives each account's duration, and whether a run covered all accounts that the API lists", async () => {
    const { job, reported } = await prepare();

    await job.run(EVENT);
    await job.run({ ...EVENT, accounts: IDS });

    expect(reported.durations).toHaveLength(4);
    expect(reported.durations.every((ms) => Number.isInteger(ms) && ms >= 0)).toBe(true);
    // Whether the named accounts are all accounts is unknown.
    expect(reported.coveredAll).toEqual([true, false]);
  });

  it("receives whether a run covered all configured accounts, named or not", async () => {
    const { job, reported } = await prepare(listed(IDS));

    await job.run(EVENT);
    await job.run({ ...EVENT, accounts: IDS });
    await job.run({ ...EVENT, accounts: IDS.slice(1) });

    expect(reported.coveredAll).toEqual([true, true, false]);
  });

  it("receives every failed attempt, retried or not", async () => {
    const { job, reported } = await prepare(listed(IDS.slice(0, 1)));
    world.cdp.addFault({ kind: "error", status: 503, times: 2 });
    world.cdp.addFault({ kind: "error", status: 403, times: 1 });

    const report = await job.run(EVENT);

    expect(report.accounts.failed).toBe(1);
    expect(reported.apiErrors.map(([, status]) => status).sort()).toEqual([403, 503, 503]);
  });

  it("receives a run that ended before its first account", async () => {
    const { job, reported } = await prepare({}, "");

    await expect(job.run(EVENT)).rejects.toThrow("empty");
    await expect(job.run({ ...EVENT, dryRun: true })).rejects.toThrow("empty");

    expect(reported.aborted).toEqual([
      ["key_empty", false],
      ["key_empty", true],
    ]);
    expect(reported.coveredAll).toEqual([]);
  });
});
