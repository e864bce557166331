import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import pMap from "p-map";
import { EXHAUSTIVE } from "../support/exhaustive.ts";
import { replaceEnv } from "../support/replace-env.ts";
import { faultOfEachKind, rowsByFault, writeDocument } from "./document.ts";
import { type Fault, type Group, titleOf } from "./fault.ts";
import { FaultWorld, PREVIOUS_SLOT } from "./fault-world.ts";
import { type Fixtures, startFixtures } from "./fixtures.ts";
import { answers } from "./groups/answers.ts";
import { bodies } from "./groups/bodies.ts";
import { key } from "./groups/key.ts";
import { network } from "./groups/network.ts";
import { runs } from "./groups/runs.ts";
import { table } from "./groups/table.ts";
import { time } from "./groups/time.ts";
import { walk } from "./groups/walk.ts";
import { type Row, runFault } from "./run-fault.ts";
import { changeTimers, replaceTimers } from "./timers.ts";

const DOCUMENT = new URL("../../docs/faults.md", import.meta.url);

/** `npm test` injects one fault of every kind of outcome, and any fault that the document lacks; otherwise, all are injected. */
const GROUPS = [answers, network, bodies, key, table, walk, time, runs].map(selected);

function selected(group: Group): Group {
  if (EXHAUSTIVE || process.env["UPDATE_FAULTS"]) return group;
  const document = readFileSync(DOCUMENT, "utf8");
  const [documented, chosen] = [rowsByFault(document), faultOfEachKind(document)];
  const isSelected = (fault: Fault) => chosen.has(titleOf(fault)) || !documented.has(titleOf(fault));
  return { ...group, faults: group.faults.filter(isSelected) };
}

/** Most faults wait for time limits, not for the processor. */
const CONCURRENCY = 10;
/** No fault takes this long, even on a busy machine. */
const TIMEOUT_MS = 240_000;

/** What injecting the faults showed. */
export interface Matrix {
  readonly groups: readonly {
    readonly title: string;
    /** The rows of the document. `problem` is the assertion that failed. */
    readonly rows: readonly { readonly title: string; readonly problem?: string }[];
  }[];
  /** The names of the stack's alarms, and of those that fired. */
  readonly alarms: { readonly all: readonly string[]; readonly fired: readonly string[] };
  /** The text of docs/faults.md. */
  readonly document: string;
}

/** Injects the faults. Meanwhile, this process has other timers and random numbers. */
export async function runMatrix(): Promise<Matrix> {
  const restore = [replaceTimers(), replaceEnv({ ...process.env })];
  try {
    return await injectFaults();
  } finally {
    for (const one of restore) one();
  }
}

async function injectFaults(): Promise<Matrix> {
  const fixtures = await startFixtures();
  fixtures.previous = await takePreviousSlot(fixtures);
  const faults = GROUPS.flatMap((group) => group.faults);
  const rows = new Map<Fault, Row>();
  // Faults with different timers run one after the other: to know to which fault each timer belongs, Node.js would have to
  // track every promise, which takes more time than all waiting.
  const timersOf = ({ timers = {} }: Fault) => JSON.stringify(timers);
  for (const timers of new Set(faults.map(timersOf))) {
    changeTimers(JSON.parse(timers));
    const same = faults.filter((fault) => timersOf(fault) === timers);
    await pMap(same, async (fault) => rows.set(fault, await runInTime(fixtures, fault)), { concurrency: CONCURRENCY });
  }
  await fixtures.aws.close();

  const groups = GROUPS.map((group) => ({ group, rows: group.faults.map((fault) => rows.get(fault) as Row) }));
  return {
    groups: groups.map(({ group, rows }) => ({
      title: group.title,
      rows: rows.map(({ fault, problem }) => ({
        title: titleOf(fault),
        ...(problem !== undefined && { problem: problem instanceof Error ? String(problem.stack) : String(problem) }),
      })),
    })),
    alarms: {
      all: fixtures.deployment.alarms.names,
      fired: [...new Set([...rows.values()].flatMap(({ alarms }) => alarms))],
    },
    document: writeDocument(groups),
  };
}

/** Takes the 09:00 slot of every account. */
async function takePreviousSlot(fixtures: Fixtures): Promise<NonNullable<Fixtures["previous"]>> {
  const affected = fixtures.accounts.candidates.length;
  const world = await FaultWorld.make(fixtures, { start: "2026-11-23T09:00:01.000Z", affected });
  await world.deliver({ scheduledTime: PREVIOUS_SLOT });
  const previous = { items: await world.base.items(), data: world.data };
  await world.base.close();
  return previous;
}

async function runInTime(fixtures: Fixtures, fault: Fault): Promise<Row> {
  const ended = new AbortController();
  const late = sleep(TIMEOUT_MS, new Error("The run does not end"), { signal: ended.signal });
  const row = await Promise.race([runFault(fixtures, fault), late]).catch((thrown: Error) => thrown);
  ended.abort();
  await late.catch(() => {});
  if (!(row instanceof Error)) return row;
  const nothing = { summary: "", notes: [] };
  return { fault, run: nothing, reader: nothing, alarms: [], problem: row };
}
