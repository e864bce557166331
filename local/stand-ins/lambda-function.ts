import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const HOST = fileURLToPath(new URL("./lambda-host.cjs", import.meta.url));
const FIFTEEN_MINUTES_MS = 900_000;

/** What an invocation ended in. */
export type Outcome =
  | { readonly result: unknown; readonly error?: undefined }
  | { readonly result?: undefined; readonly error: { errorType: string; errorMessage: string; code?: string } };

/** A deployed function that runs here: one instance, which stays warm. */
export interface RunningFunction {
  /** The version of the Node that runs it. */
  readonly nodeVersion: string;
  readonly process: ChildProcess;
  /** @param remainingMs the function's time limit. @throws Error if the process dies under it */
  invoke(event: unknown, remainingMs?: number): Promise<Outcome>;
  stop(): Promise<void>;
}

export interface FunctionOptions {
  /** Path of the bundle. */
  readonly bundle: string;
  /** All of the function's environment: nothing is handed on from here. */
  readonly env: Readonly<Record<string, string>>;
  /** Path of the Node to run it. Default: this one. */
  readonly node?: string;
  /** What the function writes to its log. */
  readonly onLog?: (text: string) => void;
}

/** Starts the function in a process of its own. */
export async function startFunction({
  bundle,
  env,
  node,
  onLog = () => {},
}: FunctionOptions): Promise<RunningFunction> {
  const child = fork(HOST, [bundle], {
    env: { ...env },
    execPath: node ?? process.execPath,
    execArgv: [],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", onLog);
  const died = once(child, "exit").then(([code, signal]): never => {
    throw new Error(`The function's process ended (${signal ?? `exit code ${code}`})`);
  });
  died.catch(() => {});
  const message = async () => (await Promise.race([once(child, "message"), died]))[0];
  const { ready } = await message();
  return {
    nodeVersion: ready,
    process: child,
    invoke: async (event, remainingMs = FIFTEEN_MINUTES_MS) => {
      const answered = message();
      child.send({ event, remainingMs });
      return answered;
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.disconnect();
      await died.catch(() => {});
    },
  };
}
