import fc from "fast-check";
import { balanceRows } from "../../../core/history/balance-rows.ts";
import { changesBetween } from "../../../core/history/changes.ts";
import { holdingRow } from "../../../core/history/holding-row.ts";
import { totalOfAll, totalRow } from "../../../core/history/total-rows.ts";
import { makeFacts, type SnapshotFact } from "../../support/history-facts.ts";
import { symbolOf } from "../../support/history-holdings.ts";
import {
  balanceRowsOf,
  changeRowsOf,
  completeOf,
  holdingRowOf,
  totalRowOf,
  totalRowOfAll,
} from "../../support/history-naive.ts";
import { takenOf } from "../../support/history-table.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { ACCOUNT, type AmountTexts, SLOT, snapshotWith } from "../domain/snapshots.ts";

/** Snapshots of one account at different times. */
const anyHistory = fc.record({ seed: fc.integer({ min: 1, max: 1_000_000 }), assets: fc.constantFrom(2, 5, 31) });
const snapshotsOf = ({ seed, assets }: { seed: number; assets: number }) => {
  const facts = makeFacts({ seed, from: Date.parse(SLOT), hours: 110, assets: [assets] });
  return completeOf(facts.accounts[0]?.records ?? []).filter((_, at) => at % 13 === 0);
};

const snapshotFrom = (fact: SnapshotFact) => takenOf(ACCOUNT, fact).snapshot;

describe("for any snapshot", () => {
  const symbols = Array.from({ length: 32 }, (_, at) => symbolOf(at));

  it("totals, holdings and balances agree with an independent computation", () => {
    expect(holdingRow(ACCOUNT, "btc", undefined, "usd")).toEqual(holdingRowOf(ACCOUNT, "btc", undefined));
    fc.assert(
      fc.property(anyHistory, (history) => {
        const facts = snapshotsOf(history);
        for (const fact of facts) {
          const snapshot = snapshotFrom(fact);

          expect(totalRow(ACCOUNT, snapshot, "usd")).toEqual(totalRowOf(ACCOUNT, fact));
          expect(balanceRows(snapshot, "usd")).toEqual(balanceRowsOf(ACCOUNT, fact));
          const holdings = symbols.map((asset) => holdingRow(ACCOUNT, asset, snapshot, "usd"));
          expect(holdings).toEqual(symbols.map((asset) => holdingRowOf(ACCOUNT, asset, fact)));
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

describe("balanceRows", () => {
  it("sorts by total value as a number, then by symbol, assets without a price last", () => {
    const snapshot = snapshotWith({
      zzz: { zzz: ["9", "9"] },
      ten: { ten: ["0", "1"], usd: ["0", "10.5"] },
      nine: { nine: ["1", "1"], usd: ["9.75", "9.75"] },
      aaa: { aaa: ["999999", "999999"] },
      debt: { debt: ["-1", "-1"], usd: ["-3", "-3"] },
      zero: { zero: ["1", "1"], usd: ["0", "0"] },
      also: { also: ["1", "1"], usd: ["9.75", "9.750"] },
      xfine: { xfine: ["1", "1"], usd: ["10.500000000000000001", "10.500000000000000001"] },
    });

    const rows = balanceRows(snapshot, "usd");

    expect(rows.map(({ asset }) => asset)).toEqual(["xfine", "ten", "also", "nine", "zero", "debt", "aaa", "zzz"]);
  });

  it("sorts by the given denomination, and returns the values in all denominations", () => {
    const snapshot = snapshotWith({
      btc: { btc: ["1", "1"], usd: ["100", "100"], eur: ["1", "1"] },
      eth: { eth: ["1", "1"], usd: ["10", "10"], eur: ["2", "2"] },
    });

    const rows = balanceRows(snapshot, "eur");

    expect(rows.map(({ asset }) => asset)).toEqual(["eth", "btc"]);
    expect(Object.keys(rows[0]?.values ?? {}).sort()).toEqual(["eur", "usd"]);
  });
});

describe("changesBetween", () => {
  type Held = Readonly<Record<string, AmountTexts>>;
  const nothing: Held = {};
  const two: Held = { eth: { eth: ["2", "2"], usd: ["4", "4"], eur: ["5", "5"] } };
  const zero: Held = { eth: { eth: ["0", "0"], usd: ["0", "0"], eur: ["0", "0"] } };
  const unpriced: Held = { eth: { eth: ["1", "1"] } };

  it.each<[name: string, before: Held, after: Held, denomination: string, change: object]>([
    ["down for an asset that is still listed", two, zero, "usd", { state: "down", toTotal: "0", value: "-4" }],
    ["values in the given denomination", two, zero, "eur", { fromValue: "5", toValue: "0", value: "-5" }],
    ["no change in value without a price before", unpriced, two, "usd", { state: "up", quantity: "1", value: null }],
    ["no change in value without a price after", two, unpriced, "usd", { state: "down", quantity: "-1", value: null }],
    ["no value of an opened asset without a price", nothing, unpriced, "usd", { state: "opened", value: null }],
    ["no value of a closed asset without a price", unpriced, nothing, "usd", { state: "closed", value: null }],
  ])("returns %s", (_, before, after, denomination, change) => {
    const changes = changesBetween(snapshotWith(before), snapshotWith(after), denomination);

    expect(changes.get("eth")).toMatchObject({ asset: "eth", ...change });
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
