import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { EXHAUSTIVE } from "../support/exhaustive.ts";
import { type Ended, runBalances } from "../support/history-cli.ts";
import { newFolder } from "../support/new-folder.ts";
import { judgeSnapshots } from "./oracle/amounts.ts";
import { judgeAsOf, judgeLatest } from "./oracle/as-of.ts";
import { judgeGaps } from "./oracle/gaps.ts";
import { judgeNames, judgeShownNames } from "./oracle/names.ts";
import { judgePeriods, judgeStartsAndEnds } from "./oracle/periods.ts";
import { between, pick, randomOf } from "./oracle/random.ts";
import { judgeRuns } from "./oracle/runs.ts";
import { judgeSchedules } from "./oracle/schedules.ts";
import { readExport, type SeenSnapshot } from "./oracle/snapshots.ts";
import { judgeVerify } from "./oracle/verify.ts";
import type { SimulatedWorld } from "./world.ts";

/** For how many completions the commands are asked about the time just before. */
const COMPLETIONS = EXHAUSTIVE ? 6 : 2;

/**
 * Asks the commands what the job recorded, and returns what the oracle finds wrong with their answers. How the other commands
 * compute from that is tested on generated histories: test/integration/history-cli*.
 */
export class Questions {
  readonly #world: SimulatedWorld;
  readonly #home = newFolder();
  readonly #anchors = join(this.#home, "heads.jsonl");
  /** What the last export showed. */
  #snapshots: readonly SeenSnapshot[] = [];

  constructor(world: SimulatedWorld) {
    this.#world = world;
  }

  /** @param since the time of the last questions: runs are judged once, and most ranges start there */
  async ask(since: number): Promise<string[]> {
    const { facts, time } = this.#world;
    const { now } = time;
    const problems: string[] = [];
    const snapshots = readExport((await this.#run("export", "--format", "json")).stdout, problems);
    const before = this.#snapshots;
    this.#snapshots = snapshots;
    const runs = facts.runs.filter(({ from }) => from >= since);
    problems.push(
      ...judgeRuns(facts, runs),
      ...judgeSchedules(facts, runs),
      ...judgeSnapshots(facts, snapshots, before),
      ...judgePeriods(facts, snapshots),
      ...judgeStartsAndEnds(facts, runs),
      ...judgeNames(facts, runs),
      ...judgeGaps(facts, now, await this.#run("gaps")),
      ...judgeLatest(facts, snapshots, await this.#run("latest")),
      ...judgeVerify(facts, await this.#run("verify")),
      ...(await this.#askAboutHeads()),
      ...(await this.#askAboutTimes(snapshots, { from: since, to: now })),
    );
    return problems;
  }

  /** The heads that were kept at earlier questions must still be in the chains. */
  async #askAboutHeads(): Promise<string[]> {
    const kept = existsSync(this.#anchors)
      ? judgeVerify(this.#world.facts, await this.#run("verify", "--anchor", this.#anchors))
      : [];
    appendFileSync(this.#anchors, (await this.#run("verify", "--head", "--format", "json")).stdout);
    return kept;
  }

  async #askAboutTimes(snapshots: readonly SeenSnapshot[], range: { from: number; to: number }): Promise<string[]> {
    const { facts } = this.#world;
    const problems: string[] = [];
    const random = randomOf(facts.seed, "questions", range.to);
    const instant = (at: number) => new Date(at).toISOString();
    const anyTime = () => Math.floor(between(random, range.from, range.to));
    // At a completion the answer changes, so a wrong rule differs just before it.
    const completions = snapshots
      .map(({ completedAt }) => completedAt)
      .filter((at) => at >= range.from && at <= range.to);
    const before =
      completions.length === 0 ? [] : Array.from({ length: COMPLETIONS }, () => pick(random, completions) - 1);
    for (const at of [range.to, anyTime(), ...before]) {
      problems.push(...judgeShownNames(facts, at, await this.#world.namesAt(at)));
      problems.push(...judgeAsOf(facts, snapshots, at, await this.#run("as-of", "--at", instant(at))));
    }
    return problems;
  }

  #run(...args: string[]): Promise<Ended> {
    const { env, time } = this.#world;
    return runBalances([...args, "--table", LOCAL_TABLE], this.#home, env, time.now);
  }
}
