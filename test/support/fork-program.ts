import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Longer than any program takes, even on a busy machine. */
const MAX_MS = 3_600_000;

/**
 * Runs a TypeScript module that changes globals, such as timers, in a process of its own, and returns the one message that
 * it sends to its parent. Throws if it ends without a message, or sends none for an hour.
 * @param module the URL of the module
 * @param args its arguments
 */
export async function forkProgram<T>(module: URL, args: readonly string[] = []): Promise<T> {
  const child = fork(fileURLToPath(module), args, { execArgv: ["--import", import.meta.resolve("tsx")] });
  const exited = once(child, "exit").then(([code, signal]): never => {
    throw new Error(`${module.pathname} ended with ${signal ?? `exit code ${code}`}`);
  });
  const timer = setTimeout(() => child.kill(), MAX_MS);
  try {
    const [message] = await Promise.race([once(child, "message"), exited]);
    child.disconnect();
    await exited.catch(() => {});
    return message;
  } finally {
    clearTimeout(timer);
  }
}
