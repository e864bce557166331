import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "@jest/globals";
import { TableStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import { LOCAL_FOLDER, LOCAL_TABLE, startEmbeddedDynamo } from "../../local/dynamodb/embedded-dynamodb.ts";
import { patientClient } from "../support/history-table.ts";
import { sawOutput } from "../support/leak-watch.ts";
import { snapshotWith } from "../unit/domain/snapshots.ts";

const home = mkdtempSync(join(tmpdir(), "start-"));
afterAll(() => rmSync(home, { recursive: true }));

it("npm start shows balances, totals, coverage and changes; a second start adds to them", async () => {
  const folder = mkdtempSync(join(home, "demo-"));
  const first = await start(folder, "--slots", "2");
  const second = await start(folder, "--slots", "1", "--fault", "kind=error,status=404,times=1,path=/balances");

  expect(first.code).toBe(0);
  expect(first.stdout.match(/accounts: 3 complete; 41 assets/g)).toHaveLength(2);
  expect(first.stdout).toContain("accounts: 3 already complete");
  expect(first.stdout).toContain("pages of balances read again: none");
  expect(first.stdout).toMatch(/total [\d.]+ usd, covers 30 of 31 assets; without a price: rep/);
  expect(second.code).toBe(0);
  expect(second.stdout).toContain("FAILED RunFailedError: 1 of 3 accounts have no snapshot");
  expect(second.stdout).toContain("accounts: 1 complete, 2 already complete");
  expect(firstSlotLines(second.stdout)).toEqual(firstSlotLines(first.stdout));
});

it("npm start refuses a folder that contains other accounts, and changes nothing", async () => {
  const folder = mkdtempSync(join(home, "other-"));
  const dynamo = await startEmbeddedDynamo(join(folder, LOCAL_FOLDER));
  const client = patientClient(dynamo.url);
  await new TableStore(new Table(client, LOCAL_TABLE)).save(snapshotWith({ btc: { btc: ["1", "1"] } }), []);
  client.destroy();
  await dynamo.close();

  const { code, stderr } = await start(folder);

  expect(stderr).toMatch(
    /^\.local\/ contains other accounts \(account_\S+\)\. .* Run the demo in another clone of this project\.\n$/,
  );
  expect(code).toBe(1);
  expect(readdirSync(join(folder, LOCAL_FOLDER)).sort()).toEqual(["dynamodb", "lock"]);
});

/** Returns the lines that name each account's first slot. */
function firstSlotLines(stdout: string): string[] {
  return stdout.match(/change since the first slot, .*/g) ?? [];
}

/** Runs `npm start` in a folder. */
function start(folder: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const demo = fileURLToPath(new URL("../../demo/start.ts", import.meta.url));
  const nodeArgs = ["--import", import.meta.resolve("tsx"), demo, ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, nodeArgs, { cwd: folder, env: cleanEnvironment() }, (error, stdout, stderr) => {
      sawOutput(stdout + stderr);
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

/** Returns the environment without jest's own Node options. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return env;
}
