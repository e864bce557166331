import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { CHECKS, type CheckResult } from "../../cli/doctor/check-result.ts";
import { printResults } from "../../cli/doctor/print.ts";
import { type SimulatedAccount, startSimulatedCdp } from "../../local/simulated-cdp/server.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import {
  type DoctorWorld,
  describeTable,
  RESOURCES,
  STACK,
  startDoctorWorld,
  statusByCheck,
  textOf,
} from "../support/doctor.ts";
import { type Ended, jsonRows, runBalances } from "../support/history-cli.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "../support/jest.ts";
import { makeEd25519Key } from "../support/keys.ts";
import { sawOutput } from "../support/leak-watch.ts";
import { DENIED } from "../support/world/aws.ts";

// The command `balances doctor`, all checks together, and docs/doctor.md.

const DOCUMENT = new URL("../../docs/doctor.md", import.meta.url);
const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

const resultsIn = (ended: Ended) => jsonRows(ended) as unknown as CheckResult[];

const account = (id: string, assets: number): SimulatedAccount => ({
  ...makeAccount(makeBalances(assets)),
  accountId: `account_${id}`,
});
// The ids of docs/doctor.md.
const GOOD = account("300fda09-9bf4-4fac-89d2-f89263ddbaf9", 8);
const BAD = account("89af9ed0-2560-41c5-867f-bb5522e53a50", 131);
const KEY_ID = "7d1c2f58-3a0e-4b6f-9c44-5e0f7a9b2d13";

function startDocumentedWorld(): Promise<DoctorWorld> {
  const key = makeEd25519Key();
  return startDoctorWorld(() => [GOOD, BAD], { ...key, id: KEY_ID, file: key.file.replace(key.id, KEY_ID) });
}

/** Returns the results as a table, without what differs from run to run: the simulated API's host, latency and ids. */
async function documentedOutput(ended: Ended): Promise<string> {
  const stdout = ended.stdout
    .replace(/127\.0\.0\.1:\d+ answered in \d+ ms/, "api.cdp.coinbase.com answered in 84 ms")
    .replace(/correlation id [0-9a-f]{16}-IAD/, "correlation id 41deb8d59a9dc9a7-IAD");
  let text = "";
  const write = async (content: string | Uint8Array) => {
    text += String(content);
  };
  await printResults(Readable.from(resultsIn({ ...ended, stdout })), "table", { write });
  process.exitCode = undefined;
  return text;
}

/** Compares the output below a heading; with `WRITE_DOCS`, replaces it first. */
function expectDocumented(title: string, text: string): void {
  const section = new RegExp(`(## ${title}\\n[\\s\\S]*?\`\`\`\\n\\$ .*\\n)([\\s\\S]*?)(\`\`\`)`);
  if (process.env["WRITE_DOCS"] !== undefined) {
    writeFileSync(
      DOCUMENT,
      read("docs/doctor.md").replace(section, (_, head, __, end) => `${head}${text}${end}`),
    );
  }

  expect(section.exec(read("docs/doctor.md"))?.[2]).toBe(text);
}

const UPDATE = "(to update: WRITE_DOCS=1 npm test -- test/integration/doctor.test)";

describe("balances doctor", () => {
  const ROOT = process.cwd();
  const accounts = [GOOD, BAD];
  let world: DoctorWorld;
  let home = "";

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "doctor-"));
    world = await startDocumentedWorld();
    await world.runSlot("2026-11-23T09:00:00.000Z");
    await world.runSlot("2026-11-23T10:00:00.000Z");
    world.setTime("2026-11-23T10:34:01.500Z");
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
  const keyAndApi = (file: string) => ["--key-file", file, "--api", world.servers.cdp.url];

  it(`passes a healthy stack with the documented output ${UPDATE}`, async () => {
    expectDocumented("All checks pass", await documentedOutput(await doctor("--stack", STACK)));
  });

  it("only reads: each call to AWS is in the documented policy", async () => {
    const before = await world.servers.items();
    world.aws.calls.length = 0;
    const requestCount = world.servers.cdp.requests.length;

    const ended = await doctor("--stack", STACK);
    await doctor("--stack", STACK, "--account", GOOD.accountId, "--format", "table");

    const results = resultsIn(ended);
    expect(ended.code).toBe(0);
    // A stack with the engine lambda has no state machine.
    expect([...new Set(results.map(({ check }) => check))]).toEqual(
      CHECKS.filter((check) => check !== "state machine"),
    );
    expect(results.filter(({ status }) => status !== "passed")).toEqual([]);
    const called = [...new Set(world.aws.calls.map(({ action }) => action))].sort();
    const policy = [...read("docs/doctor.md").matchAll(/"([a-z]+:[A-Z]\w+)"/g)].map(([, action]) => action);
    expect(called).toEqual(policy.filter((action) => action !== "states:ListExecutions").sort());
    expect(called.filter((action) => !/:(Describe|Get|List|Query)/.test(action))).toEqual([]);
    const methods = world.servers.cdp.requests.slice(requestCount).map(({ method }) => method);
    expect(new Set(methods)).toEqual(new Set(["GET"]));
    expect(await world.servers.items()).toEqual(before);
  });

  it("takes a prefix of an account in the table of the stack", async () => {
    const { accountId } = GOOD;
    const options = ["--stack", STACK, "--account", accountId.slice(0, 20)];

    const ended = await runBalances(["doctor", ...options], home, world.servers.env, world.clock.now());

    const ids = resultsIn(ended).flatMap((result) => result.accountId ?? []);
    expect({ code: ended.code, ids: new Set(ids) }).toEqual({ code: 0, ids: new Set([accountId]) });
  });

  it("names the option that a skipped check requires, does not call AWS and does not create a table", async () => {
    world.aws.calls.length = 0;

    const { code, stdout } = await doctor(...keyAndApi("key.json"), "--format", "table");

    expect(code).toBe(0);
    expect(stdout).toMatch(/^skipped {2}stack +not checked: requires --stack$/m);
    expect(stdout).toMatch(
      /^skipped {2}table, capacity, [^.]*, expiry {2}not checked: requires --table\n +or --stack$/m,
    );
    expect(world.aws.calls).toEqual([]);
    expect(existsSync(".local")).toBe(false);
  });

  it.each([
    ["--stack a --table b", /Use either --table or --stack\./],
    ["--key-file key.json --secret b", /Use either --key-file or --secret\./],
    ["--key-file key.json --api https://x.example --sandbox", /Use either --api or --sandbox/],
    ["--key-file key.json --api http://x.example", /^--api: /],
    ["--key-file nowhere.json", /nowhere\.json .*ENOENT/],
    ["--table a --sandbox", /^--api and --sandbox require --key-file, --secret or --stack/],
  ])("rejects the usage error %s", async (options, expected) => {
    const { code, stdout, stderr } = await doctor(...options.split(" "));

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
    expect(textOf(results, "table")).toMatch(`passed: balance-snapshots in ${join(home, ".local")} is ACTIVE and has `);
    const lastRuns = results.filter(({ check }) => check === "last run").map(({ message }) => message);
    const expected = /^complete for .*, manual run, captured .*; age not checked: the schedule is unknown$/;
    expect(lastRuns).toEqual(Array(2).fill(expect.stringMatching(expected)));
  });
});

describe(`docs/doctor.md ${UPDATE}`, () => {
  it("shows the output for a stack with failures", async () => {
    const world = await startDocumentedWorld();
    await world.runSlot("2026-11-23T08:00:00.000Z");
    const notFound = { message: "Account not found.", correlationId: "9b1deb4d-IAD", on: { account: BAD.accountId } };
    world.servers.cdp.addFault({ kind: "error", status: 404, ...notFound });
    await world.runSlot("2026-11-23T09:00:00.000Z").catch(() => {});
    world.servers.cdp.clearFaults();
    world.setTime("2026-11-23T12:30:01.500Z");
    world.aws.reply("dynamodb:DescribeTable", describeTable({ DeletionProtectionEnabled: false }));
    world.aws.reply("dynamodb:DescribeContinuousBackups", DENIED);
    world.setSchedule({ State: "DISABLED" });
    world.setStack({ resources: { ...RESOURCES, "AWS::SNS::Subscription": [] } });
    const since = Date.parse("2026-11-23T11:05:00Z") / 1000;
    world.setAlarms({ "no-complete-run": { StateValue: "ALARM", StateUpdatedTimestamp: since } });

    const ended = await world.runCommand(["--stack", STACK], "/nowhere", 47_000);
    await world.close();
    expectDocumented("Some checks fail", await documentedOutput(ended));
  });

  it("has a row for each check", () => {
    const rows = [...read("docs/doctor.md").matchAll(/^\| `([\w -]+)` /gm)].map(([, check]) => check);

    expect(rows).toEqual(CHECKS);
  });
});

it("suggested fixes link to existing sections of the runbook", () => {
  const headings = [...read("docs/runbook.md").matchAll(/^##+ (.*)$/gm)].map(([, title = ""]) =>
    title.toLowerCase().replaceAll(" ", "-"),
  );
  const files = readdirSync(new URL("../../cli/doctor", import.meta.url)).filter((name) => name.endsWith(".ts"));
  const sources = files.map((name) => read(`cli/doctor/${name}`));

  const anchors = sources.flatMap((text) => text.match(/(?<=docs\/runbook\.md#)[a-z-]+/g) ?? []);

  expect(anchors.length).toBeGreaterThan(3);
  expect(headings).toEqual(expect.arrayContaining(anchors));
});
