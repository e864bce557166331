import type { SearchResult } from "../support/crash/search.ts";
import { runSearches } from "../support/crash/searches.ts";
import { EXHAUSTIVE } from "../support/exhaustive.ts";
import { describe, expect, it } from "../support/jest.ts";

// `npm test` kills a run once at every write of an ordinary run, and at the puts that special situations add.
// `npm run test:exhaustive` kills runs at every step of all situations, in every way and in pairs.

// Not in a hook, because the titles of the tests come from the searches.
const results = await runSearches();

const writesOf = ({ steps }: SearchResult) => steps.flatMap(({ kind, writes }) => (writes === undefined ? [] : [kind]));

describe("a run that is killed", () => {
  it.each(Object.entries(results))(
    "leaves whole snapshots only, and the next run completes the slot (%s)",
    (_, result) => {
      const { steps, kills, problems } = result;
      const writes = writesOf(result).length;
      const others = EXHAUSTIVE ? 2 * steps.length : 1;

      expect(problems).toEqual([]);
      expect(kills.late).toBe(writes);
      expect(kills.before + kills.after).toBe(others);
    },
  );
});

describe("the steps of an undisturbed run", () => {
  it("include every kind of request", () => {
    const kinds = new Set(results.sequential.steps.map(({ kind }) => kind));

    for (const name of ["catalog", "account_…", "account_…#chain"]) {
      expect(kinds).toContain(`Query ${name}`);
      expect(kinds).toContain(`PutItem ${name}`);
    }
    for (const path of ["/platform/v2/accounts", "/platform/v2/accounts/account_…/balances"]) {
      expect(kinds).toContain(`GET ${path}`);
      expect(kinds).toContain(`GET ${path}, a further page`);
    }
    expect(kinds).toContain("GetSecretValue");
  });

  it("include the put of a failed attempt", () => {
    expect(writesOf(results.failedWalk).filter((kind) => kind === "PutItem account_…")).toHaveLength(1);
  });

  it("include one put for each part of a large snapshot", () => {
    const kinds = writesOf(results.parts);

    expect(kinds.filter((kind) => kind === "PutItem account_…#parts").length).toBeGreaterThan(1);
    expect(kinds.filter((kind) => kind === "PutItem account_…")).toHaveLength(1);
  });
});
