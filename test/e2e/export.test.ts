import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
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

const START = Date.UTC(2026, 9, 14, 4);
const HOURS = 8;
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

it("export writes the same amounts to a Parquet file, with the control record in its metadata", async () => {
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
  const cli = fileURLToPath(new URL("../../cli/balances.ts", import.meta.url));
  const args = ["--import", import.meta.resolve("tsx"), cli, "export", ...RANGE, "--out", out, "--table", LOCAL_TABLE];
  const child = spawn(process.execPath, args, { cwd: folder, env: environment() });
  while (!existsSync(`${out}.partial`)) await sleep(20);

  child.kill("SIGINT");

  const [code] = await once(child, "exit");
  latencyMs = 0;
  expect(code).toBe(130);
  expect(readdirSync(folder).filter((name) => name.startsWith("broken"))).toEqual([]);
});

function balances(...args: string[]): Promise<Ended> {
  return runBalances([...args, "--table", LOCAL_TABLE], folder, environment());
}

function environment(): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", ...embeddedEnvironment(dynamo) };
}
