import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { InputError } from "../../core/domain/errors.ts";
import { TableSnapshotStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import { openDemoTable } from "../../demo/demo-table.ts";
import { createDemoMarket, EXAMPLE, writeExampleHistory } from "../../demo/example-history.ts";
import { demoMarketIn, demoTransfersIn } from "../../local/data-folder.ts";
import { LOCAL_TABLE, startEmbeddedDynamo } from "../../local/dynamodb/embedded-dynamodb.ts";
import type { Market } from "../../local/simulated-cdp/market/market.ts";
import { DOCUMENTS, refreshExamples } from "../../tools/docs/documented-commands.ts";
import { EXHAUSTIVE } from "../support/exhaustive.ts";
import { csvRows, runBalances, startBalances } from "../support/history-cli.ts";
import { patientClient } from "../support/history-table.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";
import { replaceEnv } from "../support/replace-env.ts";
import { snapshotWith } from "../unit/domain/snapshots.ts";

const home = mkdtempSync(join(tmpdir(), "start-"));
afterAll(() => rmSync(home, { recursive: true }));
/** The variables that npm sets for `npm start`. */
const NPM = { npm_lifecycle_event: "start", npm_package_name: "cdp-balance-snapshots" };
const newFolder = () => mkdtempSync(join(home, "my folder-"));

describe("npm start in a folder in which the load of the example history was interrupted", () => {
  const folder = newFolder();
  const balances = (...args: string[]) => runBalances([...args, "--data", folder], home, {});
  let ended: Awaited<ReturnType<typeof runBalances>>;

  beforeAll(async () => {
    await interruptLoad(folder);
    const outage = ["--fault", "kind=error,status=503,times=3,path=/balances"];
    const args = ["--slots", "1", ...outage, "--fault", "kind=error,status=404,times=1,path=/balances"];
    ended = await startBalances(["demo", "--data", folder, ...args], home, NPM);
  });

  it("loads the history, retries failed requests and a failed run, and ends with a report and next steps", () => {
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain("Loading an example history");
    expect(ended.stdout).toContain("FAILED RunFailedError: 1 of 3 accounts has no snapshot");
    // The 404 meets an account's first page, which failed before, or its second one: the accounts are read at the same time.
    expect(ended.stdout).toMatch(
      /^ {11}4 of \d+ requests failed \(3 × HTTP 503, 1 × HTTP 404\); sent again, [23] succeeded$/m,
    );
    expect(ended.stdout).toContain("accounts: 1 complete, 2 already complete");
    expect(ended.stdout).toContain("accounts: 3 already complete");
    expect(ended.stdout).toContain("pages of balances read again: none");
    expect(ended.stdout).toMatch(
      /\$ npm run -s balances -- latest --by account --data '\/\S+\/my folder-\w+'\n(.*\n)+Treasury 89af9ed0 .* 30 of 31 /,
    );
    expect(ended.stdout).toContain(`--out '${join(folder, "report.html")}' --data '${folder}'\n`);
    expect(ended.stdout).toContain(`npm start -- --fault kind=error,status=503,times=3 --data '${folder}'\n`);
    expect(ended.stdout).toContain(pathToFileURL(join(folder, "report.html")).href);
    expect(readdirSync(folder).sort()).toEqual([
      "dynamodb",
      "function.log",
      "lock",
      "market.json",
      "report.html",
      "transfers.json",
    ]);
    expect(readFileSync(join(folder, "report.html"), "utf8")).toContain("2026-10-25T04:00:01.417Z");
    expect(readFileSync(demoMarketIn(folder), "utf8")).toMatch(/^{"ticks":\[\d{13}\]}$/);
  });

  it.each(EXHAUSTIVE ? DOCUMENTS : ["README.md"])(
    "makes the commands in %s print what it shows, if they state a time in the past",
    async (name) => {
      const document = readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
      let commands = 0;

      const now = await refreshExamples(document, async (args) => {
        if (!args.includes("--at") && !(args.includes("--from") && args.includes("--to"))) return undefined;
        // test/integration/history-docs.test.ts runs all of them on the same history.
        if (!EXHAUSTIVE && commands === 2) return undefined;
        commands++;
        const file = (arg: string) => (arg === ".local/transfers.json" ? demoTransfersIn(folder) : arg);
        const { stdout, stderr } = await balances(...args.map(file));
        return stdout + stderr;
      });

      expect(now).toBe(document);
      expect(commands).toBeGreaterThanOrEqual(2);
    },
  );

  it("does not load the history again, and shows no gaps between it, this start and a later one", async () => {
    let loads = 0;
    const restoreEnv = replaceEnv({ ...process.env });
    const { market, dynamo, close } = await openDemoTable(folder, () => loads++);
    const [account] = market.accounts();
    const slot = new Date().toISOString();
    const { accountId = "" } = account ?? {};
    await saveSnapshot(dynamo.url, { accountId, slot });
    await close();
    restoreEnv();

    const gaps = await balances("gaps", "--from", "2026-11-08T02:00:00Z", "--format", "table");
    const totals = csvRows(await balances("totals", "--from", "2026-11-07", "--format", "csv"));
    const verified = await balances("verify", "--format", "table");

    expect(loads).toBe(0);
    expect(market.ticks.length).toBe(EXAMPLE.hours + 1);
    expect(gaps).toMatchObject({ code: 0, stdout: "no gaps\n" });
    expect(totals.rows.length).toBeGreaterThan(4);
    expect(totals.rows.map(({ without }) => without).filter(Boolean)).toEqual([]);
    expect(verified).toMatchObject({ code: 0 });
    expect(verified.stdout).toContain("333 snapshots, 333 entries");
  });
});

it("npm start refuses a folder that contains other snapshots, and changes nothing", async () => {
  const folder = newFolder();
  const other = await startEmbeddedDynamo(folder);
  await saveSnapshot(other.url, {});
  await other.close();
  // Without the variables with which npm started the tests: the message would suggest npm's command.
  const restoreEnv = replaceEnv({});

  const refusal = await openDemoTable(folder).catch((thrown: unknown) => thrown);

  restoreEnv();
  expect(refusal).toBeInstanceOf(InputError);
  expect(String(refusal)).toMatch(
    /: .* contains other snapshots \(of account_\S+\)\. .* Run the demo in another folder: balances demo --data \.local\/demo\.$/,
  );
  expect(readdirSync(folder).sort()).toEqual(["dynamodb", "lock"]);
});

/** Writes the first hours of the example history, as a start that was killed. */
async function interruptLoad(folder: string): Promise<void> {
  const dynamo = await startEmbeddedDynamo(folder);
  const client = patientClient(dynamo.url);
  const market = createDemoMarket();
  const tick = (at: number) => {
    if (market.ticks.length === 3) throw new Error("killed");
    market.tick(at);
  };
  const killed = Object.create(market, { tick: { value: tick } }) as Market;
  await expect(writeExampleHistory(client, LOCAL_TABLE, killed)).rejects.toThrow("killed");
  client.destroy();
  await dynamo.close();
}

async function saveSnapshot(url: string, changes: Parameters<typeof snapshotWith>[1]): Promise<void> {
  const client = patientClient(url);
  const snapshot = snapshotWith({ btc: { btc: ["1", "1"] } }, changes);
  await new TableSnapshotStore(new Table(client, LOCAL_TABLE)).save(snapshot, []);
  client.destroy();
}
