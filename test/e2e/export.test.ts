import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { writeExampleHistory } from "../../demo/example-history.ts";
import {
  type EmbeddedDynamo,
  embeddedEnvironment,
  LOCAL_TABLE,
  startEmbeddedDynamo,
} from "../../local/dynamodb/embedded-dynamodb.ts";
import { type Ended, runBalances } from "../support/history-cli.ts";
import { parseCsv } from "../unit/cli/rfc4180.ts";
import { sumByBigInt } from "../unit/domain/decimal.ts";

const START = Date.UTC(2026, 9, 14, 4);
const HOURS = 30;
const RANGE = ["--from", "2026-10-14", "--to", "2026-10-16"];

const folder = mkdtempSync(join(tmpdir(), "export-"));
let dynamo: EmbeddedDynamo;
let latencyMs = 0;

beforeAll(async () => {
  dynamo = await startEmbeddedDynamo();
  Object.assign(process.env, embeddedEnvironment(dynamo));
  await writeExampleHistory(LOCAL_TABLE, START, HOURS);
  const [answer] = dynamo.server.listeners("request") as ((...args: unknown[]) => void)[];
  dynamo.server.removeAllListeners("request");
  dynamo.server.on("request", (...args) => void sleep(latencyMs).then(() => answer?.(...args)));
});
afterAll(async () => {
  await dynamo.close();
  rmSync(folder, { recursive: true });
});

it("export writes every amount, and control totals that match them", async () => {
  const [csv, json] = await Promise.all([
    balances("export", ...RANGE),
    balances("export", ...RANGE, "--format", "json"),
  ]);

  const [header = [], ...records] = parseCsv(csv.stdout);
  const rows = records
    .slice(0, -1)
    .map((fields) => Object.fromEntries(header.map((name, at) => [name, fields[at] ?? ""])));
  const control = JSON.parse(records.at(-1)?.at(-1) ?? "");
  const quantities = (asset: string) => rows.filter((row) => row["asset"] === asset && row["denomination"] === asset);
  expect([csv.code, json.code]).toEqual([0, 0]);
  expect(control).toMatchObject({
    rows: rows.length,
    snapshots: 3 * HOURS,
    firstSlot: "2026-10-14T04:00:00.000Z",
    lastSlot: "2026-10-15T09:00:00.000Z",
  });
  expect(new Set(rows.map((row) => `${row["accountId"]} ${row["slot"]}`)).size).toBe(3 * HOURS);
  for (const asset of ["btc", "eth", "usd", "rep"]) {
    expect(control.sums[asset]).toBe(trimmed(sumByBigInt(quantities(asset).map((row) => row["total"] ?? ""))));
  }
  const lines = json.stdout.trimEnd().split("\n");
  expect(lines.slice(0, -1).map((line) => JSON.parse(line))).toEqual(rows);
  expect(JSON.parse(lines.at(-1) ?? "")).toEqual({ record: "control", ...control });
});

it("export writes the same amounts to a Parquet file, with the control totals in its metadata", async () => {
  const out = join(folder, "x.parquet");
  const [csv, parquet] = await Promise.all([
    balances("export", ...RANGE),
    balances("export", ...RANGE, "--format", "parquet", "--out", out),
  ]);

  const file = await asyncBufferFromFile(out);
  const { key_value_metadata: metadata } = await parquetMetadataAsync(file);
  const [header = [], ...records] = parseCsv(csv.stdout);
  expect(parquet).toMatchObject({ code: 0, stdout: "" });
  expect((await parquetReadObjects({ file })).map((row) => Object.values(row))).toEqual(
    records.slice(0, -1).map((fields) => fields.slice(1)),
  );
  expect(header[0]).toBe("record");
  expect(metadata?.find(({ key }) => key === "control")?.value).toBe(records.at(-1)?.at(-1));
  expect(readdirSync(folder)).toEqual(["x.parquet"]);
});

it("an interrupted export leaves no file", async () => {
  const out = join(folder, "broken.csv");
  latencyMs = 400;
  const child = spawn(process.execPath, cliArgs("export", ...RANGE, "--out", out), { cwd: folder, env: environment() });
  while (!existsSync(`${out}.partial`)) await sleep(20);

  child.kill("SIGINT");

  const [code] = await once(child, "exit");
  latencyMs = 0;
  expect(code).toBe(130);
  expect(readdirSync(folder).filter((name) => name.startsWith("broken"))).toEqual([]);
});

it("report writes one page, and chart draws a line with gaps", async () => {
  const out = join(folder, "report.html");
  const [report, chart] = await Promise.all([
    balances("report", ...RANGE, "--out", out, "--title", "Close of <October>"),
    balances("chart", ...RANGE, "--asset", "btc"),
  ]);

  expect([report.code, chart.code]).toEqual([0, 0]);
  const page = readFileSync(out, "utf8");
  expect(page).toContain("Close of &lt;October&gt;");
  expect(page).not.toMatch(/(src|href)="https?:/);
  expect(existsSync(`${out}.partial`)).toBe(false);
  expect(chart.stdout.match(/●/g)?.length).toBeGreaterThan(20);
  expect(chart.stdout).toMatch(/·{5,}/);
});

function balances(...args: string[]): Promise<Ended> {
  return runBalances([...args, "--table", LOCAL_TABLE], folder, environment());
}

function cliArgs(...args: string[]): string[] {
  const cli = fileURLToPath(new URL("../../cli/balances.ts", import.meta.url));
  return ["--import", import.meta.resolve("tsx"), cli, ...args, "--table", LOCAL_TABLE];
}

function environment(): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", ...embeddedEnvironment(dynamo) };
}

/** Removes trailing zeros, as the sums of an export have none. */
function trimmed(decimal: string): string {
  return decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal;
}
