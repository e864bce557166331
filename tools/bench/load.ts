import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FUNCTION_NAMES } from "../../infra/snapshot/function-bundle.ts";
import { startFunction } from "../../local/stand-ins/lambda-function.ts";
import { bundleFunction } from "../../test/support/bundle.ts";
import { findNode24 } from "../../test/support/node24.ts";
import type { Row } from "./row.ts";
import { type Candidate, compare, takeTurns } from "./samples.ts";

// How long the deployed bundles take to load, compared with an empty handler: in the stand-in of the Lambda runtime, and without
// one, where the empty handler loads nothing of Node.js that the bundle needs anyway.

const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 31);
const EMPTY = "exports.handler = async () => ({});\n";

export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "bench-load-"));
  try {
    const write = (name: string, text: string) => {
      const path = join(folder, `${name}.js`);
      writeFileSync(path, text);
      return { name: `${name}, ${Math.round(text.length / 1000)} KB`, path };
    };
    const files = [write("empty handler", EMPTY)];
    for (const name of FUNCTION_NAMES) {
      files.push(write(`${name} function`, (await bundleFunction(name)).text));
    }
    const rows: Row[] = [];
    for (const node of new Set([findNode24() ?? process.execPath, process.execPath])) {
      const version = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim();
      for (const { host, load } of HOSTS) {
        const times = await takeTurns(
          ROUNDS,
          files.map(({ path }) => load(node, path)),
        );
        const [empty = []] = times;
        rows.push(
          ...files.map(({ name }, at) => ({
            measured: `${version}, ${host}: ${name}`,
            figures: compare(times[at] ?? [], empty),
          })),
        );
      }
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Host {
  readonly host: string;
  readonly load: (node: string, path: string) => Candidate;
}

const HOSTS: readonly Host[] = [
  {
    host: "stand-in of the runtime",
    load: (node, bundle) => async () => {
      const start = performance.now();
      const fn = await startFunction({ bundle, node, env: {} });
      const ms = performance.now() - start;
      await fn.stop();
      return ms;
    },
  },
  {
    host: "node alone",
    load: (node, path) => async () => {
      const start = performance.now();
      spawnSync(node, ["-e", `require(${JSON.stringify(path)})`], { env: {} });
      return performance.now() - start;
    },
  },
];
