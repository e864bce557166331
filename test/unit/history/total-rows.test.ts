import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { balanceRows } from "../../../core/history/balance-rows.ts";
import { changesBetween } from "../../../core/history/changes.ts";
import { holdingRow } from "../../../core/history/holding-row.ts";
import { totalOfAll, totalRow } from "../../../core/history/total-rows.ts";
import { makeFacts, type SnapshotFact, symbolOf } from "../../support/history-facts.ts";
import {
  balanceRowsOf,
  changeRowsOf,
  completeOf,
  holdingRowOf,
  totalRowOf,
  totalRowOfAll,
} from "../../support/history-naive.ts";
import { takenOf } from "../../support/history-table.ts";
import { ACCOUNT, SLOT, snapshotWith } from "../domain/snapshots.ts";

/** Snapshots of one account at different times. */
const anyHistory = fc.record({ seed: fc.integer({ min: 1, max: 1_000_000 }), assets: fc.constantFrom(2, 5, 31) });
const snapshotsOf = ({ seed, assets }: { seed: number; assets: number }) => {
  const facts = makeFacts({ seed, from: Date.parse(SLOT), hours: 110, assets: [assets] });
  return completeOf(facts.accounts[0]?.records ?? []).filter((_, at) => at % 13 === 0);
};

const snapshotFrom = (fact: SnapshotFact) => takenOf(ACCOUNT, fact).snapshot;

describe("for any snapshot", () => {
  it("totals, holdings and balances agree with an independent computation", () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const facts = snapshotsOf(history);
        for (const fact of facts) {
          const snapshot = snapshotFrom(fact);

          expect(totalRow(ACCOUNT, snapshot, "usd")).toEqual(totalRowOf(ACCOUNT, fact));
          expect(balanceRows(snapshot, "usd")).toEqual(balanceRowsOf(ACCOUNT, fact));
          for (const asset of Array.from({ length: 32 }, (_, at) => symbolOf(at))) {
            expect(holdingRow(ACCOUNT, asset, snapshot, "usd")).toEqual(holdingRowOf(ACCOUNT, asset, fact));
            expect(holdingRow(ACCOUNT, asset, undefined, "usd")).toEqual(holdingRowOf(ACCOUNT, asset, undefined));
          }
        }
      }),
      { numRuns: 10 },
    );
  });

  it("changes agree with an independent computation", () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const facts = snapshotsOf(history);
        for (const [at, later] of facts.entries()) {
          const earlier = facts[at - 1] ?? later;

          const changes = changesBetween(snapshotFrom(earlier), snapshotFrom(later), "usd");

          const expected = changeRowsOf(ACCOUNT, earlier, later).map(
            ({ accountId: _, fromSlot, fromCapturedAt, toSlot, toCapturedAt, ...change }) => change,
          );
          expect([...changes.values()]).toEqual(expected);
        }
      }),
      { numRuns: 10 },
    );
  });
});

describe("totalRow", () => {
  const rep = { rep: { rep: ["1", "1"] } } as const;
  const coins = { btc: { btc: ["1", "1"], usd: ["5", "5"] }, eth: { eth: ["3", "3"], usd: ["6", "6"] } } as const;

  it.each([
    ["no total if no asset has a value", snapshotWith(rep), "usd", { total: null, covers: 0, of: 1, missing: ["rep"] }],
    ["zero for an empty account", snapshotWith({}), "usd", { total: "0", available: "0", covers: 0, of: 0 }],
    ["a partial row without a snapshot", undefined, "usd", { total: null, available: null, partial: true, slots: {} }],
    ["no total of quantities", snapshotWith(coins), "btc", { total: null, covers: 0, of: 2, missing: ["btc", "eth"] }],
  ])("returns %s", (_, snapshot, denomination, row) => {
    expect(totalRow(ACCOUNT, snapshot, denomination)).toMatchObject({ partial: false, ...row });
  });
});

describe("totalOfAll", () => {
  const one = totalRow("account_1", snapshotWith({ btc: { btc: ["1", "1"], usd: ["0.1", "0.2"] } }), "usd");
  const two = totalRow("account_2", snapshotWith({ rep: { rep: ["1", "1"] }, usd: { usd: ["1", "3"] } }), "usd");
  const none = totalRow("account_3", undefined, "usd");
  const unpriced = totalRow("account_4", snapshotWith({ rep: { rep: ["1", "1"] } }), "usd");

  it.each([
    ["no total, if an account has no snapshot", [one, none, two], { total: null, available: null, partial: true }],
    ["the coverage, if an account has no value", [one, unpriced], { total: "0.2", covers: 1, of: 2, partial: false }],
    ["no total, if no account has a value", [unpriced], { total: null, available: null, partial: false }],
  ])("returns %s", (_, rows, row) => {
    expect(totalOfAll(rows, "usd")).toMatchObject(row);
  });

  it("agrees with an independent computation for any accounts", () => {
    fc.assert(
      fc.property(anyHistory, fc.nat(3), (history, missing) => {
        const facts = snapshotsOf(history);
        const some = facts.slice(0, 4).map((fact, at) => (at === missing ? undefined : fact));
        const ids = some.map((_, at) => `account_${at}`);
        const rows = some.map((fact, at) =>
          totalRow(ids[at] ?? "", fact && takenOf(ids[at] ?? "", fact).snapshot, "usd"),
        );

        const all = totalOfAll(rows, "usd");

        expect(all).toEqual(totalRowOfAll(some.map((fact, at) => totalRowOf(ids[at] ?? "", fact))));
      }),
      { numRuns: 10 },
    );
  });
});
