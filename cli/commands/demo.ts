import { Command, InvalidArgumentError } from "commander";
import { parseFault } from "../../demo/parse-fault.ts";
import { DEMO_INTERVAL_MS, type DemoOptions, runDemo } from "../../demo/run-demo.ts";
import type { Fault } from "../../local/simulated-cdp/faults/fault.ts";
import { withDataOption } from "../shared/table-option.ts";

const FAULTS = `
Faults, each with an optional part of the path and the number of requests that it affects:
  kind=error,status=503,times=3                   three requests fail with HTTP 503
  kind=error,status=429,times=9                   nine requests exceed the rate limit
  kind=html,times=2                               two responses are a proxy's HTML page
  kind=reset,times=4                              four connections are reset
  kind=cut,after=100,times=2                      two responses end after 100 bytes
  kind=error,status=404,path=/balances,times=1    one account is not found, so its first run fails`;

/** Creates `demo`, which runs the deployed function on this machine. `npm start` is this command. */
export function demoCommand(runProgram: DemoOptions["runProgram"]): Command {
  const seconds = DEMO_INTERVAL_MS / 1000;
  const command = new Command("demo")
    .option("--slots <n>", `number of slots, from 1 to 1000; one every ${seconds} seconds`, parseSlots, 3)
    .option("--fault <spec...>", "make the simulated API fail; can be given more than once", addFault)
    .addHelpText("after", FAULTS)
    .action(({ data, slots, fault: faults = [] }: { data?: string; slots: number; fault?: Fault[] }) =>
      runDemo({ data, slots, faults, runProgram }),
    );
  return withDataOption(command);
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
