import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { CHECKS, type CheckResult } from "../../cli/doctor/check-result.ts";
import { startSimulatedCdp } from "../../local/simulated-cdp/server.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { type DoctorWorld, STACK, startDoctorWorld, statusByCheck } from "../support/doctor.ts";
import { type Ended, jsonRows, runBalances } from "../support/history-cli.ts";
import { sawOutput } from "../support/leak-watch.ts";

// The command `balances doctor` and all checks together.

const ROOT = process.cwd();
const DOCUMENT = new URL("../../docs/doctor.md", import.meta.url);

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

const doctor = (...args: string[]) => world.runCommand(args, home);
const resultsIn = (ended: Ended) => jsonRows(ended) as unknown as CheckResult[];
const keyAndApi = (file: string) => ["--key-file", file, "--api", world.servers.cdp.url];

describe("balances doctor", () => {
  it("passes a healthy stack and only reads: each call to AWS is in the documented policy", async () => {
    const before = await world.servers.items();
    world.aws.calls.length = 0;
    const requestCount = world.servers.cdp.requests.length;

    const ended = await doctor("--stack", STACK);
    await doctor("--stack", STACK, "--account", accounts[0]?.accountId ?? "", "--format", "table");

    const results = resultsIn(ended);
    expect(ended.code).toBe(0);
    expect([...new Set(results.map(({ check }) => check))]).toEqual(CHECKS);
    expect(results.filter(({ status }) => status !== "passed")).toEqual([]);
    const called = [...new Set(world.aws.calls.map(({ action }) => action))].sort();
    const policy = [...readFileSync(DOCUMENT, "utf8").matchAll(/"([a-z]+:[A-Z]\w+)"/g)].map(([, action]) => action);
    expect(called).toEqual(policy.sort());
    expect(called.filter((action) => !/:(Describe|Get|List|Query)/.test(action))).toEqual([]);
    const methods = world.servers.cdp.requests.slice(requestCount).map(({ method }) => method);
    expect(new Set(methods)).toEqual(new Set(["GET"]));
    expect(await world.servers.items()).toEqual(before);
  });

  it("names the option that a skipped check requires, does not call AWS and does not create a table", async () => {
    world.aws.calls.length = 0;

    const { code, stdout } = await doctor(...keyAndApi("key.json"), "--format", "table");

    expect(code).toBe(0);
    expect(stdout).toMatch(/^skipped {2}stack +not checked: requires --stack$/m);
    expect(stdout).toMatch(/^skipped {2}table, capacity, .*, expiry +not checked: requires --table or --stack$/m);
    expect(world.aws.calls).toEqual([]);
    expect(existsSync(".local")).toBe(false);
  });

  it.each([
    [[], /^Nothing to check/],
    [["--stack", "a", "--table", "b"], /Use either --table or --stack\./],
    [["--key-file", "key.json", "--secret", "b"], /Use either --key-file or --secret\./],
    [["--key-file", "key.json", "--api", "https://x.example", "--sandbox"], /Use either --api or --sandbox/],
    [["--key-file", "key.json", "--api", "http://x.example"], /^--api: /],
    [["--key-file", "nowhere.json"], /nowhere\.json .*ENOENT/],
    [["--table", "a", "--account", "account_1"], /"account_1" is /],
    [["--table", "a", "--format", "csv"], /Allowed choices are table, json/],
  ])("rejects the usage error %p", async (args, expected) => {
    const { code, stdout, stderr } = await doctor(...args);

    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(expected);
  });

  it("shows no part of a damaged key in any format", async () => {
    // After all tests, the leak search looks for each key in the output.
    const { formats, id } = world.servers.key;
    for (const privateKey of Object.values(formats)) {
      writeFileSync("damaged.json", JSON.stringify({ id, privateKey: privateKey.slice(4) }));

      expect((await doctor(...keyAndApi("damaged.json"))).code).toBe(1);
    }
  });

  it("checks the embedded table", async () => {
    // The commands use the real time, so the API needs it too.
    const cdp = await startSimulatedCdp({ accounts: () => accounts, keys: () => [world.servers.key] });
    const options = ["--key-file", "key.json", "--api", cdp.url];
    await runBalances(["snapshot", "--all", ...options], home, {});

    const ended = await runBalances(["doctor", ...options], home, {});

    await cdp.close();
    sawOutput(ended.stdout);
    const results = resultsIn(ended);
    expect(ended.code).toBe(0);
    expect(statusByCheck(results)).toMatchObject({ balances: "passed", table: "passed", expiry: "skipped" });
    const lastRuns = results.filter(({ check }) => check === "last run").map(({ message }) => message);
    const expected = /^complete for .*, manual run, captured .*; age not checked: the schedule is unknown$/;
    expect(lastRuns).toEqual(Array(2).fill(expect.stringMatching(expected)));
  });
});
