import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { EXHAUSTIVE } from "../support/exhaustive.ts";
import { type Ended, runBalances } from "../support/history-cli.ts";
import { newFolder } from "../support/new-folder.ts";
import { judgeAccountList } from "./oracle/accounts.ts";
import { judgeSnapshots } from "./oracle/amounts.ts";
import { judgeAsOf, judgeLatest } from "./oracle/as-of.ts";
import { judgeChart } from "./oracle/chart.ts";
import { daysOf } from "./oracle/days.ts";
import { judgeCoverage, judgeGaps } from "./oracle/gaps.ts";
import { judgeNames, judgeShownNames } from "./oracle/names.ts";
import { judgePeriods, judgeStartsAndEnds } from "./oracle/periods.ts";
import { between, pick, randomOf } from "./oracle/random.ts";
import { judgeChanges, judgeHistory, judgeTotals } from "./oracle/ranges.ts";
import { judgeReport } from "./oracle/report.ts";
import { judgeRuns } from "./oracle/runs.ts";
import { judgeSchedules } from "./oracle/schedules.ts";
import { readExport, type SeenSnapshot } from "./oracle/snapshots.ts";
import { judgeVerify } from "./oracle/verify.ts";
import type { SimulatedWorld } from "./world.ts";

/** The time zone of the questions. Its clocks change in the year. */
const TIMEZONE = "Europe/Berlin";

/** For how many completions the commands are asked about the time just before. */
const COMPLETIONS = EXHAUSTIVE ? 6 : 2;

/** Asks the commands, and returns what the oracle finds wrong with their answers. */
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
      ...judgeCoverage(facts, now, await this.#run("gaps", "--coverage")),
      ...judgeAccountList(facts, snapshots, now, await this.#run("accounts")),
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
    const [from = 0, to = 0] = [anyTime(), anyTime()].sort((a, b) => a - b);
    const inRange = ["--from", instant(from), "--to", instant(to)];
    problems.push(
      ...judgeHistory(snapshots, "btc", { from, to }, await this.#run("history", "--asset", "btc", ...inRange)),
      ...judgeChanges(facts, snapshots, { from, to }, await this.#run("changes", ...inRange)),
    );
    const days = daysOf(TIMEZONE, range.from, range.to);
    const [first, last] = [days[0], days.at(-1)];
    if (first === undefined || last === undefined) return problems;
    const inDays = ["--from", first.date, "--to", last.date, "--timezone", TIMEZONE];
    const utcDays = daysOf("UTC", range.from, range.to);
    const charted = { from: utcDays[0]?.from ?? range.from, to: utcDays.at(-1)?.to ?? range.to };
    const inUtcDays = ["--from", instant(charted.from), "--to", instant(charted.to), "--timezone", "UTC"];
    const report = await this.#run("report", ...inDays, "--every", "1d", "--out", "-");
    return [
      ...problems,
      ...judgeTotals(facts, snapshots, days, await this.#run("totals", ...inDays)),
      ...judgeReport(facts, snapshots, days, range.to, report),
      ...judgeChart(facts, snapshots, "btc", charted, await this.#run("chart", "--asset", "btc", ...inUtcDays)),
    ];
  }

  #run(...args: string[]): Promise<Ended> {
    const { env, time } = this.#world;
    return runBalances([...args, "--table", LOCAL_TABLE], this.#home, env, time.now);
  }
}
