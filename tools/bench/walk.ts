import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { synthesizeFunction } from "../../demo/deployed-function.ts";
import { makeEd25519Key } from "../../test/support/keys.ts";
import { findNode24 } from "../../test/support/node24.ts";
import type { Row } from "./row.ts";
import { type Measured, runClient, runFunction, startServers } from "./walk/run.ts";
import { installSdk } from "./walk/sdk.ts";

// How near to the API's limit a run comes, and the CPU time of a page. The candidates take turns, each in a new process; the API and
// the table are another process.

interface Scenario {
  readonly accounts: number;
  readonly pages: number;
  readonly latencyMs: number;
}

const SCENARIOS: readonly Scenario[] = [
  { accounts: 1, pages: 50, latencyMs: 50 },
  { accounts: 200, pages: 5, latencyMs: 50 },
  { accounts: 6000, pages: 1, latencyMs: 400 },
];

const HOUR_MS = 3_600_000;
const LIMIT = { reads: 600, windowMs: 10_000 };
/** Accounts that the other clients read at once, as ours does by default. */
const AT_ONCE = 64;

export async function run(): Promise<Row[]> {
  const node = findNode24() ?? process.execPath;
  const sdk = installSdk();
  const deployed = synthesizeFunction({}, { tableName: "bench", secretId: "bench" });
  try {
    const rows: Row[] = [];
    const wanted = process.env["BENCH_SCENARIOS"]?.split(",").map(Number);
    for (const [at, scenario] of SCENARIOS.entries()) {
      if (wanted === undefined || wanted.includes(at)) rows.push(...(await runScenario(scenario, deployed, sdk, node)));
    }
    return rows;
  } finally {
    rmSync(deployed.folder, { recursive: true });
  }
}

async function runScenario(
  scenario: Scenario,
  deployed: Parameters<typeof runFunction>[0],
  sdk: string,
  node: string,
): Promise<Row[]> {
  const { pages, latencyMs } = scenario;
  const accounts = Array.from({ length: scenario.accounts }, () => `account_${randomUUID()}`);
  const secret = makeEd25519Key().file;
  const servers = await startServers({ accounts, pages, latencyMs, secret });
  /** Slots of the default schedule, which is hourly. */
  const start = Math.floor(Date.now() / HOUR_MS - 10) * HOUR_MS;
  const ours = (event: object) => () => runFunction(deployed, servers, accounts, event, node);
  const slot = (at: number) => ours({ scheduledTime: new Date(start + at * HOUR_MS).toISOString() });
  const client = (client: string) => () =>
    runClient({ client, apiUrl: servers.apiUrl, secret, accounts, accountsAtOnce: AT_ONCE, sdk }, node);
  const candidates: readonly [string, () => Promise<Measured>][] = [
    ["ours, nothing stored", ours({ dryRun: true })],
    ["ours, first run", slot(1)],
    ["ours, later run", slot(2)],
    ["bare http, our limiter", client("bare")],
    ["SDK, our limiter", client("sdkLimited")],
    ["SDK, its retries", client("sdk")],
  ];
  const rows: Row[] = [];
  for (const [name, measure] of candidates) {
    if (process.env["BENCH_CANDIDATES"] && !name.includes(process.env["BENCH_CANDIDATES"])) continue;
    const { ms, cpuMs } = await measure();
    const { reads, refused, requests } = await servers.counts();
    const windowsMs = (Math.ceil(reads / LIMIT.reads) - 1) * LIMIT.windowMs;
    // The pages of an account are read one after the other.
    const boundMs = Math.max(windowsMs + latencyMs, (reads / accounts.length) * latencyMs);
    rows.push({
      measured: `${scenario.accounts} × ${pages} at ${latencyMs} ms: ${name}`,
      figures: {
        seconds: (ms / 1000).toFixed(1),
        bound: (boundMs / 1000).toFixed(1),
        "time/bound": (ms / boundMs).toFixed(3),
        "429s": String(refused),
        reads: String(reads),
        "CPU ms/page": (cpuMs / reads).toFixed(2),
        "table requests/account": (requests / accounts.length).toFixed(1),
      },
    });
    process.stderr.write(`${rows.at(-1)?.measured} ${Object.values(rows.at(-1)?.figures ?? {}).join(" ")}\n`);
    await drained();
  }
  servers.stop();
  return rows;
}

/** Waits until the API's window is empty, so that no run pays for the one before. */
function drained(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LIMIT.windowMs));
}
