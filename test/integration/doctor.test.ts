import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { build } from "esbuild";
import { type CheckResult, STEPS } from "../../cli/doctor/check-result.ts";
import { ENV } from "../../core/names/environment.ts";
import { LOCAL_TABLE } from "../../local/dynamodb.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { type DoctorWorld, describeTable, STACK, startDoctorWorld, statuses } from "../support/doctor.ts";
import { runBalances } from "../support/history-cli.ts";
import { sawOutput } from "../support/leak-watch.ts";

// The doctor as a whole: that he goes along every step and only looks, and the command.

const ROOT = process.cwd();
const DOCUMENT = new URL("../../docs/doctor.md", import.meta.url);

/** The job's own list of accounts is not read: the doctor sees what the key sees. */
const NOT_FOR_THE_DOCTOR = { [ENV.accountsFile]: "/nowhere" };

const accounts = [makeAccount(makeBalances(3)), makeAccount(makeBalances(1))];
let world: DoctorWorld;

/** The actions that the document says a policy needs. */
function policyOf(document: string): string[] {
  return [...document.matchAll(/"([a-z]+:[A-Z]\w+)"/g)].map(([, action = ""]) => action).sort();
}

describe("the whole", () => {
  let home = "";
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "doctor-"));
    world = await startDoctorWorld(() => accounts);
    await world.run("2026-11-23T09:00:00.000Z");
    await world.run("2026-11-23T10:00:00.000Z");
    world.goTo("2026-11-23T10:34:00.000Z");
    writeFileSync(join(home, "key.json"), world.servers.key.file);
    // The command looks for an embedded table where it is started.
    process.chdir(home);
  });
  beforeEach(() => world.restore());
  afterAll(async () => {
    process.chdir(ROOT);
    await world.close();
    rmSync(home, { recursive: true });
  });

  const doctor = async (...args: string[]) => {
    const { AWS_ENDPOINT_URL_DYNAMODB: _, ...env } = world.servers.env;
    const ended = await runBalances(
      ["doctor", ...args],
      home,
      { ...env, ...world.aws.env, ...NOT_FOR_THE_DOCTOR },
      world.clock.now(),
    );
    sawOutput(ended.stdout);
    return ended;
  };
  const rowsOf = (stdout: string) =>
    stdout
      .trimEnd()
      .split("\n")
      .map((row) => JSON.parse(row) as CheckResult);

  it("goes along every step, in their order", async () => {
    const { code, stdout } = await doctor("--stack", STACK);

    const rows = rowsOf(stdout);
    expect(code).toBe(0);
    expect([...new Set(rows.map(({ step }) => step))]).toEqual(STEPS);
    expect(rows.filter(({ status }) => status !== "ok")).toEqual([]);
  });

  it("finds all problems at once: each with its remedy, what stands on a failed step skipped", async () => {
    world.stack({ outputs: { ApiBaseUrl: `${world.servers.cdp.url}/nowhere` } });
    world.aws.reply("secretsmanager:GetSecretValue", { SecretString: "{}" });
    world.aws.reply("dynamodb:DescribeTable", describeTable({ DeletionProtectionEnabled: false }));
    world.schedule({ State: "DISABLED" });
    world.alarms({ "no-complete-run": { StateValue: "ALARM" } });

    const { code, stdout } = await doctor("--stack", STACK);

    const rows = rowsOf(stdout);
    const failed = rows.filter(({ status }) => status === "failed");
    expect(code).toBe(1);
    expect(failed.map(({ step }) => step)).toEqual(["key", "deletion protection", "schedule", "alarms"]);
    expect(
      rows.filter(({ status, remedy }) => ["failed", "warning"].includes(status) !== (remedy !== undefined)),
    ).toEqual([]);
    expect(rows.filter(({ status }) => status === "skipped").map(({ found }) => found)).toEqual(
      Array(6).fill("not checked: the step key failed"),
    );
  });

  it("only looks: every call to AWS and to the API reads, and the table is as it was", async () => {
    const before = await world.servers.items();
    world.aws.actions.length = 0;
    const requests = world.servers.cdp.requests.length;
    await doctor("--stack", STACK);
    await doctor("--stack", STACK, "--account", accounts[0]?.accountId ?? "", "--format", "table");

    const called = [...new Set(world.aws.actions)].sort();
    expect(called).toEqual(policyOf(readFileSync(DOCUMENT, "utf8")));
    expect(called.filter((action) => !/:(Describe|Get|List|Query)/.test(action))).toEqual([]);
    expect(new Set(world.servers.cdp.requests.slice(requests).map(({ method }) => method))).toEqual(new Set(["GET"]));
    expect(await world.servers.items()).toEqual(before);
  });

  it("says of what was not asked for what to give, and asks nobody", async () => {
    world.aws.actions.length = 0;

    const { code, stdout } = await doctor(
      "--key-file",
      "key.json",
      "--api",
      world.servers.cdp.url,
      "--format",
      "table",
    );

    expect(code).toBe(0);
    expect(stdout).toMatch(/^skipped {2}stack +not checked: give --stack$/m);
    expect(stdout).toMatch(
      /^skipped {2}table, capacity, encryption, .*, expiry +not checked: give --table or --stack$/m,
    );
    expect(world.aws.actions).toEqual([]);
    // Other commands make a table here; the doctor changes nothing.
    expect(existsSync(".local")).toBe(false);
  });

  it("looks at a table alone", async () => {
    const { code, stdout } = await doctor("--table", LOCAL_TABLE);

    expect(code).toBe(0);
    expect(statuses(rowsOf(stdout))).toMatchObject({
      table: "ok",
      expiry: "ok",
      "last run": "ok",
      key: "skipped",
      api: "skipped",
      schedule: "skipped",
    });
  });

  it.each([
    [[], /nothing to look at/],
    [["--stack", "a", "--table", "b"], /--stack and --table exclude each other/],
    [["--key-file", "key.json", "--secret", "b"], /--key-file and --secret exclude each other/],
    [["--key-file", "key.json", "--api", "https://x.example", "--sandbox"], /--api and --sandbox exclude/],
    [["--key-file", "key.json", "--api", "http://x.example"], /^--api: is not an https URL/],
    [["--key-file", "nowhere.json"], /nowhere\.json cannot be read \(ENOENT\)/],
    [["--table", "a", "--account", "account_1"], /"account_1" is not a valid account id/],
    [["--table", "a", "--format", "csv"], /Allowed choices are table, json/],
  ])("refuses wrong use: %p", async (args, expected) => {
    const { code, stdout, stderr } = await doctor(...args);

    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(expected);
  });

  it("tells no part of the key, whatever form it has", async () => {
    // What is told is looked through for every key by the leak search, when all tests have ended.
    const { formats, id } = world.servers.key;
    for (const [at, text] of Object.values(formats).entries()) {
      writeFileSync(join(home, `${at}.json`), JSON.stringify({ id, privateKey: text }));
      const whole = await doctor("--key-file", `${at}.json`, "--api", world.servers.cdp.url);
      writeFileSync(join(home, `${at}.json`), JSON.stringify({ id, privateKey: text.slice(4) }));
      const cut = await doctor("--key-file", `${at}.json`, "--api", world.servers.cdp.url);

      expect([whole.code, cut.code]).toEqual([0, 1]);
    }
  });

  it("costs other commands nothing: its clients are loaded with it", async () => {
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
    /** Sources and packages that a file of the bundle loads before anything is asked for. */
    const loadedBy = (path: string): string[] => [
      ...Object.keys(metafile.outputs[path]?.inputs ?? {}),
      ...(metafile.outputs[path]?.imports ?? [])
        .filter(({ kind }) => kind === "import-statement")
        .flatMap((one) => (one.external ? [one.path] : loadedBy(one.path))),
    ];

    const atStart = loadedBy("out/balances.js");

    expect(atStart).toContain("@aws-sdk/client-dynamodb");
    const clients = ["cloudformation", "cloudwatch", "scheduler"].map((name) => `@aws-sdk/client-${name}`);
    for (const own of ["cli/doctor/run-checks.ts", ...clients]) {
      expect(JSON.stringify(metafile.outputs)).toContain(own);
      expect(atStart).not.toContain(own);
    }
  });
});
