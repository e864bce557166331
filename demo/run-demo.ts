import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { commandWords, demoWords } from "../cli/shared/npm-run.ts";
import { shellWord } from "../cli/shared/shell-word.ts";
import { sum as addUp } from "../core/domain/amount.ts";
import type { RunResult } from "../core/domain/run-result.ts";
import { closeAfter } from "../local/close-after.ts";
import { dataFolder, defaultDataFolder, demoTransfersIn } from "../local/data-folder.ts";
import { LOCAL_TABLE } from "../local/dynamodb/embedded-dynamodb.ts";
import type { Fault } from "../local/simulated-cdp/faults/fault.ts";
import { type DemoEnvironment, startDemoEnvironment } from "./environment.ts";
import { describeFailures } from "./failed-requests.ts";

/** The demo's interval between slots. In a deployed stack it is usually an hour. */
export const DEMO_INTERVAL_MS = 2000;

export interface DemoOptions {
  /** The folder of the data. Default: the data folder of all commands. */
  readonly data?: string | undefined;
  /** How many slots to run. */
  readonly slots: number;
  readonly faults: readonly Fault[];
  /** Runs a command line on the demo's table. */
  readonly runProgram: (args: readonly string[]) => Promise<void>;
}

/** Continues the line of a run below its slot. */
const INDENT = `\n${" ".repeat(11)}`;

const say = (text = "") => process.stdout.write(`${text}\n`);

/** Runs the deployed bundle for a few slots against a simulated CDP API, and shows the result. */
export async function runDemo({ data, slots, faults, runProgram }: DemoOptions): Promise<void> {
  const folder = dataFolder(data);
  say("CDP reports current balances but keeps no history. This project records it.\n");
  say(`Starting a simulated CDP API, a stand-in for Secrets Manager, and an embedded DynamoDB in ${folder}`);
  const environment = await startDemoEnvironment(folder, () =>
    say("Loading an example history: hourly snapshots of two weeks, from 2026-10-25"),
  );
  await closeAfter(async () => {
    for (const fault of faults) environment.cdp.addFault(fault);
    const duration = slots === 1 ? "one slot" : `${slots} slots, one every ${DEMO_INTERVAL_MS / 1000} seconds`;
    say(`Running the bundle that the stack deploys for ${duration}:\n`);
    const lastEvent = await runSlots(environment, slots);
    environment.cdp.clearFaults();
    await repeat(environment, lastEvent);
    await showHistory(runProgram, folder);
    showNextSteps(folder);
  }, environment.close);
}

/** @returns the last slot's event */
async function runSlots(environment: DemoEnvironment, slots: number): Promise<unknown> {
  let event = {};
  for (let count = 0; count < slots; count++) {
    const scheduled = Math.ceil(Date.now() / DEMO_INTERVAL_MS) * DEMO_INTERVAL_MS;
    await new Promise((resolve) => setTimeout(resolve, scheduled - Date.now()));
    environment.market.tick(scheduled);
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
async function showHistory(runProgram: DemoOptions["runProgram"], folder: string): Promise<void> {
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
  return `${commandWords(args.map(shellWord).join(" "))}${dataOption(folder)}`;
}

/** Returns the option that selects the folder, with a space before it; nothing for the default folder. */
function dataOption(folder: string): string {
  return folder === defaultDataFolder() ? "" : ` --data ${shellWord(folder)}`;
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
      "Why did the balances change in that week?",
      balances(
        ...["reconcile", "--from", "2026-10-26", "--to", "2026-11-01", "--by", "asset"],
        ...["--transfers", demoTransfersIn(folder)],
      ),
    ],
    [
      "Is any hour missing in October? And in the first week of November?",
      balances("gaps", "--from", "2026-10-25", "--to", "2026-10-31"),
      balances("gaps", "--from", "2026-11-01", "--to", "2026-11-07"),
    ],
    ["Was anything altered?", balances("verify", "--format", "table")],
    ["What happens in an outage?", demoWords(` --fault kind=error,status=503,times=3${dataOption(folder)}`)],
    [
      `Record your own accounts without AWS${isDefault ? `; first delete ${folder}` : ""}`,
      commandWords("snapshot --key-file cdp_api_key.json --all"),
    ],
    ["Record every hour in your AWS account: see README.md"],
  ] as const;
  say(`\nOpen the report in a browser: ${pathToFileURL(reportIn(folder))}`);
  say(`The snapshots are in ${folder}, with the function's log, function.log. The next demo adds to them.`);
  say("\nWhat to try next:");
  for (const [question, ...commands] of nextSteps) say(["", `# ${question}`, ...commands].join("\n  "));
}
