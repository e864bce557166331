import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { MAX_RUN_MS } from "../../core/domain/limits.ts";

const HOST = fileURLToPath(new URL("./lambda-host.cjs", import.meta.url));

export type Outcome = (
  | { readonly result: unknown; readonly error?: undefined }
  | { readonly result?: undefined; readonly error: { errorType: string; errorMessage: string; code?: string } }
) & {
  /** The most memory that the process has had so far, in MB. */
  readonly peakMb: number;
  /** The CPU time of all threads during the invocation, in milliseconds. */
  readonly cpuMs: number;
};

/** One warm instance of a function that runs on this machine. */
export interface RunningFunction {
  /** The version of Node that runs the function, such as v24.1.0. */
  readonly nodeVersion: string;
  readonly process: ChildProcess;
  /** @param remainingMs the function's time limit. @throws Error if the process ends during the invocation */
  invoke(event: unknown, remainingMs?: number): Promise<Outcome>;
  stop(): Promise<void>;
}

export interface FunctionOptions {
  /** The path of the bundle. */
  readonly bundle: string;
  /** The function's whole environment. It inherits no variables from this process. */
  readonly env: Readonly<Record<string, string>>;
  /** The path of the Node binary. Default: the one that runs this process. */
  readonly node?: string;
  /** The memory of the function in MB. Default: no limit. */
  readonly memoryMb?: number;
  /** Receives what the function writes to stdout and stderr. */
  readonly onLog?: (text: string) => void;
}

export async function startFunction({
  bundle,
  env,
  node,
  memoryMb,
  onLog = () => {},
}: FunctionOptions): Promise<RunningFunction> {
  const child = fork(HOST, [bundle], {
    env: { ...env },
    execPath: node ?? process.execPath,
    // The heap gets nine tenths, as in Lambda. The caller compares `peakMb` with the whole.
    execArgv: memoryMb === undefined ? [] : [`--max-old-space-size=${Math.floor(memoryMb * 0.9)}`],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", onLog);
  const ended = once(child, "exit").then(([code, signal]): never => {
    throw new Error(`The function's process ended (${signal ?? `exit code ${code}`})`);
  });
  ended.catch(() => {});
  const nextMessage = async () => (await Promise.race([once(child, "message"), ended]))[0];
  const { ready } = await nextMessage();
  return {
    nodeVersion: ready,
    process: child,
    invoke: async (event, remainingMs = MAX_RUN_MS) => {
      const outcome = nextMessage();
      child.send({ event, remainingMs });
      return outcome;
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.disconnect();
      await ended.catch(() => {});
    },
  };
}
