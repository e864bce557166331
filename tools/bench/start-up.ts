import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { makeAccount } from "../../test/support/accounts.ts";
import { typicalBalances } from "../../test/support/run-units.ts";
import { composeTestJob } from "../../test/support/world/job.ts";
import { startWorld } from "../../test/support/world/world.ts";
import type { Row } from "./row.ts";
import { type Candidate, compare, takeTurns } from "./samples.ts";

// How long the command line takes to start and answer, compared with Node.js without a program.

const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 15);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export async function run(): Promise<Row[]> {
  const account = makeAccount(typicalBalances(31));
  const world = await startWorld({ accounts: () => [account] });
  try {
    const { accounts, snapshots } = await composeTestJob(world).run();
    if (accounts.complete !== 1) throw new Error(`The run has stored no snapshot: ${JSON.stringify(snapshots)}`);
    const start = (command: string, ...args: string[]): Candidate => {
      return async () => {
        const startedAt = performance.now();
        const child = spawn(command, args, {
          cwd: ROOT,
          env: { ...process.env, ...world.env },
          stdio: ["ignore", "ignore", "inherit"],
        });
        const [code] = await once(child, "exit");
        if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with exit code ${code}`);
        return performance.now() - startedAt;
      };
    };
    const balances = (...args: string[]) => start(process.execPath, "cli/bin.js", ...args);
    const candidates: readonly (readonly [string, Candidate])[] = [
      ["node -e 0", start(process.execPath, "-e", "0")],
      ["tsx -e 0", start(process.execPath, "--import", "tsx", "-e", "0")],
      ["balances --help", balances("--help")],
      ["balances latest, one account", balances("latest", "--table", world.scope)],
      ["npm run -s balances -- --help", start("npm", "run", "-s", "balances", "--", "--help")],
    ];
    const times = await takeTurns(
      ROUNDS,
      candidates.map(([, candidate]) => candidate),
    );
    const [baseline = []] = times;
    return candidates.map(([measured], at) => ({ measured, figures: compare(times[at] ?? [], baseline) }));
  } finally {
    await world.close();
  }
}
