import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { changesBetween } from "../../../core/history/changes.ts";
import { holdingRow } from "../../../core/history/holding-row.ts";
import { balanceRows } from "../../../core/history/balance-rows.ts";
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

/** Snapshots of the same account, of different times. */
const anyHistory = fc.record({ seed: fc.integer({ min: 1, max: 1_000_000 }), assets: fc.constantFrom(2, 5, 31) });
const snapshotsOf = ({ seed, assets }: { seed: number; assets: number }) => {
  const facts = makeFacts({ seed, from: Date.parse(SLOT), hours: 110, assets: [assets] });
  return completeOf(facts.accounts[0]?.records ?? []).filter((_, at) => at % 13 === 0);
};

const snapshotFrom = (fact: SnapshotFact) => takenOf(ACCOUNT, fact).snapshot;

describe("of any snapshot", () => {
  it("totals, holdings and balances are what adding and subtracting digit by digit brings", () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const facts = snapshotsOf(history);
        for (const fact of facts) {
          const snapshot = snapshotFrom(fact);

          expect(totalRow(ACCOUNT, snapshot, "usd")).toEqual(totalRowOf(ACCOUNT, fact));
          expect(balanceRows(snapshot, "usd")).toEqual(balanceRowsOf(ACCOUNT, fact));
          for (const asset of Array.from({ length: 32 }, (_, at) => symbolOf(at))) {
            expect(holdingRow(ACCOUNT, asset, snapshot, "usd")).toEqual(holdingRowOf(ACCOUNT, asset, fact));
          }
        }
      }),
      { numRuns: 10 },
    );
  });

  it("changes are the differences of its quantities and values", () => {
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
  it("tells how many assets it covers, and which it does not", () => {
    const snapshot = snapshotWith({
      rep: { rep: ["1", "1"] },
      btc: { btc: ["1", "2"], usd: ["50000.10", "100000.20"] },
      aaa: { aaa: ["1", "1"] },
    });

    const row = totalRow(ACCOUNT, snapshot, "usd");

    expect(row).toEqual({
      accountId: ACCOUNT,
      denomination: "usd",
      total: "100000.20",
      available: "50000.10",
      covers: 1,
      of: 3,
      missing: ["aaa", "rep"],
      partial: false,
      without: [],
      slots: { [ACCOUNT]: SLOT },
    });
  });

  it("has no figure where nothing has a value: it is not worth zero", () => {
    const row = totalRow(ACCOUNT, snapshotWith({ rep: { rep: ["1", "1"] } }), "usd");

    expect(row).toMatchObject({ total: null, available: null, covers: 0, of: 1, missing: ["rep"], partial: false });
  });

  it("has a zero where nothing is held", () => {
    const row = totalRow(ACCOUNT, snapshotWith({}), "usd");

    expect(row).toMatchObject({ total: "0", available: "0", covers: 0, of: 0, missing: [], partial: false });
  });

  it("is partial, and no figure, without a snapshot", () => {
    const row = totalRow(ACCOUNT, undefined, "usd");

    expect(row).toMatchObject({ total: null, available: null, partial: true, slots: {} });
  });

  it("does not take the quantity of an asset for a total of values", () => {
    const snapshot = snapshotWith({
      btc: { btc: ["1", "1"], usd: ["5", "5"] },
      eth: { eth: ["3", "3"], usd: ["6", "6"] },
    });

    const row = totalRow(ACCOUNT, snapshot, "btc");

    expect(row).toMatchObject({ total: null, covers: 0, of: 2, missing: ["btc", "eth"] });
  });
});

describe("totalOfAll", () => {
  const one = totalRow("account_1", snapshotWith({ btc: { btc: ["1", "1"], usd: ["0.1", "0.2"] } }), "usd");
  const two = totalRow("account_2", snapshotWith({ rep: { rep: ["1", "1"] }, usd: { usd: ["1", "3"] } }), "usd");
  const none = totalRow("account_3", undefined, "usd");
  const priceless = totalRow("account_4", snapshotWith({ rep: { rep: ["1", "1"] } }), "usd");

  it("is the sum over the accounts, with the coverage of all of them and the slots it is from", () => {
    const all = totalOfAll([one, two], "usd");

    expect(all).toEqual({
      accountId: "all",
      denomination: "usd",
      total: "3.2",
      available: "1.1",
      covers: 2,
      of: 3,
      missing: ["rep"],
      partial: false,
      without: [],
      slots: { account_1: SLOT, account_2: SLOT },
    });
  });

  it("has no figure where one account has no snapshot, and is marked partial", () => {
    const all = totalOfAll([one, none, two], "usd");

    expect(all).toMatchObject({
      total: null,
      available: null,
      partial: true,
      slots: { account_1: SLOT, account_2: SLOT },
    });
  });

  it("leaves out an account of which nothing has a price, and says by the coverage that it does", () => {
    const all = totalOfAll([one, priceless], "usd");

    expect(all).toMatchObject({ total: "0.2", covers: 1, of: 2, missing: ["rep"], partial: false });
  });

  it("has no figure where no account has one", () => {
    const all = totalOfAll([priceless], "usd");

    expect(all).toMatchObject({ total: null, available: null, partial: false });
  });

  it("is the digit by digit sum of any accounts", () => {
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
      { numRuns: 15 },
    );
  });
});

describe("holdingRow", () => {
  const snapshot = snapshotWith({ btc: { btc: ["2.5", "3.0"], usd: ["10", "12"] }, rep: { rep: ["0", "0"] } });
  const common = { slot: SLOT, capturedAt: "2026-11-23T10:00:01.234Z", accountId: ACCOUNT };
  const nothing = { available: null, total: null, hold: null, values: { usd: null } };

  it.each([
    ["held", "btc", { available: "2.5", total: "3.0", hold: "0.5", values: { usd: { available: "10", total: "12" } } }],
    [
      "held, of an asset of which there is none left",
      "rep",
      { available: "0", total: "0", hold: "0", values: { usd: null } },
    ],
    ["absent", "eth", nothing],
  ])("tells what is %s", (name, asset, amounts) => {
    const row = holdingRow(ACCOUNT, asset, snapshot, "usd");

    expect(row).toEqual({ ...common, asset, state: name.split(",")[0], ...amounts });
  });

  it("tells a gap where there is no snapshot, which is not the same as absent, and the step that it is of", () => {
    const row = holdingRow(ACCOUNT, "btc", undefined, "usd", SLOT);

    const gap = {
      step: SLOT,
      slot: null,
      capturedAt: null,
      accountId: ACCOUNT,
      asset: "btc",
      state: "gap",
      ...nothing,
    };
    expect(row).toEqual(gap);
  });
});
