import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import pMap from "p-map";
import { writeDocument } from "./document.ts";
import { examine, type Row } from "./examine.ts";
import { type Fault, nameOf } from "./fault.ts";
import { answers } from "./groups/answers.ts";
import { bodies } from "./groups/bodies.ts";
import { key } from "./groups/key.ts";
import { network } from "./groups/network.ts";
import { runs } from "./groups/runs.ts";
import { table } from "./groups/table.ts";
import { time } from "./groups/time.ts";
import { walk } from "./groups/walk.ts";
import { type Lab, startLab } from "./lab.ts";
import { type Pace, setPace, USUAL_PACE } from "./timers.ts";
import { PAST, World } from "./world.ts";

const DOCUMENT = new URL("../../docs/faults.md", import.meta.url);
const GROUPS = [answers, network, bodies, key, table, walk, time, runs];
const FAULTS = GROUPS.flatMap(({ faults }) => faults);
const AT_ONCE = 6;
/** No fault takes as long here, whatever else the machine does. */
const LONGEST_MS = 180_000;

let lab: Lab;
const rows = new Map<Fault, Row>();

beforeAll(async () => {
  lab = await startLab();
  const world = await World.make(lab, { start: "2026-11-23T09:00:01.000Z", struck: lab.accounts.toBeStruck.length });
  await world.deliver({ scheduledTime: PAST });
  lab.past = { items: await world.items(), data: world.data };
  await world.close();
  for (const [pace, faults] of byPace()) {
    setPace(pace);
    await pMap(faults, async (fault) => rows.set(fault, await examineInTime(fault)), { concurrency: AT_ONCE });
  }
}, 400_000);
afterAll(() => lab.close());

/** Faults for which time goes alike, together. */
function byPace(): [Pace, Fault[]][] {
  const found = new Map<string, [Pace, Fault[]]>();
  for (const fault of FAULTS) {
    const pace = { ...USUAL_PACE, ...fault.pace };
    const [, alike] = found.get(JSON.stringify(pace)) ?? [pace, []];
    found.set(JSON.stringify(pace), [pace, [...alike, fault]]);
  }
  return [...found.values()];
}

async function examineInTime(fault: Fault): Promise<Row> {
  const ended = new AbortController();
  const late = sleep(LONGEST_MS, new Error("The run does not end"), { signal: ended.signal });
  const problem = await Promise.race([examine(lab, fault), late]).catch((thrown: Error) => thrown);
  ended.abort();
  await late.catch(() => {});
  return problem instanceof Error ? { fault, runs: "", sights: "", alarms: [], problem } : problem;
}

function rowOf(fault: Fault): Row {
  const row = rows.get(fault);
  if (row === undefined) throw new Error("It was not examined");
  return row;
}

describe.each(GROUPS)("$title", ({ faults }) => {
  it.each(faults.map((fault) => ({ name: nameOf(fault), fault })))("$name", ({ fault }) => {
    const { problem } = rowOf(fault);
    if (problem !== undefined) throw problem;
  });
});

describe("the faults", () => {
  it("have each a name of its own, and every alarm of the stack goes off for some", () => {
    const names = FAULTS.map(nameOf);

    expect(new Set(names).size).toBe(names.length);
    expect([...new Set([...rows.values()].flatMap(({ alarms }) => alarms))].sort()).toEqual(
      [...lab.deployment.alarms.names].sort(),
    );
  });

  it("are told in docs/faults.md as they were observed (npm run faults)", () => {
    const written = writeDocument(GROUPS.map((group) => ({ group, rows: group.faults.map(rowOf) })));
    if (process.env["UPDATE_FAULTS"]) writeFileSync(DOCUMENT, written);

    expect(readFileSync(DOCUMENT, "utf8")).toBe(written);
  });
});
