/**
 * `npm run docs`: runs every command line that stands in docs/history.md behind `$ npm run -s balances --`, on an example
 * of a history, and puts what it prints below it: the document shows what the program really prints.
 */
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { embeddedEnvironment, LOCAL_TABLE, startEmbeddedDynamo } from "../local/dynamodb.ts";
import { writeExampleHistory } from "./example-history.ts";

const DOCUMENT = fileURLToPath(new URL("../docs/history.md", import.meta.url));
const CLI = fileURLToPath(new URL("../cli/balances.ts", import.meta.url));
const START = Date.UTC(2026, 9, 14, 4);
const HOURS = 40 * 24;
/** A fence that begins with a command; the command may end in `| head -N`. */
const FENCE = /```\n\$ npm run -s balances -- (.+?)(?: \| head -(\d+))?\n[\s\S]*?```/g;

const dynamo = await startEmbeddedDynamo();
Object.assign(process.env, embeddedEnvironment(dynamo));
await writeExampleHistory(LOCAL_TABLE, START, HOURS);
let document = readFileSync(DOCUMENT, "utf8");
for (const [fence, args = "", head] of document.matchAll(FENCE)) {
  const lines = (await run(args)).trimEnd().split("\n");
  const shown = head === undefined ? lines : lines.slice(0, Number(head));
  const command = `$ npm run -s balances -- ${args}${head === undefined ? "" : ` | head -${head}`}`;
  document = document.replace(fence, () => `\`\`\`\n${command}\n${shown.join("\n")}\n\`\`\``);
}
writeFileSync(DOCUMENT, document);
await dynamo.close();

/** All that the command prints, on stdout and on stderr. */
function run(args: string): Promise<string> {
  const words = (args.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'|'$/g, ""));
  const nodeArgs = ["--import", import.meta.resolve("tsx"), CLI, ...words, "--table", LOCAL_TABLE];
  return new Promise((resolve) => {
    execFile(process.execPath, nodeArgs, { cwd: tmpdir() }, (_, stdout, stderr) =>
      resolve(stdout.replaceAll("\r", "") + stderr.replace(/^reading: .*\n/gm, "")),
    );
  });
}
