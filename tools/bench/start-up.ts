import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeAccount } from "../../test/support/accounts.ts";
import { typicalBalances } from "../../test/support/run-units.ts";
import { composeTestJob } from "../../test/support/world/job.ts";
import { startWorld } from "../../test/support/world/world.ts";
import { cacheOf } from "../package/cached-cli.js";
import type { Row } from "./row.ts";
import { type Candidate, compare, takeTurns } from "./samples.ts";

// How long the command line takes to start and answer, compared with Node.js without a program, and how many modules it loads.

const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 15);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const COUNTER = new URL("count-modules.js", import.meta.url).href;

interface Program {
  readonly measured: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Runs before each start. */
  readonly prepare?: () => void;
}

export async function run(): Promise<Row[]> {
  const account = makeAccount(typicalBalances(31));
  const world = await startWorld({ accounts: () => [account] });
  try {
    const { accounts, snapshots } = await composeTestJob(world).run();
    if (accounts.complete !== 1) throw new Error(`The run has stored no snapshot: ${JSON.stringify(snapshots)}`);
    const programs = programsOn(world.scope);
    const times = await takeTurns(
      ROUNDS,
      programs.map((program): Candidate => {
        return async () => {
          program.prepare?.();
          const startedAt = performance.now();
          await start(program, world.env);
          return performance.now() - startedAt;
        };
      }),
    );
    const [baseline = []] = times;
    const rows: Row[] = [];
    for (const [at, program] of programs.entries()) {
      const figures = compare(times[at] ?? [], baseline);
      rows.push({
        measured: program.measured,
        figures: { ...figures, modules: await countModules(program, world.env) },
      });
    }
    return rows;
  } finally {
    await world.close();
  }
}

function programsOn(table: string): Program[] {
  const node = (measured: string, ...args: string[]) => ({ measured, command: process.execPath, args });
  const tsx = ["--import", "tsx", "cli/balances.ts"];
  const latest = ["latest", "--table", table];
  // As if a source had changed.
  const prepare = () => rmSync(join(cacheOf(ROOT.slice(0, -1)), "current.json"), { force: true });
  return [
    node("node -e 0", "-e", "0"),
    node("--help, compiled", "cli/bin.js", "--help"),
    { ...node("--help, compiled, a source has changed", "cli/bin.js", "--help"), prepare },
    node("--help, with tsx", ...tsx, "--help"),
    node("latest, one account, compiled", "cli/bin.js", ...latest),
    node("latest, one account, with tsx", ...tsx, ...latest),
    { measured: "npm run -s balances -- --help", command: "npm", args: ["run", "-s", "balances", "--", "--help"] },
  ];
}

async function start({ command, args }: Program, env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with exit code ${code}`);
}

/** Returns how many files a program loads as modules, or nothing if Node.js does not run it itself. */
async function countModules(program: Program, env: NodeJS.ProcessEnv): Promise<string> {
  if (program.command !== process.execPath) return "";
  const folder = mkdtempSync(join(tmpdir(), "bench-modules-"));
  try {
    program.prepare?.();
    const file = join(folder, "modules");
    writeFileSync(file, "");
    const args = ["--import", COUNTER, ...program.args];
    await start({ ...program, args }, { ...env, MODULES_FILE: file });
    const modules = new Set(readFileSync(file, "utf8").split("\n").filter(Boolean));
    modules.delete(COUNTER);
    return String(modules.size);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
