import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { build } from "esbuild";
import { CHECKS, type CheckResult } from "../../cli/doctor/check-result.ts";
import { ENV } from "../../core/names/environment.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { startSimulatedCdp } from "../../local/simulated-cdp/server.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { type DoctorWorld, describeTable, STACK, startDoctorWorld, statusByCheck } from "../support/doctor.ts";
import { type Ended, jsonRows, runBalances, startBalances } from "../support/history-cli.ts";
import { sawOutput } from "../support/leak-watch.ts";

// The command `balances doctor` and all checks together.

const ROOT = process.cwd();
const DOCUMENT = new URL("../../docs/doctor.md", import.meta.url);

/** The doctor does not read the job's list of accounts: it checks what the key sees. */
const UNUSED = { [ENV.accountsFile]: "/nowhere" };

const accounts = [makeAccount(makeBalances(3)), makeAccount(makeBalances(1))];
let world: DoctorWorld;
let home = "";

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "doctor-"));
  world = await startDoctorWorld(() => accounts);
  await world.runSlot("2026-11-23T09:00:00.000Z");
  await world.runSlot("2026-11-23T10:00:00.000Z");
  world.setTime("2026-11-23T10:34:00.000Z");
  writeFileSync(join(home, "key.json"), world.servers.key.file);
  // The command looks for an embedded table in the current folder.
  process.chdir(home);
});
beforeEach(() => world.reset());
afterAll(async () => {
  process.chdir(ROOT);
  await world.close();
  rmSync(home, { recursive: true });
});

async function doctor(...args: string[]): Promise<Ended> {
  const { AWS_ENDPOINT_URL_DYNAMODB: _, ...env } = world.servers.env;
  const ended = await runBalances(
    ["doctor", ...args],
    home,
    { ...env, ...world.aws.env, ...UNUSED },
    world.clock.now(),
  );
  sawOutput(ended.stdout);
  return ended;
}
const resultsIn = (ended: Ended) => jsonRows(ended) as unknown as CheckResult[];
const keyAndApi = (file: string) => ["--key-file", file, "--api", world.servers.cdp.url];

describe("balances doctor", () => {
  it("runs every check in order, and a healthy stack passes", async () => {
    const ended = await doctor("--stack", STACK);

    const results = resultsIn(ended);
    expect(ended.code).toBe(0);
    expect([...new Set(results.map(({ check }) => check))]).toEqual(CHECKS);
    expect(results.filter(({ status }) => status !== "passed")).toEqual([]);
  });

  it("reports all failures at once with suggested fixes, and skips checks that depend on a failed one", async () => {
    world.setStack({ outputs: { ApiBaseUrl: `${world.servers.cdp.url}/nowhere` } });
    world.aws.reply("secretsmanager:GetSecretValue", { SecretString: "{}" });
    world.aws.reply("dynamodb:DescribeTable", describeTable({ DeletionProtectionEnabled: false }));
    world.setSchedule({ State: "DISABLED" });
    world.setAlarms({ "no-complete-run": { StateValue: "ALARM" } });

    const ended = await doctor("--stack", STACK);

    const results = resultsIn(ended);
    const withStatus = (...some: string[]) => results.filter(({ status }) => some.includes(status));
    expect(ended.code).toBe(1);
    expect(withStatus("failed").map(({ check }) => check)).toEqual([
      "key",
      "deletion protection",
      "schedule",
      "alarms",
    ]);
    expect(results.filter(({ suggestedFix }) => suggestedFix !== undefined)).toEqual(withStatus("failed", "warning"));
    expect(withStatus("skipped").map(({ message }) => message)).toEqual(
      Array(6).fill('not checked: the check "key" failed'),
    );
  });

  it("only reads: each call to AWS is in the documented policy, and the table does not change", async () => {
    const before = await world.servers.items();
    world.aws.actions.length = 0;
    const requestCount = world.servers.cdp.requests.length;
    await doctor("--stack", STACK);
    await doctor("--stack", STACK, "--account", accounts[0]?.accountId ?? "", "--format", "table");

    const called = [...new Set(world.aws.actions)].sort();
    const policy = [...readFileSync(DOCUMENT, "utf8").matchAll(/"([a-z]+:[A-Z]\w+)"/g)].map(
      ([, action = ""]) => action,
    );
    expect(called).toEqual(policy.sort());
    expect(called.filter((action) => !/:(Describe|Get|List|Query)/.test(action))).toEqual([]);
    expect(new Set(world.servers.cdp.requests.slice(requestCount).map(({ method }) => method))).toEqual(
      new Set(["GET"]),
    );
    expect(await world.servers.items()).toEqual(before);
  });

  it("names the option that a skipped check requires, does not call AWS and does not create a table", async () => {
    world.aws.actions.length = 0;

    const { code, stdout } = await doctor(...keyAndApi("key.json"), "--format", "table");

    expect(code).toBe(0);
    expect(stdout).toMatch(/^skipped {2}stack +not checked: requires --stack$/m);
    expect(stdout).toMatch(/^skipped {2}table, capacity, .*, expiry +not checked: requires --table or --stack$/m);
    expect(world.aws.actions).toEqual([]);
    expect(existsSync(".local")).toBe(false);
  });

  it("checks a table without a stack", async () => {
    const ended = await doctor("--table", LOCAL_TABLE);

    expect(ended.code).toBe(0);
    expect(statusByCheck(resultsIn(ended))).toMatchObject({
      table: "passed",
      expiry: "passed",
      "last run": "passed",
      key: "skipped",
      api: "skipped",
      schedule: "skipped",
    });
  });

  it.each([
    [[], /^Nothing to check/],
    [["--stack", "a", "--table", "b"], /Use either --table or --stack\./],
    [["--key-file", "key.json", "--secret", "b"], /Use either --key-file or --secret\./],
    [["--key-file", "key.json", "--api", "https://x.example", "--sandbox"], /--api and --sandbox/],
    [["--key-file", "key.json", "--api", "http://x.example"], /^--api: /],
    [["--key-file", "nowhere.json"], /nowhere\.json .*ENOENT/],
    [["--table", "a", "--account", "account_1"], /"account_1" is /],
    [["--table", "a", "--format", "csv"], /Allowed choices are table, json/],
  ])("rejects the usage error %p", async (args, expected) => {
    const { code, stdout, stderr } = await doctor(...args);

    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(expected);
  });

  it("shows no part of the key in any format", async () => {
    // After all tests, the leak search looks for each key in the output.
    const { formats, id } = world.servers.key;
    for (const [index, privateKey] of Object.values(formats).entries()) {
      const file = `${index}.json`;
      writeFileSync(join(home, file), JSON.stringify({ id, privateKey }));
      const complete = await doctor(...keyAndApi(file));
      writeFileSync(join(home, file), JSON.stringify({ id, privateKey: privateKey.slice(4) }));
      const truncated = await doctor(...keyAndApi(file));

      expect([complete.code, truncated.code]).toEqual([0, 1]);
    }
  });

  it("checks the embedded table in a process of its own", async () => {
    // The process has the real time, so the API needs it too.
    const cdp = await startSimulatedCdp({ accounts: () => accounts, keys: () => [world.servers.key] });
    const options = ["--key-file", "key.json", "--api", cdp.url];
    await runBalances(["snapshot", "--all", ...options], home, {});

    const ended = await startBalances(["doctor", ...options], home, {});

    await cdp.close();
    sawOutput(ended.stdout);
    const results = resultsIn(ended);
    expect(ended.code).toBe(0);
    expect(statusByCheck(results)).toMatchObject({
      key: "passed",
      balances: "passed",
      table: "passed",
      expiry: "skipped",
    });
    expect(results.filter(({ check }) => check === "last run").map(({ message }) => message)).toEqual(
      Array(2).fill(
        expect.stringMatching(/^complete for .*, manual run, captured .*; age not checked: the schedule is/),
      ),
    );
  });

  it("does not slow down other commands: its clients are loaded only if it runs", async () => {
    const { metafile } = await build({
      entryPoints: [join(ROOT, "cli/balances.ts")],
      absWorkingDir: ROOT,
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      packages: "external",
      outdir: "out",
      write: false,
      metafile: true,
    });
    /** Returns the sources and packages that a file of the bundle imports statically. */
    const loadedBy = (path: string): string[] => [
      ...Object.keys(metafile.outputs[path]?.inputs ?? {}),
      ...(metafile.outputs[path]?.imports ?? [])
        .filter(({ kind }) => kind === "import-statement")
        .flatMap((imported) => (imported.external ? [imported.path] : loadedBy(imported.path))),
    ];

    const atStart = loadedBy("out/balances.js");

    expect(atStart).toContain("@aws-sdk/client-dynamodb");
    const clients = ["cloudformation", "cloudwatch", "scheduler"].map((name) => `@aws-sdk/client-${name}`);
    for (const lazy of ["cli/doctor/run-checks.ts", ...clients]) {
      expect(JSON.stringify(metafile.outputs)).toContain(lazy);
      expect(atStart).not.toContain(lazy);
    }
  });
});
