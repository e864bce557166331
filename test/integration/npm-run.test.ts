import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { runBalances } from "../support/history-cli.ts";
import { describe, expect, it } from "../support/jest.ts";

// Options of the command line itself, and those that `npm run balances` takes if -- is missing. None of them needs a table.

const NPM = { npm_package_name: "cdp-balance-snapshots", npm_command: "run-script" };

const run = (args: string, env: NodeJS.ProcessEnv = {}) =>
  runBalances(args === "" ? [] : args.split(" "), tmpdir(), env);

it("--version prints the version in package.json", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

  expect(await run("--version")).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: "" });
});

describe("npm run balances without --", () => {
  const npm = { ...NPM, npm_lifecycle_event: "balances" };
  const fix = (command: string) => `Put -- before the command: npm run -s balances -- ${command} …`;

  /** The arguments and the variables are those of npm 11. */
  it.each<[typed: string, args: string, variables: NodeJS.ProcessEnv, message: string]>([
    [
      "latest --format csv",
      "latest csv",
      {},
      'latest: unexpected argument "csv". If it belongs to an option, npm took',
    ],
    ["latest --table=", "latest", { npm_config_table: "" }, "npm took --table for itself."],
    ["verify --head", "verify", { npm_config_heading: "" }, "npm took --head for itself."],
    ["accounts --gaps-from -30d", "accounts", { npm_config_gaps_from: "true" }, "npm took --gaps-from for itself."],
    [
      "snapshot --all --dry-run --key-file k",
      "snapshot k",
      { npm_config_key_file: "true", npm_config_all: "true", npm_config_dry_run: "true" },
      "npm took --key-file, --all, --dry-run for itself.",
    ],
  ])("%s is a usage error with a hint", async (_, args, variables, message) => {
    const { code, stdout, stderr } = await run(args, { ...npm, ...variables });

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.startsWith(message)).toBe(true);
    expect(stderr).toContain(fix(args.split(" ")[0] ?? ""));
  });

  it.each<[name: string, env: NodeJS.ProcessEnv]>([
    ["an option that is given, although npm has one of the same name", { npm_config_all: "true" }],
    ["an option of npm's own", { npm_config_loglevel: "silent" }],
    ["a script of an application, whatever its name", { npm_package_name: "treasury", npm_config_api: "x" }],
    ["another script, which runs the command line", { npm_lifecycle_event: "nightly", npm_config_api: "x" }],
  ])("there is no hint for %s", async (_, env) => {
    const { code, stderr } = await run("snapshot --all", { ...npm, ...env });

    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: required option '--key-file <path>' not specified/);
  });
});

it.each<[words: string, started: string, env: NodeJS.ProcessEnv]>([
  ["npm run -s balances --", "npm run", { ...NPM, npm_lifecycle_event: "balances" }],
  ["balances", "a script of an application", { ...NPM, npm_package_name: "treasury", npm_lifecycle_event: "start" }],
  ["npx cdp-balance-snapshots", "npx", { npm_lifecycle_event: "npx", npm_command: "exec" }],
  ["balances", "its name", {}],
])("suggests commands with %s if it was started with %s", async (words, _, env) => {
  const { code, stderr } = await run("latest", env);

  expect(code).toBe(2);
  expect(stderr).toContain(`Take one: ${words} snapshot --key-file cdp_api_key.json --all.`);
  expect(stderr).toContain(`To try a demo, run ${words} demo.`);
});

it("an unexpected argument without npm is a usage error", async () => {
  const { code, stderr } = await run("report --out x.html --title My report");

  expect(code).toBe(2);
  expect(stderr).toBe(
    'report: unexpected argument "report". Expected options only. Quote a value that contains spaces.\n',
  );
});

it.each(["nothing at all", "", "help nothing"])("%j is not a command", async (args) => {
  expect((await run(args)).code).toBe(2);
});
