import type { Kill } from "./crash-gate.ts";
import { EFFORT } from "./crash-outside.ts";
import type { StartRun } from "./crash-run.ts";
import type { Scene } from "./crash-scene.ts";
import type { Step } from "./crash-step.ts";
import { type Trial, tryKills } from "./crash-trial.ts";

/** How often a kill is tried again that was not reached: of accounts side by side, how many steps there are is partly chance. */
const AGAIN = 5;

/** What is searched. */
export interface Search {
  /** A scene that no run of its slot has touched. */
  readonly prepare: () => Promise<Scene>;
  readonly start: StartRun;
  /**
   * Of kills that leave the same table, but for times and random ids, the slot is run again after one only: a run knows
   * nothing but the table and the API. Default: it is run again after each.
   */
  readonly eachTableOnce?: boolean;
}

/** What a search found. */
export interface Found {
  /** Of a run that comes to no harm. */
  readonly steps: readonly Step[];
  /** How many kills there were, in each way; and pairs of kills. */
  readonly kills: Readonly<Record<Kill["when"] | "pairs", number>>;
  /** What was wrong, and where the run was killed. */
  readonly problems: readonly string[];
}

/**
 * Kills a run at every step that it makes, in every way, and has the slot run again: see `tryKills`. Nobody says which steps
 * there are: the search goes on, step by step, until the run comes to its end before it.
 */
export async function searchCrashes({ prepare, start, eachTableOnce = false }: Search): Promise<Found> {
  const restarted = EFFORT === "pairs" || (EFFORT === "suite" && eachTableOnce) ? new Set<string>() : undefined;
  const kills = { before: 0, after: 0, late: 0, pairs: 0 };
  const problems: string[] = [];

  const attempt = async (earlier: readonly Kill[], kill: Kill, again = AGAIN): Promise<Trial> => {
    const all = [...earlier, kill];
    const trial = await tryKills(await prepare(), start, all, restarted);
    const where = all.map(({ step, when }, at) => `${when} step ${step} (${trial.runs[at]?.[step - 1]?.kind})`);
    const report = (problem: string) => problems.push(`killed ${where.join(", then ")}: ${problem}`);
    for (const problem of trial.problems) report(problem);
    if (trial.killed === all.length) kills[earlier.length === 0 ? kill.when : "pairs"]++;
    else if (trial.killed < earlier.length || kill.when !== "before") {
      if (again > 0) return attempt(earlier, kill, again - 1);
      report("it was not reached");
    }
    const isNews = trial.killed === 1 && !trial.known;
    if (EFFORT === "pairs" && earlier.length === 0 && isNews) await explore(all);
    return trial;
  };
  const explore = async (earlier: readonly Kill[]): Promise<readonly Step[]> => {
    for (let step = 1; ; step++) {
      const { runs, killed } = await attempt(earlier, { step, when: "before" });
      const run = runs[earlier.length] ?? [];
      if (killed <= earlier.length) return run;
      await attempt(earlier, { step, when: "after" });
      if (run[step - 1]?.writes !== undefined) await attempt(earlier, { step, when: "late" });
    }
  };
  return { steps: await explore([]), kills, problems };
}
