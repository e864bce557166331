import { rmSync } from "node:fs";
import type { RunResult } from "../../core/domain/run-result.ts";
import { ENV } from "../../core/names/environment.ts";
import { type DeployedFunction as Synthesized, synthesizeFunction } from "../../demo/deployed-function.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { type Outcome, type RunningFunction, startFunction } from "../../local/stand-ins/lambda-function.ts";
import { sawOutput } from "./leak-watch.ts";
import type { World } from "./world/world.ts";

/** Longer than the default, so that no test depends on the minute of the hour in which it runs. */
const LATENESS_LIMIT = { [ENV.latenessLimitSeconds]: String(3 * 3600) };

/** Synthesized functions by configuration, for all suites in this process, because synthesizing takes seconds. */
const synthesized = new Map<string, Synthesized>();
let outdir: string | undefined;
process.once("exit", () => {
  if (outdir !== undefined) rmSync(outdir, { recursive: true });
});

/** The function of the synthesized stack. */
export interface DeployedFunction extends Pick<Synthesized, "environment" | "memoryMb" | "scheduledInput"> {
  /** Starts a new instance of the function. @param node the path of the Node to run it @param env variables that differ */
  start(
    node?: string,
    env?: Readonly<Record<string, string>>,
  ): Promise<RunningFunction & { readonly log: () => string }>;
}

/**
 * Synthesizes the stack, once for each configuration, and makes its function run in a world.
 * @param configuration the stack's configuration, as in cdk.json
 */
export async function deploy(
  world: World,
  configuration: Readonly<Record<string, unknown>> = {},
): Promise<DeployedFunction> {
  const { bundle, environment, memoryMb, scheduledInput } = synthesize(configuration);
  return {
    ...{ environment, memoryMb, scheduledInput },
    start: async (node, env) => {
      let log = "";
      const fn = await startFunction({
        ...{ bundle, memoryMb },
        env: { ...environment, ...world.env, ...LATENESS_LIMIT, ...env },
        ...(node !== undefined && { node }),
        onLog: (text) => {
          log += text;
          sawOutput(text);
        },
      });
      const invoke = async (event: unknown, remainingMs?: number): Promise<Outcome> => {
        const outcome = await fn.invoke(event, remainingMs);
        sawOutput(outcome);
        return outcome;
      };
      return { ...fn, invoke, log: () => log };
    },
  };
}

/** Returns the stack's function for the local table and secret, synthesized once for each configuration. */
export function synthesize(configuration: Readonly<Record<string, unknown>>): Synthesized {
  const key = JSON.stringify(configuration);
  const local = { tableName: LOCAL_TABLE, secretId: LOCAL_TABLE };
  const found = synthesized.get(key) ?? synthesizeFunction(configuration, local, outdir);
  synthesized.set(key, found);
  outdir = found.folder;
  return found;
}

/** Returns how many accounts have a snapshot after a run. The error of a run says how many have none. */
export function completeOf({ result, error }: Outcome): number {
  if (error === undefined) {
    const { complete, alreadyComplete } = (result as RunResult).accounts;
    return complete + alreadyComplete;
  }
  const [, failed, all] = /^(\d+) of (\d+) accounts/.exec(error.errorMessage) ?? [];
  return Number(all) - Number(failed);
}
