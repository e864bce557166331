import { readFileSync, writeFileSync } from "node:fs";
import { EXHAUSTIVE } from "../support/exhaustive.ts";
import { describe, expect, it } from "../support/jest.ts";
import { rowsByFault, visibleCells } from "./document.ts";
import { runMatrix } from "./matrix.ts";

const DOCUMENT = new URL("../../docs/faults.md", import.meta.url);
const MAX_CELL_LENGTH = 80;

// Not in a hook, because the titles of the tests come from the matrix.
const { groups, alarms, document } = await runMatrix();

describe.each(groups)("$title", ({ rows }) => {
  it.each(rows)("$title", ({ problem }) => {
    if (problem !== undefined) throw new Error(problem);
  });
});

describe("the faults", () => {
  it("have unique names", () => {
    const titles = groups.flatMap(({ rows }) => rows.map(({ title }) => title));

    expect(new Set(titles).size).toBe(titles.length);
  });

  it("make every alarm of the stack fire", () => {
    expect([...alarms.fired].sort()).toEqual([...alarms.all].sort());
  });
});

describe("docs/faults.md", () => {
  it("matches what was observed: if not, run `npm run faults`", () => {
    if (process.env["UPDATE_FAULTS"]) writeFileSync(DOCUMENT, document);

    const documented = readFileSync(DOCUMENT, "utf8");
    if (EXHAUSTIVE || process.env["UPDATE_FAULTS"]) expect(documented).toBe(document);
    const [all, observed] = [rowsByFault(documented), rowsByFault(document)];
    expect(observed.size).toBe(groups.flatMap(({ rows }) => rows).length);
    for (const [fault, cells] of observed) expect([fault, all.get(fault)]).toEqual([fault, cells]);
    expect(visibleCells(documented).filter(({ length }) => length > MAX_CELL_LENGTH)).toEqual([]);
  });
});
