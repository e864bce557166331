import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunResult } from "../../core/domain/run-result.ts";
import { ENV } from "../../core/names/environment.ts";
import { functionIn, type DeployedFunction as Synthesized, synthesizeFunction } from "../../demo/deployed-function.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { type Outcome, type RunningFunction, startFunction } from "../../local/stand-ins/lambda-function.ts";
import { createStack } from "../infra/create-stack.ts";
import { sawOutput } from "./leak-watch.ts";
import { newFolder } from "./new-folder.ts";
import type { World } from "./world/world.ts";

/** Longer than the default, so that no test depends on the minute of the hour in which it runs. */
const LATENESS_LIMIT = { [ENV.latenessLimitSeconds]: String(3 * 3600) };

/** What all processes of a test run share, and the search for leaks removes. */
const SHARED = join(process.env["LEAK_WATCH"] ?? newFolder(), "deployed");

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

/**
 * Returns the stack's function for the local table and secret. Because synthesizing takes seconds, one process does it for
 * each configuration, and the others wait.
 */
export function synthesize(configuration: Readonly<Record<string, unknown>>): Synthesized {
  const isDefault = Object.keys(configuration).length === 0;
  const bundled = isDefault ? undefined : synthesize({});
  const digest = createHash("sha256").update(JSON.stringify(configuration)).digest("hex");
  const file = join(SHARED, `${digest}.json`);
  mkdirSync(SHARED, { recursive: true });
  lock();
  try {
    if (!existsSync(file)) {
      const outdir = join(SHARED, digest);
      const made = bundled === undefined ? synthesizeFunction({}, LOCAL, outdir) : unbundled(configuration, outdir);
      writeFileSync(file, JSON.stringify({ ...made, ...(bundled && { bundle: bundled.bundle }) }));
    }
    return JSON.parse(readFileSync(file, "utf8"));
  } finally {
    rmdirSync(LOCK);
  }
}

/** Synthesizes a stack without the bundle, which takes seconds and does not depend on the configuration. */
function unbundled(configuration: Readonly<Record<string, unknown>>, outdir: string): Synthesized {
  const { app, stack } = createStack({ balanceSnapshots: configuration }, outdir);
  app.synth();
  return functionIn(outdir, stack.templateFile, LOCAL);
}

const LOCAL = { tableName: LOCAL_TABLE, secretId: LOCAL_TABLE };

const LOCK = join(SHARED, "lock");
const LOCK_PAUSE_MS = 50;
/** No synthesis takes this long, even on a busy machine. */
const MAX_LOCK_MS = 300_000;

/** Waits synchronously, as CDK works. */
function lock(): void {
  for (let waitedMs = 0; ; waitedMs += LOCK_PAUSE_MS) {
    try {
      mkdirSync(LOCK);
      return;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== "EEXIST" || waitedMs > MAX_LOCK_MS) throw thrown;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_PAUSE_MS);
  }
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
