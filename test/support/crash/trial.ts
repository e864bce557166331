import type { HistoryRecord } from "../../../core/domain/history-source.ts";
import { HistoryReader } from "../../../core/table/history-reader.ts";
import { Table } from "../../../core/table/table.ts";
import { tableOf } from "../../unit/table/embedded.ts";
import type { Item } from "../world/world.ts";
import { type Gate, type Kill, openGate, type Step } from "./gate.ts";
import { type Checkpoint, INVARIANTS, type View, whole } from "./invariants.ts";
import type { Run } from "./run.ts";
import type { Scene } from "./scene.ts";

/** How the runs of one slot went. */
export interface Trial {
  /** How many runs were killed. */
  readonly killed: number;
  /** The steps of each run. */
  readonly runs: readonly (readonly Step[])[];
  readonly problems: readonly string[];
}

/**
 * Kills the runs of one slot one after the other, completes another run, and then delivers delayed requests. Checks the
 * invariants after each of these, and every snapshot after each write to its account.
 * @param scene closed at the end
 * @param restarted the tables from which the slot has been run again; the function skips these and adds its own
 */
export async function tryKills(scene: Scene, run: Run, kills: readonly Kill[], restarted: Set<string>): Promise<Trial> {
  const gates: Gate[] = [];
  const checkpoints: Checkpoint[] = [];
  const problems: string[] = [];
  const starts: number[] = [];

  const recordsOf = async (accountId: string, reader: HistoryReader): Promise<HistoryRecord[]> => {
    const records: HistoryRecord[] = [];
    try {
      for await (const record of scene.history(accountId, reader)) records.push(record);
    } catch (thrown) {
      problems.push(`a reader fails: ${thrown}`);
    }
    return records;
  };
  const view = async (accountIds: readonly string[], reader: HistoryReader, run = gates.length - 1): Promise<View> => ({
    ...{ scene, run, startedAt: starts[run] ?? 0, before: checkpoints.at(-1) },
    records: new Map(await Promise.all(accountIds.map(async (id) => [id, await recordsOf(id, reader)] as const))),
  });
  /** @param run the run that made the latest changes. Default: the last run */
  const check = async (result: Checkpoint["result"], run?: number): Promise<Checkpoint> => {
    const items = await scene.items();
    // All readers read the same items, in memory because that is faster.
    const { client, name } = tableOf(items);
    const table = new Table(client, name);
    const seen = await view(scene.accountIds, new HistoryReader(table), run);
    const checkpoint = { ...seen, steps: gates.at(-1)?.steps ?? [], table, items, result };
    for (const invariant of INVARIANTS) problems.push(...(await invariant(checkpoint)));
    checkpoints.push(checkpoint);
    return checkpoint;
  };
  /** Runs the slot once. Returns whether the run was killed. */
  const runOnce = async (kill: Kill | undefined): Promise<boolean> => {
    const at = gates.length;
    scene.prepareRun(at);
    starts.push(Date.now());
    const gate = await openGate({
      forward: scene.forward,
      kill,
      onWritten: async ({ writes }) => {
        const accountId = scene.accountIds.find((id) => writes === id);
        // The writes of the first run are checked after its kill.
        if (accountId !== undefined && checkpoints.length > 0) {
          problems.push(...whole(await view([accountId], scene.reader, at)));
        }
      },
    });
    gates.push(gate);
    const outcome = await run(gate.url, { scheduledTime: scene.slot }).then(
      (result) => ({ result }),
      (thrown: unknown) => ({ thrown }),
    );
    await gate.settled();
    if (!gate.killed() && "thrown" in outcome) problems.push(`the run failed: ${outcome.thrown}`);
    await check(gate.killed() || "thrown" in outcome ? undefined : outcome.result);
    return gate.killed();
  };

  try {
    for (const kill of [...kills, undefined]) {
      if (!(await runOnce(kill))) break;
      if (gates.length < kills.length) continue;
      const delayed = kills.map(({ when }, at) => (when === "late" ? gates[at]?.steps.at(-1)?.kind : ""));
      const left = checkpoints.at(-1)?.items.filter((item) => !scene.initialItems.includes(item)) ?? [];
      const state = [...stateOf(left), ...delayed].join("\n");
      if (restarted.has(state)) break;
      restarted.add(state);
    }
    for (const [at, gate] of gates.entries()) if (await gate.deliverLate()) await check(undefined, at);
  } finally {
    await Promise.all([...gates.map((gate) => gate.close()), scene.close()]);
  }
  const killed = gates.filter((gate) => gate.killed()).length;
  return { killed, runs: gates.map(({ steps }) => steps), problems };
}

/** Returns the items as sorted texts without ids, instants and digests, which differ from run to run. */
function stateOf(items: readonly Item[]): string[] {
  return items.map((item) => JSON.stringify(item, (_, value) => withoutIds(value))).sort();
}

/** The balances of a large account are longer, contain no ids, and would take long to search. */
const MAX_SEARCHED_LENGTH = 1000;

function withoutIds(value: unknown): unknown {
  if (typeof value !== "string" || value.length > MAX_SEARCHED_LENGTH) return value;
  return value
    .replace(/[a-f0-9]{8}(-[a-f0-9]{4}){3}-[a-f0-9]{12}/g, "id")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "instant")
    .replace(/^[a-f0-9]{64}$/, "digest");
}
