import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Found } from "./crash-search.ts";
import type { SearchName } from "./crash-searches.ts";

/**
 * How much is searched, from the environment. `suite`; `restarts`: the slot is run again after each and every kill, also
 * where a search finds one of the same kind enough; `pairs`: the run that follows a kill is killed at each of its steps, too.
 */
export const EFFORT = process.env["CRASH_SEARCH"] ?? "suite";
export const SEARCH_TIMEOUT_MS = EFFORT === "suite" ? 170_000 : 3 * 3_600_000;

const PROGRAM = fileURLToPath(new URL("./crash-searches.ts", import.meta.url));

/** Does searches in a process of their own: in jest's sandbox a run over 5,000 assets takes twice as long. */
export async function search(...names: readonly SearchName[]): Promise<Found[]> {
  const child = fork(PROGRAM, names, { execArgv: ["--import", import.meta.resolve("tsx")] });
  const died = once(child, "exit").then(([code]): never => {
    throw new Error(`The search ended with exit code ${code}`);
  });
  const [found] = await Promise.race([once(child, "message"), died]);
  child.disconnect();
  await died.catch(() => {});
  return found;
}
