import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError } from "../../core/domain/errors.ts";
import { TableSnapshotStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import { startDemoEnvironment } from "../../demo/environment.ts";
import { demoMarketIn } from "../../local/data-folder.ts";
import { LOCAL_TABLE, startEmbeddedDynamo } from "../../local/dynamodb/embedded-dynamodb.ts";
import { createMarket } from "../../local/simulated-cdp/market/market.ts";
import { patientClient } from "../support/history-table.ts";
import { afterAll, expect, it } from "../support/jest.ts";
import { sawOutput } from "../support/leak-watch.ts";
import { replaceEnv } from "../support/replace-env.ts";
import { snapshotWith } from "../unit/domain/snapshots.ts";

const home = mkdtempSync(join(tmpdir(), "start-"));
afterAll(() => rmSync(home, { recursive: true }));

it("npm start adds to an earlier start, retries a failed run, and shows balances, coverage and changes", async () => {
  const [account] = createMarket({ seed: 7 }).accounts();
  const folder = await folderWithSnapshot({ accountId: account?.accountId ?? "", slot: "2026-01-05T10:00:00.000Z" });
  writeFileSync(demoMarketIn(folder), '{"ticks":3}');

  const ended = await start(folder, "--slots", "1", "--fault", "kind=error,status=404,times=1,path=/balances");

  expect(ended.code).toBe(0);
  expect(ended.stdout).toContain("FAILED RunFailedError: 1 of 3 accounts has no snapshot");
  expect(ended.stdout).toContain("accounts: 1 complete, 2 already complete");
  expect(ended.stdout).toContain("accounts: 3 already complete");
  expect(ended.stdout).toContain("pages of balances read again: none");
  expect(ended.stdout).toMatch(/total [\d.]+ usd, covers 30 of 31 assets; without a price: rep/);
  expect(ended.stdout).toContain("change since the first slot, 2026-01-05T10:00:00.000Z");
  expect(readFileSync(demoMarketIn(folder), "utf8")).toBe('{"ticks":4}');
  const nextSteps = ended.stdout.split("What to try next:\n")[1]?.trimEnd().split("\n") ?? [];
  const columns = nextSteps.map((line) => line.search(/(?<= {2})(export|check|simulate|record) /));
  expect(columns[0]).toBeGreaterThan(0);
  expect(columns).toEqual(Array(5).fill(columns[0]));
});

it("npm start refuses a folder that contains other accounts, and changes nothing", async () => {
  const folder = await folderWithSnapshot({});
  const restoreEnv = replaceEnv({ ...process.env, BALANCES_DATA: folder });

  const refusal = await startDemoEnvironment().catch((thrown: unknown) => thrown);

  restoreEnv();
  expect(refusal).toBeInstanceOf(InputError);
  expect(String(refusal)).toMatch(
    /: \/\S+ contains other accounts \(account_\S+\)\. .* Run the demo in another folder: BALANCES_DATA=\.local\/demo npm start\.$/,
  );
  expect(readdirSync(folder).sort()).toEqual(["dynamodb", "lock"]);
});

async function folderWithSnapshot(changes: { accountId?: string; slot?: string }): Promise<string> {
  const folder = mkdtempSync(join(home, "folder-"));
  const dynamo = await startEmbeddedDynamo(folder);
  const client = patientClient(dynamo.url);
  const snapshot = snapshotWith({ btc: { btc: ["1", "1"] } }, changes);
  await new TableSnapshotStore(new Table(client, LOCAL_TABLE)).save(snapshot, []);
  client.destroy();
  await dynamo.close();
  return folder;
}

/** Runs `npm start` with a data folder. */
function start(folder: string, ...args: string[]): Promise<{ code: number; stdout: string }> {
  const demo = fileURLToPath(new URL("../../demo/start.ts", import.meta.url));
  const nodeArgs = ["--import", import.meta.resolve("tsx"), demo, ...args];
  const npm = { INIT_CWD: home, npm_lifecycle_event: "start" };
  const env = { ...process.env, ...npm, BALANCES_DATA: basename(folder) };
  return new Promise((resolve) => {
    execFile(process.execPath, nodeArgs, { env }, (error, stdout, stderr) => {
      sawOutput(stdout + stderr);
      resolve({ code: error === null ? 0 : Number(error.code), stdout });
    });
  });
}
