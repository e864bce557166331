import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { type FactsWorld, startFactsWorld } from "../support/facts-world.ts";
import { makeFacts } from "../support/history-facts.ts";
import { parseCsv } from "../unit/cli/rfc4180.ts";

const facts = makeFacts({ seed: 1, from: Date.parse("2026-10-14T04:00:00Z"), hours: 8, assets: [31, 2] });
const RANGE = ["--from", "2026-10-14", "--to", "2026-10-16"];

let world: FactsWorld;
beforeAll(async () => {
  world = await startFactsWorld(facts);
});
afterAll(() => world.close());

it("export writes the same amounts to a Parquet file as to CSV, with the control totals in its metadata", async () => {
  const out = join(world.home, "x.parquet");

  const csv = await world.balances("export", ...RANGE);
  const parquet = await world.balances("export", ...RANGE, "--format", "parquet", "--out", out);

  const file = await asyncBufferFromFile(out);
  const { key_value_metadata: metadata } = await parquetMetadataAsync(file);
  const [header = [], ...records] = parseCsv(csv.stdout);
  expect(parquet).toMatchObject({ code: 0, stdout: "" });
  expect(records.length).toBeGreaterThan(100);
  expect((await parquetReadObjects({ file })).map((row) => Object.values(row))).toEqual(
    records.slice(0, -1).map((fields) => fields.slice(1)),
  );
  expect(header[0]).toBe("record");
  expect(metadata?.find(({ key }) => key === "control")?.value).toBe(records.at(-1)?.at(-1));
  expect(readdirSync(world.home)).toEqual(["x.parquet"]);
});

it("an interrupted export leaves no file", async () => {
  const { server } = world.dynamo;
  const [answer] = server.listeners("request") as ((...args: unknown[]) => void)[];
  server.removeAllListeners("request");
  server.on("request", (...args) => void sleep(400).then(() => answer?.(...args)));
  const out = join(world.home, "broken.csv");
  const cli = fileURLToPath(new URL("../../cli/balances.ts", import.meta.url));
  const args = ["--import", import.meta.resolve("tsx"), cli, "export", ...RANGE, "--out", out, "--table", LOCAL_TABLE];
  const env = { PATH: process.env["PATH"], ...world.env };
  const child = spawn(process.execPath, args, { cwd: world.home, env });
  while (!existsSync(`${out}.partial`)) await sleep(20);

  child.kill("SIGINT");

  const [code] = await once(child, "exit");
  expect(code).toBe(130);
  expect(readdirSync(world.home).filter((name) => name.startsWith("broken"))).toEqual([]);
});
