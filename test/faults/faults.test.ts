import { readFileSync, writeFileSync } from "node:fs";
import { forkProgram } from "../support/fork-program.ts";
import { describe, expect, it } from "../support/jest.ts";
import { visibleCells } from "./document.ts";
import type { Matrix } from "./matrix.ts";

const DOCUMENT = new URL("../../docs/faults.md", import.meta.url);
const MAX_CELL_LENGTH = 80;

// Not in a hook, because the titles of the tests come from the program.
const { groups, alarms, document } = await forkProgram<Matrix>(new URL("matrix.ts", import.meta.url));

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

    expect(readFileSync(DOCUMENT, "utf8")).toBe(document);
    expect(visibleCells(document).filter(({ length }) => length > MAX_CELL_LENGTH)).toEqual([]);
  });
});
