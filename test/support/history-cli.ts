import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseCsv } from "../unit/cli/rfc4180.ts";
import { sawOutput } from "./leak-watch.ts";

const LOADER = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const CLI = fileURLToPath(new URL("../../cli/balances.ts", import.meta.url));

/** A process that ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/** As many processes at once as there are cores in CI. */
const AT_ONCE = 2;
let running = 0;
const waiting: (() => void)[] = [];

/** Runs the command line in a process of its own. @param cwd a folder that is not the project's */
export async function runBalances(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Ended> {
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  running++;
  try {
    return await run(args, cwd, env);
  } finally {
    running--;
    waiting.shift()?.();
  }
}

async function run(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Ended> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ["--import", LOADER, CLI, ...args], {
    cwd,
    env: { PATH: process.env["PATH"], HOME: cwd, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, "close")) as [number | null];
  sawOutput(stderr);
  return { code, stdout, stderr, durationMs: performance.now() - startedAt };
}

/** The rows of an answer in JSON, one object a line. */
export function jsonRows({ stdout }: Ended): Record<string, unknown>[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** The rows of an answer in CSV, by the names of its header. */
export function csvRows({ stdout }: Ended): { header: string[]; rows: Record<string, string>[] } {
  const [header = [], ...records] = parseCsv(stdout);
  return {
    header,
    rows: records.map((record) => Object.fromEntries(header.map((name, at) => [name, record[at] ?? "missing"]))),
  };
}

/** The cells of a table for a person, by its titles; columns begin where the rule under the titles does. */
export function tableRows(text: string): { titles: string[]; rows: string[][]; lines: string[] } {
  const [titles = "", rule = "", ...lines] = text.trimEnd().split("\n");
  const columns = [...rule.matchAll(/─+/g)].map(({ index, 0: { length } }) => [index, index + length] as const);
  const cells = (line: string) => columns.map(([from, to]) => line.slice(from, to).trim());
  return { titles: cells(titles), rows: lines.map(cells), lines };
}
