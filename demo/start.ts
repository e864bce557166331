/** `npm start`: runs the deployed bundle for a few slots and shows the result. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Command, InvalidArgumentError } from "commander";
import { reportError, USAGE_ERROR } from "../cli/shared/report-error.ts";
import { sum as addUp } from "../core/domain/amount.ts";
import type { RunResult } from "../core/domain/run-result.ts";
import { enterCallersFolder } from "../local/callers-folder.ts";
import { closeAfter } from "../local/close-after.ts";
import { dataFolder, defaultDataFolder } from "../local/data-folder.ts";
import { LOCAL_TABLE } from "../local/dynamodb/embedded-dynamodb.ts";
import type { Fault } from "../local/simulated-cdp/faults/fault.ts";
import { type DemoEnvironment, startDemoEnvironment } from "./environment.ts";
import { describeFailures } from "./failed-requests.ts";
import { parseFault } from "./parse-fault.ts";

/** The demo's interval between slots. In a deployed stack it is usually an hour. */
const INTERVAL_MS = 2000;

const FAULTS = `
Faults, each with an optional part of the path and the number of requests that it affects:
  kind=error,status=503,times=3                   three requests fail with HTTP 503
  kind=error,status=429,times=9                   nine requests exceed the rate limit
  kind=html,times=2                               two responses are a proxy's HTML page
  kind=reset,times=4                              four connections are reset
  kind=cut,after=100,times=2                      two responses end after 100 bytes
  kind=error,status=404,path=/balances,times=1    one account is not found, so its first run fails`;

const { slots, fault: faults = [] } = new Command("npm start --")
  .description("Runs the deployed bundle for a few slots against a simulated CDP API and shows the result.")
  .option("--slots <n>", `number of slots, from 1 to 1000; one every ${INTERVAL_MS / 1000} seconds`, parseSlots, 3)
  .option("--fault <spec>", "make the simulated API fail; can be given more than once", addFault)
  .addHelpText("after", FAULTS)
  .showHelpAfterError("Run npm start -- --help for usage.")
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE_ERROR))
  .parse()
  .opts<{ slots: number; fault?: Fault[] }>();

/** Continues the line of a run below its slot. */
const INDENT = `\n${" ".repeat(11)}`;

const say = (text = "") => process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
  enterCallersFolder();
  say("CDP reports current balances but keeps no history. This project records it.\n");
  say(`Starting a simulated CDP API, a stand-in for Secrets Manager, and an embedded DynamoDB in ${dataFolder()}`);
  const environment = await startDemoEnvironment(() =>
    say("Loading an example history: hourly snapshots of two weeks, from 2026-10-25"),
  );
  await closeAfter(async () => {
    for (const fault of faults) environment.cdp.addFault(fault);
    const duration = slots === 1 ? "one slot" : `${slots} slots, one every ${INTERVAL_MS / 1000} seconds`;
    say(`Running the bundle that the stack deploys for ${duration}:\n`);
    // Loaded while the slots are awaited.
    const program = import("../cli/program.ts");
    const lastEvent = await runSlots(environment, slots);
    environment.cdp.clearFaults();
    await repeat(environment, lastEvent);
    await showHistory((await program).runProgram, environment.folder);
    showNextSteps(environment.folder);
  }, environment.close);
}

/** @returns the last slot's event */
async function runSlots(environment: DemoEnvironment, slots: number): Promise<unknown> {
  let event = {};
  for (let count = 0; count < slots; count++) {
    const scheduled = Math.ceil(Date.now() / INTERVAL_MS) * INTERVAL_MS;
    await new Promise((resolve) => setTimeout(resolve, scheduled - Date.now()));
    environment.market.tick();
    event = { scheduledTime: new Date(scheduled).toISOString() };
    if (await run(environment, event)) continue;
    say("  Lambda retries a failed event, and so does this demo:");
    if (!(await run(environment, event))) process.exitCode = 1;
  }
  return event;
}

/** Delivers an event a second time, to show that the run reads no balances again. */
async function repeat(environment: DemoEnvironment, event: unknown): Promise<void> {
  const requestsBefore = environment.cdp.requests.length;
  say("\nDelivering the last event a second time:");
  await run(environment, event);
  const newRequests = environment.cdp.requests.slice(requestsBefore);
  const pages = newRequests.filter(({ path }) => path.endsWith("/balances")).length;
  say(`  pages of balances read again: ${pages === 0 ? "none" : pages}`);
}

/** Invokes the function and prints one line about the run. @returns whether every account has a snapshot for the slot */
async function run(environment: DemoEnvironment, event: unknown): Promise<boolean> {
  const startedAt = performance.now();
  const { requests } = environment.cdp;
  const requestsBefore = requests.length;
  const { result, error } = await environment.invoke(event);
  const duration = `${Math.round(performance.now() - startedAt)} ms`.padStart(7);
  const described = describeFailures(requests.slice(requestsBefore));
  const failures = described === undefined ? "" : `${INDENT}${described}`;
  if (error !== undefined) {
    say(`  ${duration}  FAILED ${error.errorType}: ${error.errorMessage.replaceAll("\n", INDENT)}${failures}`);
    return false;
  }
  const { slot, accounts, snapshots } = result as RunResult;
  const { complete, alreadyComplete } = accounts;
  const counts = [
    ...(complete > 0 ? [`${complete} complete`] : []),
    ...(alreadyComplete > 0 ? [`${alreadyComplete} already complete`] : []),
  ].join(", ");
  const total = (field: "assets" | "pages") => snapshots.reduce((sum, snapshot) => sum + (snapshot[field] ?? 0), 0);
  const value = addUp(snapshots.flatMap(({ totals }) => totals?.["usd"]?.total ?? []));
  const read = complete > 0 ? `; ${total("assets")} assets on ${total("pages")} pages` : "";
  say(`  ${duration}  slot ${slot}  accounts: ${counts}${read}; total ${value} usd${failures}`);
  return true;
}

/** Runs commands on the demo's table, and prints each as a user enters it, with its output. */
async function showHistory(runProgram: (args: readonly string[]) => Promise<void>, folder: string): Promise<void> {
  const table = ["--format", "table"];
  const show = async (purpose: string, args: readonly string[], format = table) => {
    say(`\n${purpose}\n$ ${commandLine(args, folder)}`);
    await runProgram([...args, ...format, "--table", LOCAL_TABLE]);
  };
  await show("What the accounts are worth now:", ["latest", "--by", "account"]);
  await show("What they hold, all together:", ["latest", "--by", "asset"]);
  const changes = ["changes", "--from", "2026-10-26", "--by", "value", "--top", "5"];
  await show("What changed most since the example history began, and was it quantity or price?", changes);
  // The example alone: until now, most of a plot would be the empty time between it and the demo.
  const example = ["report", "--from", "2026-10-25", "--to", "2026-11-07", "--out", reportIn(folder)];
  await show("The two weeks of the example in one HTML page:", example, []);
}

function reportIn(folder: string): string {
  return join(folder, "report.html");
}

/** Returns a command as a user enters it. The commands find the default folder without an option. */
function commandLine(args: readonly string[], folder: string): string {
  const data = folder === defaultDataFolder() ? [] : ["--data", folder];
  return ["npm run -s balances --", ...args, ...data].join(" ");
}

/** Prints where the data is, and the commands to try next. */
function showNextSteps(folder: string): void {
  const balances = (...args: string[]) => commandLine(args, folder);
  const isDefault = folder === defaultDataFolder();
  const nextSteps = [
    [
      "What did all accounts hold at the end of October, per asset?",
      balances("as-of", "--at", "2026-10-31", "--by", "asset", "--format", "csv"),
    ],
    [
      "What changed most in that week, and was it quantity or price?",
      balances("changes", "--from", "2026-10-26", "--to", "2026-10-31", "--by", "value", "--top", "10"),
    ],
    [
      "Is any hour missing in October? And in the first week of November?",
      balances("gaps", "--from", "2026-10-25", "--to", "2026-10-31"),
      balances("gaps", "--from", "2026-11-01", "--to", "2026-11-07"),
    ],
    ["Was anything altered?", balances("verify", "--format", "table")],
    ["What happens in an outage?", "npm start -- --fault kind=error,status=503,times=3"],
    [
      `Record your own accounts without AWS${isDefault ? `; first delete ${folder}` : ""}`,
      "npm run -s balances -- snapshot --key-file cdp_api_key.json --all",
    ],
    ["Record every hour in your AWS account; see README.md", "npx cdk deploy"],
  ] as const;
  say(`\nOpen the report in a browser: ${pathToFileURL(reportIn(folder))}`);
  say(`The snapshots are in ${folder}, with the function's log, function.log. The next npm start adds to them.`);
  say("\nWhat to try next:");
  for (const [question, ...commands] of nextSteps) say(["", `# ${question}`, ...commands].join("\n  "));
}

function parseSlots(text: string): number {
  const slots = Number(text);
  if (!Number.isInteger(slots) || slots < 1 || slots > 1000) {
    throw new InvalidArgumentError("Expected an integer from 1 to 1000.");
  }
  return slots;
}

function addFault(text: string, faults: readonly Fault[] = []): Fault[] {
  return [...faults, parseFault(text)];
}

await main().catch(reportError);
