import { beforeAll, expect, it } from "@jest/globals";
import { SEARCH_TIMEOUT_MS, search } from "../support/crash-outside.ts";
import type { Found } from "../support/crash-search.ts";

let sideBySide: Found;
let failure: Found;
beforeAll(async () => {
  [sideBySide, failure] = (await search("sideBySide", "failure")) as [Found, Found];
}, SEARCH_TIMEOUT_MS);

it("with 3 accounts of 3 pages side by side, too, snapshots are whole or absent, whatever step comes n-th", () => {
  const { steps, kills, problems } = sideBySide;

  expect(problems).toEqual([]);
  // Whether the n-th step is one that writes differs from run to run.
  expect(kills).toEqual({ before: steps.length, after: steps.length, late: expect.any(Number), pairs: kills.pairs });
  expect(kills.late).toBeGreaterThan(0);
});

it("the success of a run stays, though the failed attempt of one that was killed comes late", () => {
  const { steps, kills, problems } = failure;

  expect(problems).toEqual([]);
  const writes = steps.filter(({ writes }) => writes !== undefined).length;
  expect(kills).toEqual({ before: steps.length, after: steps.length, late: writes, pairs: kills.pairs });
  expect(steps.filter(({ kind }) => kind === "PutItem account_…")).toHaveLength(1);
});
