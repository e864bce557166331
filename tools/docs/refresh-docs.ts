/** `npm run docs`: the documents with what their commands print now, and the report's picture. A test says when that has to be done. */
import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeExampleHistory } from "../../demo/example-history.ts";
import { embeddedEnvironment, LOCAL_TABLE, startEmbeddedDynamo } from "../../local/dynamodb/embedded-dynamodb.ts";
import { DOCUMENTS, EXAMPLE, refreshed } from "./documented-commands.ts";
import { drawReport } from "./report-picture.ts";

const CLI = fileURLToPath(new URL("../../cli/balances.ts", import.meta.url));
const NOW = `data:text/javascript,Date.now=()=>${EXAMPLE.now}`;

const dynamo = await startEmbeddedDynamo();
Object.assign(process.env, embeddedEnvironment(dynamo));
await writeExampleHistory(LOCAL_TABLE, EXAMPLE.from, EXAMPLE.hours);
for (const name of DOCUMENTS) {
  const path = fileURLToPath(new URL(`../../${name}`, import.meta.url));
  writeFileSync(path, await refreshed(readFileSync(path, "utf8"), run));
}
const page = join(tmpdir(), `report-${process.pid}.html`);
await run(["report", "--out", page]);
await drawReport(page, fileURLToPath(new URL("../../docs/report.png", import.meta.url)));
rmSync(page);
await dynamo.close();

function run(args: readonly string[]): Promise<string> {
  const nodeArgs = ["--import", import.meta.resolve("tsx"), "--import", NOW, CLI, ...args, "--table", LOCAL_TABLE];
  return new Promise((resolve) => {
    execFile(process.execPath, nodeArgs, { cwd: tmpdir() }, (_, stdout, stderr) =>
      resolve(stdout + stderr.replace(/^reading: .*\n/gm, "")),
    );
  });
}
