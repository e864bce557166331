import type { SearchResult } from "../support/crash/search.ts";
import { searchNames } from "../support/crash/search-names.ts";
import type { SearchResults } from "../support/crash/searches.ts";
import { EXHAUSTIVE } from "../support/exhaustive.ts";
import { forkProgram } from "../support/fork-program.ts";
import { beforeAll, describe, expect, it } from "../support/jest.ts";

const PROGRAM = new URL("../support/crash/searches.ts", import.meta.url);
const TIMEOUT_MS = (EXHAUSTIVE ? 30 : 15) * 60_000;

let results: SearchResults;

beforeAll(async () => {
  results = await forkProgram(PROGRAM);
}, TIMEOUT_MS);

const writesOf = ({ steps }: SearchResult) => steps.flatMap(({ kind, writes }) => (writes === undefined ? [] : [kind]));

describe("a run that is killed at any step", () => {
  it.each(searchNames)("leaves whole snapshots only, and the next run completes the slot (%s)", (name) => {
    const { steps, kills, problems } = results[name];

    expect(problems).toEqual([]);
    const writes = writesOf(results[name]).length;
    expect(kills.late).toBe(writes);
    expect(kills.before + kills.after).toBe((EXHAUSTIVE ? 2 : 1) * steps.length);
  });
});

describe("the steps of a run", () => {
  it("include every kind of request", () => {
    const kinds = new Set(results.sequential.steps.map(({ kind }) => kind));

    for (const name of ["schedules", "accounts", "assets", "account_…", "account_…#chain"]) {
      expect(kinds).toContain(`Query ${name}`);
      expect(kinds).toContain(`PutItem ${name}`);
    }
    for (const path of ["/platform/v2/accounts", "/platform/v2/accounts/account_…/balances"]) {
      expect(kinds).toContain(`GET ${path}`);
      expect(kinds).toContain(`GET ${path}, a further page`);
    }
    expect(kinds).toContain("GetSecretValue");
  });

  // Only `npm run test:exhaustive` makes these searches.
  if (!EXHAUSTIVE) return;

  it("include the put of a failed attempt", () => {
    expect(writesOf(results.failedWalk).filter((kind) => kind === "PutItem account_…")).toHaveLength(1);
  });

  it("include one put for each part of a large snapshot", () => {
    const kinds = writesOf(results.parts);

    expect(kinds.filter((kind) => kind === "PutItem account_…#parts").length).toBeGreaterThan(1);
    expect(kinds.filter((kind) => kind === "PutItem account_…")).toHaveLength(1);
  });
});
