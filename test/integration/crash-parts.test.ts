import { expect, it } from "@jest/globals";
import { SEARCH_TIMEOUT_MS, search } from "../support/crash-outside.ts";
import type { Found } from "../support/crash-search.ts";

it(
  "a snapshot of 5,000 assets, in parts, is whole or absent wherever the run is killed",
  async () => {
    const [{ steps, kills, problems }] = (await search("parts")) as [Found];

    expect(problems).toEqual([]);
    const kinds = steps.flatMap(({ kind, writes }) => (writes === undefined ? [] : [kind]));
    expect(kills).toEqual({ before: steps.length, after: steps.length, late: kinds.length, pairs: kills.pairs });
    expect(kinds.filter((kind) => kind === "PutItem account_…#parts").length).toBeGreaterThan(1);
    expect(kinds.filter((kind) => kind === "PutItem account_…")).toHaveLength(1);
    // The assets are known: describing them is searched with smaller accounts.
    expect(kinds).not.toContain("PutItem assets");
  },
  SEARCH_TIMEOUT_MS,
);
