import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { RunResult } from "../../core/domain/run-result.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { type CliWorld, STRANGE, startCliWorld } from "../support/cli-world.ts";
import { type FactsWorld, startFactsWorld } from "../support/facts-world.ts";
import { startBalances } from "../support/history-cli.ts";
import { makeFacts } from "../support/history-facts.ts";
import { sawOutput } from "../support/leak-watch.ts";

// The command line in separate processes and folders. test/integration tests each command in the test's own process.

// One slot, long ago: every hour since then is a gap.
const facts = makeFacts({ seed: 1, from: Date.parse("2024-01-01T00:00:00Z"), hours: 1, assets: [31] });

let world: CliWorld;
let history: FactsWorld;
beforeAll(async () => {
  [world, history] = await Promise.all([startCliWorld(), startFactsWorld(facts)]);
});
afterAll(() => Promise.all([world.close(), history.close()]));

it("two concurrent snapshot commands in the same folder both take a snapshot of every account", async () => {
  const folder = world.newFolder();

  const both = await Promise.all([1, 2].map(() => startBalances(world.snapshotAll, folder, {})));

  const reports = both.map(({ stdout }) => JSON.parse(stdout) as RunResult);
  const ids = world.accounts.map(({ accountId }) => accountId).sort();
  for (const { stdout } of both) sawOutput(stdout);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  for (const report of reports) {
    expect(report).toMatchObject({ trigger: "manual", dryRun: false });
    expect(report.accounts).toEqual({ complete: ids.length, alreadyComplete: 0, failed: 0 });
    expect(report.snapshots.map(({ accountId }) => accountId).sort()).toEqual(ids);
  }
  expect(new Set(reports.map(({ slot }) => slot)).size).toBe(2);
  expect(existsSync(join(folder, ".local", "dynamodb"))).toBe(true);
  for (const { accountId, balances } of world.accounts) {
    expect(both[0]?.stderr).toMatch(
      new RegExp(`^${accountId}: complete for 20.*, ${balances.length} assets on \\d+ page`, "m"),
    );
  }
});

/** Runs a command on the table of the facts. */
const onFacts = (args: readonly string[], closeAfter?: number) =>
  startBalances([...args, "--table", LOCAL_TABLE], history.home, history.env, closeAfter);

it("ends with 2 for a usage error, with nothing on stdout", async () => {
  const { code, stdout, stderr } = await onFacts(["as-of", "--at", "2025-02-30", "--format", "csv"]);

  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^--at: "2025-02-30" is not a valid date or time\. Expected a date/);
});

describe("a closed pipe", () => {
  it("is not an error for latest", async () => {
    const { code, stderr } = await onFacts(["latest"], 0);

    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("does not change the exit code of gaps, and stops the output", async () => {
    const ended = await onFacts(["gaps"], 1);

    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 1, stderr: "" });
    expect(JSON.parse(ended.stdout.split("\n")[0] ?? "")).toMatchObject({ slot: "2024-01-01T01:00:00.000Z" });
    // All gaps together would be much longer.
    expect(ended.stdout.length).toBeLessThan(1_000_000);
  });

  it("does not change the exit code of a failed check of the doctor", async () => {
    const env = { AWS_REGION: "eu-central-1", AWS_EC2_METADATA_DISABLED: "true" };

    // Without credentials, the first check fails.
    const { code } = await startBalances(["doctor", "--stack", "nope"], world.newFolder(), env, 0);

    expect(code).toBe(1);
  });

  it("does not change the exit code of a failed snapshot", async () => {
    world.cdp.misbehave({ kind: "error", status: 404, on: { account: STRANGE } });

    const { code, stderr } = await startBalances(world.snapshotAll, world.newFolder(), {}, 0);
    world.cdp.behave();

    expect(stderr).toContain(`${STRANGE}: api_not_found`);
    expect(code).toBe(1);
  });
});
