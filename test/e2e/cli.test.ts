import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { messageWithFix } from "../../core/domain/errors.ts";
import type { RunResult } from "../../core/domain/run-result.ts";
import { LOCAL_TABLE, startEmbeddedDynamo } from "../../local/dynamodb/embedded-dynamodb.ts";
import { type CliWorld, STRANGE, startCliWorld } from "../support/cli-world.ts";
import { type EmbeddedFactsWorld, startEmbeddedFactsWorld } from "../support/facts-world.ts";
import { LOCAL_FOLDER, runBalances, spawnBalances, startBalances } from "../support/history-cli.ts";
import { makeFacts } from "../support/history-facts.ts";
import { patientClient, writeFacts } from "../support/history-table.ts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "../support/jest.ts";
import { sawOutput } from "../support/leak-watch.ts";
import { parseCsv } from "../unit/cli/rfc4180.ts";

// The command line in separate processes and folders. test/integration tests each command in the test's own process.

// Eight slots, long ago: every hour since then is a gap.
const facts = makeFacts({ seed: 1, from: Date.parse("2024-01-01T04:00:00Z"), hours: 8, assets: [31, 2] });

let world: CliWorld;
let history: EmbeddedFactsWorld;
beforeAll(async () => {
  [world, history] = await Promise.all([startCliWorld(), startEmbeddedFactsWorld(facts)]);
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

describe("a closed pipe", () => {
  it("does not change the exit code of gaps, and stops the output without an error", async () => {
    const ended = await onFacts(["gaps"], 1);

    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 1, stderr: "" });
    expect(JSON.parse(ended.stdout.split("\n")[0] ?? "")).toMatchObject({ slot: "2024-01-01T12:00:00.000Z" });
    // All gaps together would be much longer.
    expect(ended.stdout.length).toBeLessThan(1_000_000);
  });

  it("does not change the exit code of a failed snapshot", async () => {
    world.cdp.addFault({ kind: "error", status: 404, on: { account: STRANGE } });

    const { code, stderr } = await startBalances(world.snapshotAll, world.newFolder(), {}, 0);
    world.cdp.clearFaults();

    expect(stderr).toContain(`${STRANGE}: api_not_found`);
    expect(code).toBe(1);
  });
});

describe("export", () => {
  const RANGE = ["--from", "2024-01-01", "--to", "2024-01-02"];

  it("writes the same amounts to a Parquet file as to CSV, with the control totals in its metadata", async () => {
    const folder = mkdtempSync(join(history.home, "export-"));
    const out = join(folder, "x.parquet");

    const csv = await history.balances("export", ...RANGE);
    const parquet = await history.balances("export", ...RANGE, "--format", "parquet", "--out", out);

    const file = await asyncBufferFromFile(out);
    const { key_value_metadata: metadata } = await parquetMetadataAsync(file);
    const [header = [], ...records] = parseCsv(csv.stdout);
    expect(parquet).toMatchObject({ code: 0, stdout: "" });
    expect(records.length).toBeGreaterThan(100);
    expect((await parquetReadObjects({ file })).map((row) => Object.values(row))).toEqual(
      records.slice(0, -1).map((fields) => fields.slice(1)),
    );
    expect(header[0]).toBe("record");
    expect(metadata?.find(({ key }) => key === "control")?.value).toBe(records.at(-1)?.at(-1));
    expect(readdirSync(folder)).toEqual(["x.parquet"]);
  });

  // test/integration/output-file.test.ts tests the other signals.
  it("leaves no file if SIGINT interrupts it", async () => {
    const { server } = history.dynamo;
    const [answer] = server.listeners("request") as ((...args: unknown[]) => void)[];
    server.removeAllListeners("request");
    const answerLate = (...args: unknown[]) => void sleep(400).then(() => answer?.(...args));
    server.on("request", answerLate);
    const folder = mkdtempSync(join(history.home, "broken-"));
    const out = join(folder, "broken.csv");
    const args = ["export", ...RANGE, "--out", out, "--table", LOCAL_TABLE];
    const { child, ended } = spawnBalances(args, history.home, history.env);
    while (readdirSync(folder).length === 0) await sleep(20);

    child.kill("SIGINT");

    const { code } = await ended;
    server.off("request", answerLate).on("request", (...args) => answer?.(...args));
    expect(code).toBe(130);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("the database in .local", () => {
  let home: string;
  let local: string;
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), "damaged-"));
    local = join(home, LOCAL_FOLDER);
    await (await startEmbeddedDynamo(local)).close();
  });
  afterEach(() => rmSync(home, { recursive: true }));

  const message =
    /^Cannot open the database in .*\.local\/dynamodb: (Corruption|IO error): .* start with an empty one\.$/;
  const open = () => startEmbeddedDynamo(local).catch(messageWithFix);

  it("reports a database that cannot be opened, and a lock that is a file", async () => {
    writeFileSync(join(local, "dynamodb/CURRENT"), "nowhere\n");
    expect(await open()).toMatch(message);

    rmSync(join(local, "lock"), { recursive: true });
    writeFileSync(join(local, "lock"), "");
    expect(await open()).toMatch(/^Cannot open the database in .*\.local: .*lock/);
  });

  it("is not reported as damaged if a command fails because the schedule's time zone is unknown", async () => {
    const dynamo = await startEmbeddedDynamo(local);
    const client = patientClient(dynamo.url);
    const schedules = [{ expression: "cron(0 * * * ? *)", timezone: "Mars/Olympus", since: facts.from }];
    await writeFacts(client, LOCAL_TABLE, { ...facts, schedules });
    client.destroy();
    await dynamo.close();

    const { code, stdout, stderr } = await runBalances(["gaps", "--data", local], home, {});

    expect(stderr).toMatch(
      /^The schedule cron\(0 \* \* \* \? \*\) has the time zone "Mars\/Olympus", .*--timezone\.\n$/,
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });

  it("ends a command without a stack trace if damage is found while it reads", async () => {
    // LevelDB moves its log to a table file when it opens the database again.
    await (await startEmbeddedDynamo(local)).close();
    const files = readdirSync(join(local, "dynamodb")).filter((name) => name.endsWith(".ldb"));
    for (const file of files.map((name) => join(local, "dynamodb", name))) {
      writeFileSync(file, Buffer.from(readFileSync(file).map((byte, at) => (at < 400 ? byte ^ 0x5a : byte))));
    }

    const { code, stdout, stderr } = await startBalances(["accounts"], home, {});

    expect(files).not.toEqual([]);
    expect(stderr.trimEnd()).toMatch(message);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });
});
