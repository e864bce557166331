import type { HistoryRecord } from "../../core/domain/history.ts";
import { type Gate, type Kill, openGate } from "./crash-gate.ts";
import { INVARIANTS, type Moment, type Sight, whole } from "./crash-invariants.ts";
import type { StartRun } from "./crash-run.ts";
import type { Item, Scene } from "./crash-scene.ts";
import type { Step } from "./crash-step.ts";

/** What became of a slot whose runs were killed. */
export interface Trial {
  /** How many runs were killed. */
  readonly killed: number;
  /** The table was as after other kills, and the slot was not run again from it once more. */
  readonly known: boolean;
  /** The steps of each run. */
  readonly runs: readonly (readonly Step[])[];
  /** After each run, and after each late request. */
  readonly moments: readonly Moment[];
  readonly problems: readonly string[];
}

/**
 * Has runs of one slot killed, one after the other, and another one come to its end; then what was late is carried out. What
 * a reader sees is held against the invariants after each of these, and every snapshot after each write to its account.
 * @param scene is closed in the end
 * @param restarted the tables from which the slot was run again before: this one joins them, or is not run again from
 */
export async function tryKills(
  scene: Scene,
  start: StartRun,
  kills: readonly Kill[],
  restarted?: Set<string>,
): Promise<Trial> {
  const gates: Gate[] = [];
  const moments: Moment[] = [];
  const problems: string[] = [];
  const starts: number[] = [];
  let known = false;

  const recordsOf = async (accountId: string): Promise<HistoryRecord[]> => {
    const records: HistoryRecord[] = [];
    try {
      for await (const record of scene.history(accountId)) records.push(record);
    } catch (thrown) {
      problems.push(`a reader fails: ${thrown}`);
    }
    return records;
  };
  const see = async (accountIds: readonly string[], run = gates.length - 1): Promise<Sight> => ({
    ...{ scene, run, startedAt: starts[run] ?? 0, before: moments.at(-1) },
    records: new Map(await Promise.all(accountIds.map(async (id) => [id, await recordsOf(id)] as const))),
  });
  /** @param run whose doing it is: of a late request, that of the run that sent it */
  const look = async (report: Moment["report"], run?: number): Promise<Moment> => {
    const written = gates.flatMap(({ steps }) => steps.flatMap(({ writes }) => writes ?? []));
    const items = await scene.items(written);
    const moment = { ...(await see(scene.accountIds, run)), steps: gates.at(-1)?.steps ?? [], items, report };
    for (const invariant of INVARIANTS) problems.push(...(await invariant(moment)));
    moments.push(moment);
    return moment;
  };
  /** A run as far as it comes. @returns whether it was killed */
  const run = async (kill: Kill | undefined): Promise<boolean> => {
    const at = gates.length;
    scene.show(at);
    starts.push(Date.now());
    let end: (() => void) | undefined;
    const gate = await openGate({
      forward: scene.forward,
      kill,
      onKill: () => end?.(),
      onWritten: async ({ writes }) => {
        const accountId = scene.accountIds.find((id) => writes?.partition === id);
        // What the first run writes is looked at after the kills.
        if (accountId !== undefined && moments.length > 0) problems.push(...whole(await see([accountId], at)));
      },
    });
    gates.push(gate);
    const started = await start(gate.url, { scheduledTime: scene.slot });
    end = started.kill;
    const outcome = await started.ended.then(
      (report) => ({ report }),
      (thrown: unknown) => ({ thrown }),
    );
    await gate.settled();
    if (!gate.killed() && "thrown" in outcome) problems.push(`the run failed: ${outcome.thrown}`);
    await look(gate.killed() || "thrown" in outcome ? undefined : outcome.report);
    return gate.killed();
  };

  try {
    for (const kill of [...kills, undefined]) {
      if (!(await run(kill))) break;
      if (gates.length < kills.length || restarted === undefined) continue;
      const onItsWay = kills.map(({ when }, at) => (when === "late" ? gates[at]?.steps.at(-1)?.kind : ""));
      const left = moments.at(-1)?.items.filter((item) => !scene.atFirst.includes(item)) ?? [];
      const state = [...stateOf(left), ...onItsWay].join("\n");
      known = restarted.has(state);
      if (known) break;
      restarted.add(state);
    }
    for (const [run, gate] of gates.entries()) if (await gate.deliverLate()) await look(undefined, run);
  } finally {
    await Promise.all([...gates.map((gate) => gate.close()), scene.close()]);
  }
  const killed = gates.filter((gate) => gate.killed()).length;
  return { killed, known, runs: gates.map(({ steps }) => steps), moments, problems };
}

/** The items as text, but for what is drawn or measured anew each time: ids, instants, digests. In one order. */
export function stateOf(items: readonly Item[]): string[] {
  const texts = items.map((item) =>
    JSON.stringify(item)
      .replace(/[a-f0-9]{8}(-[a-f0-9]{4}){3}-[a-f0-9]{12}/g, "id")
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "instant")
      .replace(/"[a-f0-9]{64}"/g, "digest"),
  );
  return texts.sort();
}
