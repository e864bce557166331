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

describe("totalRow and totalOfAll", () => {
  const rep = snapshotWith({ rep: { rep: ["1", "1"] } });
  const coins = snapshotWith({ btc: { btc: ["1", "1"], usd: ["5", "5"] }, eth: { eth: ["3", "3"], usd: ["6", "6"] } });

  it.each([
    ["no total if no asset has a value", rep, "usd", { total: null, covers: 0, of: 1, missing: ["rep"] }],
    ["no total of quantities", coins, "btc", { total: null, covers: 0, of: 2, missing: ["btc", "eth"] }],
    ["zero for an empty account", snapshotWith({}), "usd", { total: "0", available: "0", covers: 0, of: 0 }],
  ])("return %s", (_, snapshot, denomination, row) => {
    const one = totalRow(ACCOUNT, snapshot, denomination);

    expect(one).toMatchObject({ partial: false, ...row });
    expect(totalOfAll([one], denomination)).toMatchObject({ partial: false, ...row });
  });

  it("agree with an independent computation for any accounts, one of them without a snapshot", () => {
    fc.assert(
      fc.property(anyHistory, fc.nat(5), (history, missing) => {
        const accounts = snapshotsOf(history)
          .slice(0, 4)
          .map((fact, at) => ({ id: `account_${at}`, fact: at === missing ? undefined : fact }));
        const rows = accounts.map(({ id, fact }) => totalRow(id, fact && takenOf(id, fact).snapshot, "usd"));

        const all = totalOfAll(rows, "usd");

        expect(all).toEqual(totalRowOfAll(accounts.map(({ id, fact }) => totalRowOf(id, fact))));
      }),
      { numRuns: 10 },
    );
  });
});
