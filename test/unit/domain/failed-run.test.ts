import fc from "fast-check";
import { attemptsOf, type FailedRun } from "../../../core/domain/failed-run.ts";
import { fuzz } from "../../fuzz/fuzz.ts";
import { describe, expect } from "../../support/jest.ts";
import { failureOf } from "./snapshots.ts";

const ids = fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 30 }).map((all) => all.toSorted());

describe("a failed run", () => {
  fuzz(
    "with a range of accounts explains the gaps of exactly those, also across the end of the order",
    200,
    fc.record({ ids, start: fc.nat(29), length: fc.integer({ min: 1, max: 30 }) }),
    ({ ids, start, length }) => {
      const from = start % ids.length;
      const affected = [...ids.slice(from), ...ids.slice(0, from)].slice(0, length);
      const scope = { first: affected[0] ?? "", last: affected.at(-1) ?? "" };
      const { accountId: _, ...failure } = failureOf("");
      const run: FailedRun = { ...failure, scope, failedAt: failure.lastTriedAt };

      const explained = ids.filter((id) => attemptsOf(id, [run]).length > 0);

      expect(explained).toEqual(affected.toSorted());
    },
  );
});
