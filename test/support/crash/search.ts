import type { Kill, Step } from "./gate.ts";
import type { Run } from "./run.ts";
import type { Scene } from "./scene.ts";
import { type Trial, tryKills } from "./trial.ts";

/** With concurrent accounts, the number of steps is partly chance: a kill that was not reached is tried again. */
const MAX_RETRIES = 5;

export interface Search {
  /** Returns a scene that no run of its slot has changed. */
  readonly prepare: () => Promise<Scene>;
  readonly run: Run;
  /** The kinds of steps at which runs are killed. Default: all. */
  readonly at?: RegExp | undefined;
  /** `undefined`: kills once per write. Otherwise kills in every way, then in pairs for this many milliseconds. */
  readonly pairsMs: number | undefined;
}

export interface SearchResult {
  /** The steps of an undisturbed run of the kinds at which runs are killed. */
  readonly steps: readonly Step[];
  /** How many kills of each kind were tried, and how many pairs of kills. */
  readonly kills: Readonly<Record<Kill["when"] | "pairs", number>>;
  /** Each broken invariant, and where the run was killed. */
  readonly problems: readonly string[];
}

/**
 * Kills a run at every step, or at some, and runs the slot again, see `tryKills`. A run knows only the table and the API: if two kills
 * leave the same table, except for times and random ids, the slot is run again only once.
 */
export async function searchCrashes({ prepare, run, at = /^/, pairsMs }: Search): Promise<SearchResult> {
  const restarted = new Set<string>();
  const kills = { before: 0, after: 0, late: 0, pairs: 0 };
  const problems: string[] = [];

  const attempt = async (planned: readonly Kill[], retries = MAX_RETRIES): Promise<Trial> => {
    const trial = await tryKills(await prepare(), run, planned, restarted);
    const where = planned.map(({ step, when }, run) => `${when} step ${step} (${trial.runs[run]?.[step - 1]?.kind})`);
    problems.push(...trial.problems.map((problem) => `killed ${where.join(", then ")}: ${problem}`));
    const [first, second] = planned;
    if (trial.killed === planned.length) {
      if (first !== undefined) kills[second === undefined ? first.when : "pairs"]++;
    } else if (retries > 0) return attempt(planned, retries - 1);
    else if (second === undefined) problems.push(`${where[0]} was not reached`);
    return trial;
  };
  const isChosen = ({ kind }: Step) => at.test(kind);
  const killsOf = (steps: readonly Step[] = []): Kill[] => {
    const lastWrite = steps.findLastIndex((step) => step.writes !== undefined && isChosen(step));
    return steps.flatMap((step, index) => {
      if (!isChosen(step)) return [];
      const isWrite = step.writes !== undefined;
      const all: Kill["when"][] = isWrite ? ["before", "after", "late"] : ["before", "after"];
      // Only a write changes what the next run finds, and while a write is late, the next run finds the table as after the previous
      // one. So a quick search kills at no read, and after the last write only.
      const once: Kill["when"][] = !isWrite ? [] : index === lastWrite ? ["late", "after"] : ["late"];
      return (pairsMs === undefined ? once : all).map((when) => ({ step: index + 1, when }));
    });
  };

  const undisturbed = await attempt([]);
  const steps = undisturbed.runs[0] ?? [];
  const pairs: Kill[][] = [];
  for (const kill of killsOf(steps)) {
    const { runs } = await attempt([kill]);
    pairs.push(...killsOf(runs[1]).map((second) => [kill, second]));
  }
  for (const end = Date.now() + (pairsMs ?? 0); pairs.length > 0 && Date.now() < end; )
    await attempt(pairs.shift() ?? []);
  return { steps: steps.filter(isChosen), kills, problems };
}
