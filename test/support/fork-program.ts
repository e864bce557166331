import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/**
 * Runs a TypeScript module outside jest's sandbox, where it takes half of the time, and returns the one message that it
 * sends to its parent. Throws if it ends without a message.
 * @param module the URL of the module
 * @param args its arguments
 */
export async function forkProgram<T>(module: URL, args: readonly string[] = []): Promise<T> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = fork(fileURLToPath(module), args, { execArgv: ["--import", import.meta.resolve("tsx")], env });
  const exited = once(child, "exit").then(([code]): never => {
    throw new Error(`${module.pathname} ended with exit code ${code}`);
  });
  const [message] = await Promise.race([once(child, "message"), exited]);
  child.disconnect();
  await exited.catch(() => {});
  return message;
}
