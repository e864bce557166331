import { expect, it } from "@jest/globals";
import { SEARCH_TIMEOUT_MS, search } from "../support/crash-outside.ts";

it(
  "with 3 accounts of 3 pages side by side, too, whatever step comes n-th",
  async () => {
    const { steps, kills, problems } = await search("sideBySide");

    expect(problems).toEqual([]);
    // Whether the n-th step is one that writes differs from run to run.
    expect(kills).toEqual({
      before: steps.length,
      after: steps.length,
      late: expect.any(Number),
      pairs: expect.any(Number),
    });
    expect(kills.late).toBeGreaterThan(0);
  },
  SEARCH_TIMEOUT_MS,
);

it(
  "the success of a run stays, though the failed attempt of one that was killed comes late",
  async () => {
    const { steps, kills, problems } = await search("failure");

    expect(problems).toEqual([]);
    const writes = steps.filter(({ writes }) => writes !== undefined).length;
    expect(kills).toEqual({ before: steps.length, after: steps.length, late: writes, pairs: expect.any(Number) });
    expect(steps.filter(({ kind }) => kind === "PutItem account_…")).toHaveLength(1);
  },
  SEARCH_TIMEOUT_MS,
);
