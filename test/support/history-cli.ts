import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runProgram } from "../../cli/program.ts";
import { suppressSdkVersionWarning } from "../../local/sdk-version-warning.ts";
import { parseCsv } from "../unit/cli/rfc4180.ts";
import { expect, jest } from "./jest.ts";
import { sawOutput } from "./leak-watch.ts";
import { replaceEnv } from "./replace-env.ts";
import { skipNetworkOfNewServers } from "./world/without-network.ts";

/** The name of the data folder. */
export const LOCAL_FOLDER = ".local";

/** The result of a command line. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  /** Without the progress, which depends on the speed of the machine. */
  readonly stderr: string;
  readonly progress: readonly string[];
}

const PROGRESS = /^reading: \d+ requests? …\n/gm;

let last: Promise<unknown> = Promise.resolve();

/**
 * Runs the command line in this process, by default as if its output were a pipe, and without this process's environment. Runs wait
 * for each other, because they share stdout and stderr.
 * @param home a folder outside the project, in which `.local` is the data folder
 * @param now the current time, milliseconds since 1970; default: the clock's time
 * @param columns the width of the terminal; default: stdout is a pipe
 */
export function runBalances(
  args: readonly string[],
  home: string,
  env: NodeJS.ProcessEnv,
  now?: number,
  columns?: number,
): Promise<Ended> {
  const run = last.then(() => runHere(args, { ...environmentAt(home), ...env }, now, columns));
  last = run.catch(() => {});
  return run;
}

function environmentAt(home: string): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], HOME: home, BALANCES_DATA: join(home, LOCAL_FOLDER) };
}

async function runHere(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  now: number | undefined,
  columns: number | undefined,
): Promise<Ended> {
  const output = { stdout: "", stderr: "" };
  const catching = (stream: "stdout" | "stderr") =>
    jest.spyOn(process[stream], "write").mockImplementation((text) => {
      output[stream] += String(text);
      return true;
    });
  const before = { isTTY: process.stdout.isTTY, columns: process.stdout.columns };
  Object.assign(process.stdout, { isTTY: columns !== undefined, columns });
  const replaced = [
    catching("stdout"),
    catching("stderr"),
    ...(now === undefined ? [] : [jest.spyOn(Date, "now").mockReturnValue(now)]),
  ];
  const restoreEnv = replaceEnv(env);
  const restoreListen = skipNetworkOfNewServers();
  process.exitCode = undefined;
  try {
    suppressSdkVersionWarning();
    await runProgram(args);
    return endedWith(Number(process.exitCode ?? 0), output.stdout, output.stderr);
  } finally {
    for (const one of replaced) one.mockRestore();
    restoreListen();
    restoreEnv();
    Object.assign(process.stdout, before);
    process.exitCode = undefined;
    sawOutput(output.stderr);
  }
}

const CLI = fileURLToPath(new URL("../../cli/bin.js", import.meta.url));

/**
 * Starts the command line in a separate process, as users do.
 * @param closeAfter closes the pipe of stdout after this many characters
 */
export function spawnBalances(
  args: readonly string[],
  home: string,
  env: NodeJS.ProcessEnv,
  closeAfter = Number.POSITIVE_INFINITY,
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: home,
    env: { ...environmentAt(home), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    if (stdout.length >= closeAfter) child.stdout.destroy();
  });
  if (closeAfter === 0) child.stdout.destroy();
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = once(child, "close").then(([code]) => {
    sawOutput(stderr);
    return endedWith(code as number | null, stdout, stderr);
  });
  return { child, ended };
}

/** Runs the command line in a separate process, see `spawnBalances`. */
export function startBalances(...args: Parameters<typeof spawnBalances>): Promise<Ended> {
  return spawnBalances(...args).ended;
}

function endedWith(code: number | null, stdout: string, stderr: string): Ended {
  return { code, stdout, stderr: stderr.replace(PROGRESS, ""), progress: stderr.match(PROGRESS) ?? [] };
}

/** Returns the rows of JSON lines. */
export function jsonRows({ stdout }: Ended): Record<string, unknown>[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Returns the rows of CSV, by column name. */
export function csvRows({ stdout }: Ended): { header: string[]; rows: Record<string, string>[] } {
  const [header = [], ...records] = parseCsv(stdout);
  return {
    header,
    rows: records.map((record) => Object.fromEntries(header.map((name, at) => [name, record[at] ?? "missing"]))),
  };
}

/** Returns the rows of a wide table, by column name, with what the table states once above them. */
export function tableRows({ stdout }: Ended): Record<string, string>[] {
  const lines = stdout.trimEnd().split("\n");
  // The rule under the titles shows where columns start.
  const rule = lines.findIndex((line) => /^[─ ]+$/.test(line));
  if (rule === -1) return [];
  const columns = [...(lines[rule] ?? "").matchAll(/─+/g)].map(({ index, 0: { length } }) => [index, index + length]);
  const cells = (line = "") => columns.map(([from, to]) => line.slice(from, to).trim());
  const stated = lines.slice(0, Math.max(0, rule - 2)).flatMap((line) => line.split(", "));
  const common = stated.map((text) => {
    const [, name = "", value = name] = /^(\S+)(?: (.*))?$/.exec(text) ?? [];
    return /account_\S+$/.test(text) ? ["account", text] : [name, value];
  });
  const titles = cells(lines[rule - 1]);
  return lines.slice(rule + 1).map((line) => {
    const row = Object.fromEntries([...common, ...cells(line).map((cell, at) => [titles[at], cell])]);
    const [, accountName = "", accountId = ""] = /^(?:(.*) )?(\S+)$/.exec(row["account"] ?? "") ?? [];
    return { ...row, accountId, accountName };
  });
}

/** Expects that a command ended with an exit code and a message, and without output or a stack trace. */
export function expectFailure({ code, stdout, stderr }: Ended, exitCode: number, message: RegExp): void {
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect({ code, stdout }).toEqual({ code: exitCode, stdout: "" });
}
