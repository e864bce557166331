import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import pMap from "p-map";
import { visibleCells, writeDocument } from "./document.ts";
import { type Fault, titleOf } from "./fault.ts";
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
import { withTimers } from "./timers.ts";

const DOCUMENT = new URL("../../docs/faults.md", import.meta.url);
const GROUPS = [answers, network, bodies, key, table, walk, time, runs];
const FAULTS = GROUPS.flatMap(({ faults }) => faults);
/** Most faults wait for time limits, not for the processor. */
const CONCURRENCY = 10;
const MAX_CELL_LENGTH = 80;
/** No fault takes this long, even on a busy machine. */
const TIMEOUT_MS = 240_000;

let fixtures: Fixtures;
const rows = new Map<Fault, Row>();

beforeAll(async () => {
  fixtures = await startFixtures();
  const world = await FaultWorld.make(fixtures, {
    start: "2026-11-23T09:00:01.000Z",
    affected: fixtures.accounts.candidates.length,
  });
  await world.deliver({ scheduledTime: PREVIOUS_SLOT });
  fixtures.previous = { items: await world.items(), data: world.data };
  await world.close();
  // Those that wait for time limits start first: the others run meanwhile.
  const slowFirst = [...FAULTS].sort((a, b) => (b.timers?.speed ?? 1) - (a.timers?.speed ?? 1));
  await pMap(slowFirst, async (fault) => rows.set(fault, await runInTime(fault)), { concurrency: CONCURRENCY });
}, 900_000);
afterAll(() => fixtures.aws.close());

async function runInTime(fault: Fault): Promise<Row> {
  const ended = new AbortController();
  const late = sleep(TIMEOUT_MS, new Error("The run does not end"), { signal: ended.signal });
  const run = withTimers(fault.timers ?? {}, () => runFault(fixtures, fault));
  const row = await Promise.race([run, late]).catch((thrown: Error) => thrown);
  ended.abort();
  await late.catch(() => {});
  if (!(row instanceof Error)) return row;
  const nothing = { summary: "", notes: [] };
  return { fault, run: nothing, reader: nothing, alarms: [], problem: row };
}

function rowOf(fault: Fault): Row {
  const row = rows.get(fault);
  if (row === undefined) throw new Error("This fault was not run");
  return row;
}

describe.each(GROUPS)("$title", ({ faults }) => {
  it.each(faults.map((fault) => ({ title: titleOf(fault), fault })))("$title", ({ fault }) => {
    const { problem } = rowOf(fault);
    if (problem !== undefined) throw problem;
  });
});

describe("the faults", () => {
  it("have unique names", () => {
    const titles = FAULTS.map(titleOf);

    expect(new Set(titles).size).toBe(titles.length);
  });

  it("make every alarm of the stack fire", () => {
    const fired = new Set([...rows.values()].flatMap(({ alarms }) => alarms));

    expect([...fired].sort()).toEqual([...fixtures.deployment.alarms.names].sort());
  });
});

describe("docs/faults.md", () => {
  it("matches what was observed: if not, run `npm run faults`", () => {
    const written = writeDocument(GROUPS.map((group) => ({ group, rows: group.faults.map(rowOf) })));
    if (process.env["UPDATE_FAULTS"]) writeFileSync(DOCUMENT, written);

    expect(readFileSync(DOCUMENT, "utf8")).toBe(written);
    expect(visibleCells(written).filter(({ length }) => length > MAX_CELL_LENGTH)).toEqual([]);
  });
});
