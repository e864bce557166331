/** `npm start`: the job as it is deployed, on an embedded table and a simulated API, and what one gets from it. */
import { parseArgs } from "node:util";
import { sum as addUp } from "../core/domain/amount.ts";
import { JobError } from "../core/domain/errors.ts";
import { type Fault, parseFault } from "../local/simulated-cdp/faults/fault.ts";
import { type DemoEnvironment, startDemoEnvironment } from "./environment.ts";
import { showHistory, showNextSteps } from "./output.ts";

/** In place of an hour. */
const PERIOD_MS = 2000;

const USAGE = `npm start -- [--slots N] [--fault SPEC]…
  --slots N     how many slots, one every ${PERIOD_MS / 1000} seconds; 5 by default
  --fault SPEC  how the simulated API misbehaves, for example
                kind=error,status=503,times=3   kind=error,status=429,times=9   kind=html,times=2
                kind=reset,times=4   kind=cut,after=100,announced=true,times=2   kind=error,status=404,times=1`;

const say = (text = "") => process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
  const { slots, faults } = readArguments();
  say("Coinbase's API tells what an account holds now. This job keeps what was held then.\n");
  say("Starting a simulated CDP API, a stand-in for Secrets Manager, and an embedded DynamoDB in .local/");
  const world = await startDemoEnvironment();
  try {
    for (const fault of faults) world.cdp.misbehave(fault);
    say(`Running the bundle that the stack deploys, for ${slots} slots, one every ${PERIOD_MS / 1000} seconds:\n`);
    const event = await runSlots(world, slots);
    world.cdp.behave();
    await runAgain(world, event);
    say();
    await showHistory(world.reader, say);
    showNextSteps(say);
  } finally {
    await world.close();
  }
}

/** @returns the last slot's event */
async function runSlots(world: DemoEnvironment, slots: number): Promise<unknown> {
  let event = {};
  for (let at = 0; at < slots; at++) {
    const scheduled = Math.ceil(Date.now() / PERIOD_MS) * PERIOD_MS;
    await new Promise((resolve) => setTimeout(resolve, scheduled - Date.now()));
    world.market.tick();
    event = { scheduledTime: new Date(scheduled).toISOString() };
    if (await run(world, event)) continue;
    say("  Lambda delivers an event that failed again, and so is done here:");
    if (!(await run(world, event))) process.exitCode = 1;
  }
  return event;
}

async function runAgain(world: DemoEnvironment, event: unknown): Promise<void> {
  const before = world.cdp.requests.length;
  say("\nThe last event delivered once more:");
  await run(world, event);
  const balanceReads = world.cdp.requests.slice(before).filter(({ path }) => path.endsWith("/balances")).length;
  say(`  ${balanceReads === 0 ? "no page of balances was read again" : `${balanceReads} pages of balances were read`}`);
}

/** @returns whether the slot is complete */
async function run(world: DemoEnvironment, event: unknown): Promise<boolean> {
  const startedAt = performance.now();
  const { report, error } = await world.invoke(event);
  const took = `${Math.round(performance.now() - startedAt)} ms`;
  if (error !== undefined) {
    say(`  ${took.padStart(7)}  FAILED ${error.errorType}: ${error.errorMessage.replaceAll("\n", "\n           ")}`);
    return false;
  }
  const { complete, alreadyComplete } = report.accounts;
  const sum = (of: "assets" | "pages") => report.snapshots.reduce((total, snapshot) => total + (snapshot[of] ?? 0), 0);
  const done = [
    ...(complete > 0 ? [`${complete} complete`] : []),
    ...(alreadyComplete > 0 ? [`${alreadyComplete} already complete`] : []),
  ].join(", ");
  const worth = addUp(report.snapshots.flatMap(({ totals }) => totals?.["usd"]?.total ?? []));
  say(
    `  ${took.padStart(7)}  slot ${report.slot}  accounts: ${done}; ${sum("assets")} assets on ${sum("pages")} pages, ${worth} usd`,
  );
  return true;
}

function readArguments(): { slots: number; faults: Fault[] } {
  try {
    const { values } = parseArgs({
      options: {
        slots: { type: "string", default: "5" },
        fault: { type: "string", multiple: true, default: [] },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      say(USAGE);
      process.exit();
    }
    const slots = Number(values.slots);
    if (!Number.isInteger(slots) || slots < 1 || slots > 1000) {
      throw new Error(`--slots: is "${values.slots}". Give a whole number from 1 to 1000.`);
    }
    return { slots, faults: values.fault.map((spec) => parseFault(spec)) };
  } catch (thrown) {
    process.stderr.write(`${(thrown as Error).message}\n\n${USAGE}\n`);
    process.exit(2);
  }
}

try {
  await main();
} catch (thrown) {
  if (!(thrown instanceof JobError)) throw thrown;
  process.stderr.write(`${thrown.message}\n`);
  process.exitCode = 1;
}
