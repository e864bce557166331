import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { COMMANDS } from "../../cli/commands.ts";
import type { RunResult } from "../../core/domain/run-result.ts";
import { functionIn } from "../../demo/deployed-function.ts";
import { LOCAL_TABLE, startEmbeddedDynamo } from "../../local/dynamodb/embedded-dynamodb.ts";
import { startFunction } from "../../local/stand-ins/lambda-function.ts";
import { type CliWorld, startCliWorld } from "../support/cli-world.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";
import { sawOutput } from "../support/leak-watch.ts";
import { newClone } from "../support/new-clone.ts";
import { newFolder } from "../support/new-folder.ts";
import { findNode24 } from "../support/node24.ts";

const MODULES = fileURLToPath(new URL("../../node_modules", import.meta.url));
const { name, version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

/** Each file of the archive. */
const FILES =
  /^package\/(package\.json|README\.md|LICENSE|CHANGELOG\.md|docs\/[\w/-]+\.md|cli\/bin\.js|dist\/(THIRD-PARTY-NOTICES\.txt|sbom\.cdx\.json|(infra|history|functions\/(snapshot|anchor))\/index\.js|functions\/package\.json|cli\/(lambda-host\.cjs|balances\.js|[\w-]+-[A-Z0-9]{8}\.js)|types\/(core|infra)\/[\w/-]+\.d\.ts))$/;

const clone = newClone();
/** Where the package is installed. */
const home = newFolder();
const archive = join(clone, `${name}-${version}.tgz`);
const isInstalled = installArchive();
const describeInstalled = isInstalled ? describe : describe.skip;

/** Packs the project and installs the archive. @returns whether the registry could be reached. @throws in CI if it cannot */
function installArchive(): boolean {
  // The version of npm that runs the tests sets variables for its own project.
  const inherited = Object.entries(process.env).filter(([variable]) => !/^npm_(?!config_)/i.test(variable));
  const npm = (cwd: string, ...args: string[]) =>
    execFileSync("npm", args, { cwd, env: Object.fromEntries(inherited), stdio: ["ignore", "pipe", "pipe"] });
  npm(clone, "pack");
  writeFileSync(join(home, "package.json"), '{ "private": true, "type": "module" }');
  try {
    npm(home, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", archive);
    return true;
  } catch (thrown) {
    const text = String((thrown as { stderr?: Buffer }).stderr);
    const isOffline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT/.test(text);
    if (!isOffline || process.env["CI"] === "true") throw new Error(`npm install failed: ${text}`);
    process.stderr.write(`Skipped the tests of the installed package: the registry cannot be reached. ${text}\n`);
    return false;
  }
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment of a user. */
const env = { PATH: process.env["PATH"], HOME: home, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };

function run(args: readonly string[], variables: NodeJS.ProcessEnv = {}, node = process.execPath): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(node, [...args], { cwd: home, env: { ...env, ...variables } }, (_, stdout, stderr) => {
      sawOutput(stdout + stderr);
      resolve({ code: child.exitCode, stdout, stderr });
    });
  });
}

/** Runs the installed command line. */
const balances = (args: readonly string[], variables?: NodeJS.ProcessEnv, node?: string) =>
  run([join(home, "node_modules", ".bin", "balances"), ...args], variables, node);

describe("the archive", () => {
  it("has the files of the package only, and less than 1.5 MB", () => {
    const files = execFileSync("tar", ["-tzf", archive], { encoding: "utf8" }).split("\n").filter(Boolean);

    expect(files.filter((file) => !FILES.test(file))).toEqual([]);
    expect(files.length).toBeGreaterThan(150);
    expect(readFileSync(archive).length).toBeLessThan(1_500_000);
  });

  it("has the documents that the README and messages name", () => {
    const files = execFileSync("tar", ["-tzf", archive], { encoding: "utf8" }).split("\n");
    const readme = readFileSync(join(clone, "README.md"), "utf8");
    const named = [...readme.matchAll(/(?<=\]\()docs\/[\w/-]+\.md/g)].map(([path]) => path);

    expect(named.length).toBeGreaterThan(10);
    expect(files).toEqual(expect.arrayContaining([...named, "docs/runbook.md"].map((path) => `package/${path}`)));
  });

  it("states the licence of every package in its bill of materials that it contains", () => {
    const dist = join(clone, "dist");
    const notices = readFileSync(join(dist, "THIRD-PARTY-NOTICES.txt"), "utf8");
    const { components } = JSON.parse(readFileSync(join(dist, "sbom.cdx.json"), "utf8"));
    const contained = ["commander", "zod", "uplot", "@aws-sdk/client-dynamodb", "jose"];

    for (const { name, version } of components.filter((one: { name: string }) => contained.includes(one.name))) {
      expect(notices).toMatch(new RegExp(`^${name} ${version} \\(`, "m"));
    }
    expect(notices).toContain("Permission is hereby granted, free of charge");
    expect(notices).toContain("Apache License");
  });
});

/** The arguments of each command that only reads. The time is that of the example history. */
const RANGE = ["--from", "2026-10-26", "--to", "2026-10-31"];
const READING: Readonly<Record<string, readonly string[]>> = {
  accounts: [],
  latest: ["--by", "asset"],
  "as-of": ["--at", "2026-10-31"],
  history: ["--asset", "btc", ...RANGE],
  totals: RANGE,
  changes: RANGE,
  // Of this account, the demo's API conceals no transfer in that week.
  reconcile: [
    ...["--from", "2026-11-01", "--to", "2026-11-07", "--account", "Payouts"],
    ...["--transfers", join(home, ".local", "share", name, "transfers.json")],
  ],
  gaps: RANGE,
  export: [...RANGE, "--out", join(home, "export.parquet")],
  chart: RANGE,
  report: [...RANGE, "--out", join(home, "report.html")],
  statement: ["--month", "2026-10", "--out", join(home, "statement.html")],
  verify: [],
};

describeInstalled("the installed command line", () => {
  let demo: Ended;
  beforeAll(async () => {
    demo = await balances(["demo", "--slots", "1"], { npm_command: "exec" });
  });

  it.each([...new Set([process.execPath, findNode24() ?? process.execPath])])(
    "shows help and version with %s",
    async (node) => {
      const help = await balances(["--help"], {}, node);
      const shownVersion = await balances(["--version"], {}, node);

      expect(help).toMatchObject({ code: 0, stderr: "" });
      for (const command of COMMANDS) expect(help.stdout).toContain(`  ${command.name} `);
      expect(shownVersion).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
      expect(readdirSync(join(home, "node_modules", ".bin"))).toEqual(expect.arrayContaining(["balances", name]));
    },
  );

  it("runs the demo in the user's data folder, without CDK and esbuild", () => {
    expect(demo.code).toBe(0);
    expect(demo.stdout).toContain("accounts: 3 complete");
    expect(demo.stdout).toContain(join(home, ".local", "share", name));
    expect(demo.stdout).toContain("npx cdp-balance-snapshots verify --format table");
    const installed = readdirSync(join(home, "node_modules"));
    expect(installed.filter((found) => /^(aws-cdk-lib|constructs|esbuild|tsx|@aws-sdk)$/.test(found))).toEqual([]);
    expect(installed.length).toBeLessThan(40);
  });

  it("has all commands that read", () => {
    const others = ["demo", "snapshot", "doctor", "completion"];

    expect([...Object.keys(READING), ...others].sort()).toEqual(COMMANDS.map((command) => command.name).sort());
  });

  it.each(Object.entries(READING))("reads the demo's history with %s", async (command, args) => {
    const { code, stdout, stderr } = await balances([command, ...args]);

    expect({ code, stderr: stderr.replace(/^reading: .*\n/gm, "") }).toEqual({
      code: 0,
      stderr: args.includes("--out") ? expect.stringMatching(/^\S.*\n$/) : expect.any(String),
    });
    expect(stdout === "").toBe(args.includes("--out") || ["gaps", "verify"].includes(command));
  });

  it("writes a report with the page's script, and a statement", () => {
    expect(readFileSync(join(home, "report.html"), "utf8")).toContain("This page contains uPlot and big.js.");
    expect(readFileSync(join(home, "statement.html"), "utf8")).toContain("@page");
  });

  it("checks the data folder with doctor", async () => {
    expect((await balances(["doctor"])).code).toBe(0);
  });
});

describeInstalled("what applications import", () => {
  let world: CliWorld;
  beforeAll(async () => {
    world = await startCliWorld();
    // The application's own packages.
    mkdirSync(join(home, "node_modules", "@types"), { recursive: true });
    for (const one of ["aws-cdk-lib", "constructs", "cdk-nag", "@types/node"]) {
      symlinkSync(join(MODULES, one), join(home, "node_modules", one));
    }
    writeFileSync(join(home, "app.ts"), APPLICATION);
    writeFileSync(join(home, "history.ts"), exampleOf("core/history-library").replace("my-table", LOCAL_TABLE));
    const compilerOptions = { module: "nodenext", target: "es2023", strict: true, types: ["node"], outDir: "out" };
    writeFileSync(join(home, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["app.ts", "history.ts"] }));
  });
  afterAll(() => world.close());

  it("snapshot takes snapshots of all accounts", async () => {
    const { code, stdout } = await balances([...world.snapshotAll, "--data", newFolder()]);

    expect(code).toBe(0);
    expect((JSON.parse(stdout) as RunResult).accounts.complete).toBe(world.accounts.length);
  });

  it("has types, also of its own declarations", async () => {
    const tsc = join(MODULES, "typescript", "bin", "tsc");

    expect(await run([tsc, "-p", home])).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("has a construct that synthesizes and passes cdk-nag, with a bundle that takes snapshots", async () => {
    // Outside the application, whose package.json would make Node.js load the bundle as an ES module.
    const assembly = newFolder();
    const { code, stdout, stderr } = await run([join(home, "out", "app.js")], { CDK_OUTDIR: assembly });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
    const local = { tableName: LOCAL_TABLE, secretId: LOCAL_TABLE };
    const { bundle, environment } = functionIn(assembly, "Treasury.template.json", local);

    const fn = await startFunction({ bundle, env: { ...environment, ...world.env }, onLog: sawOutput });
    const { result } = await fn.invoke({ scheduledTime: new Date().toISOString() });
    await fn.stop();

    expect((result as RunResult).accounts).toMatchObject({ complete: world.accounts.length, failed: 0 });
    expect(readFileSync(bundle, "utf8")).toBe(
      readFileSync(join(clone, "dist", "functions", "snapshot", "index.js"), "utf8"),
    );
  });

  it("can be required by a CommonJS application", async () => {
    const script = `const { BalanceSnapshots } = require("cdp-balance-snapshots");
      const { sum } = require("cdp-balance-snapshots/history");
      console.log(BalanceSnapshots.name, sum(["0.1", "0.2"]));`;
    writeFileSync(join(home, "application.cjs"), script);

    const ended = await run([join(home, "application.cjs")]);

    expect(ended).toEqual({ code: 0, stdout: "BalanceSnapshots 0.3\n", stderr: "" });
  });

  it("has a library that reads a history, as the example in its documentation does", async () => {
    const dynamo = await startEmbeddedDynamo(join(home, ".local", "share", name));
    const region = { AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };

    const ended = await run([join(home, "out", "history.js")], { ...region, AWS_ENDPOINT_URL_DYNAMODB: dynamo.url });
    await dynamo.close();

    const { stdout } = await balances([
      "as-of",
      "--at",
      "2026-10-31T23:59:59.999Z",
      "--by",
      "account",
      "--format",
      "csv",
    ]);
    const [, total] = /,total,,,usd,[\d.]+,([\d.]+),/.exec(stdout) ?? [];
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(ended.stdout).toMatch(/^Trading \d+\.\d+$/m);
    expect(ended.stdout).toContain(`${total} usd\n`);
  });
});

/** Returns the example in the documentation of an entry point, as the package has it. */
function exampleOf(module: string): string {
  const text = readFileSync(join(clone, "dist", "types", `${module}.d.ts`), "utf8");
  const [, example = ""] = /@example\n([\s\S]*?)\n \*\//.exec(text) ?? [];
  return example.replaceAll(/^ \* ?/gm, "");
}

const APPLICATION = `
import { App, Stack } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { BalanceSnapshots, type BalanceSnapshotsProps } from "cdp-balance-snapshots";

const props: BalanceSnapshotsProps = { retentionDays: 3650, anchor: "governance" };
const app = new App({ builtinCloudFormationValidation: false, analyticsReporting: false });
const stack = new Stack(app, "Treasury", { env: { region: "eu-central-1" } });
const snapshots = new BalanceSnapshots(stack, "Snapshots", props);
if (snapshots.fn.functionName === snapshots.table.tableName) throw new Error();
app.synth();
const { violations } = new AwsSolutionsChecks().validateScope(app);
console.log(JSON.stringify(violations));
`;
