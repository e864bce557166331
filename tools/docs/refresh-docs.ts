/**
 * `npm run docs`: updates the command output in the documents, the tables of docs/changes.md and the picture of the report. A
 * test fails when the text is outdated.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createDemoMarket, writeExampleHistory } from "../../demo/example-history.ts";
import { embeddedEnvironment, LOCAL_TABLE, startEmbeddedDynamo } from "../../local/dynamodb/embedded-dynamodb.ts";
import { chromiumPath, NO_CHROMIUM, startChromium } from "../../test/support/chromium.ts";
import { withChanges } from "./changes-page.ts";
import { DOCUMENTS, EXAMPLE_NOW, refreshExamples } from "./documented-commands.ts";
import { writeExampleTransfers } from "./example-transfers.ts";

const CLI = fileURLToPath(new URL("../../cli/balances.ts", import.meta.url));
// Fixes the current time in the child process.
const FIXED_TIME = `data:text/javascript,Date.now=()=>${EXAMPLE_NOW}`;

const changes = new URL("../../docs/changes.md", import.meta.url);
writeFileSync(changes, withChanges(readFileSync(changes, "utf8")));
const dynamo = await startEmbeddedDynamo();
Object.assign(process.env, embeddedEnvironment(dynamo));
const market = createDemoMarket();
await writeExampleHistory(new DynamoDBClient({}), LOCAL_TABLE, market);
const files = mkdtempSync(join(tmpdir(), "docs-"));
const withTransfers = writeExampleTransfers(files, market);
for (const name of DOCUMENTS) {
  const path = fileURLToPath(new URL(`../../${name}`, import.meta.url));
  writeFileSync(path, await refreshExamples(readFileSync(path, "utf8"), (args) => run(withTransfers(args))));
}
rmSync(files, { recursive: true });
const page = join(tmpdir(), `report-${process.pid}.html`);
await run(["report", "--out", page]);
await drawReport(page, fileURLToPath(new URL("../../docs/report.png", import.meta.url)));
rmSync(page);
await dynamo.close();

/** Runs a command on the example table; returns stdout and stderr without the line about read units. */
function run(args: readonly string[]): Promise<string> {
  const imports = ["--import", import.meta.resolve("tsx"), "--import", FIXED_TIME];
  const nodeArgs = [...imports, CLI, ...args, "--table", LOCAL_TABLE];
  return new Promise((resolve) => {
    execFile(process.execPath, nodeArgs, { cwd: tmpdir() }, (_, stdout, stderr) =>
      resolve(stdout + stderr.replace(/^reading: .*\n/gm, "")),
    );
  });
}

/** Writes a screenshot of a report. Without Chromium, prints a notice and keeps the existing picture. */
async function drawReport(page: string, picture: string): Promise<void> {
  const executable = chromiumPath();
  if (executable === undefined) {
    process.stderr.write(`${picture} was not updated: ${NO_CHROMIUM}\n`);
    return;
  }
  const browser = await startChromium(executable);
  const tab = await browser.newPage({ viewport: { width: 1240, height: 1130 }, colorScheme: "light" });
  await tab.goto(pathToFileURL(page).href);
  await tab.screenshot({ path: picture });
  await browser.close();
}
