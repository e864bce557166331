import { reconcile } from "../../../core/reconcile/reconcile.ts";
import type { AccountEnds, LineState } from "../../../core/reconcile/reconciliation.ts";
import { sumsByAsset } from "../../../core/reconcile/sums.ts";
import { expect, it } from "../../support/jest.ts";
import { account, endsOf, fee, OUTSIDE, transferOf } from "./transfers.ts";

const b = { accountId: "b" };

function sumsOf(ends: readonly AccountEnds[], transfers = [transferOf()]) {
  return sumsByAsset(reconcile(ends, transfers).lines);
}

it("a sum adds the amounts of an asset over accounts", () => {
  const withdrawal = transferOf({ transferId: "u", source: account("b"), target: OUTSIDE, fees: [fee("1", "usd")] });
  const ends = [endsOf({ usd: "1.5" }, { usd: "11.5" }), endsOf({ usd: "20", btc: "1" }, { usd: "10", btc: "1" }, b)];

  expect(sumsOf(ends, [transferOf(), withdrawal])).toEqual([
    {
      ...{ asset: "btc", state: "explained", accounts: 1, leftOut: [], opening: "1", in: "0", out: "0", fees: "0" },
      ...{ closing: "1", unexplained: "0", unexplainedByOtherReading: "0" },
    },
    {
      ...{ asset: "usd", state: "explained", accounts: 2, leftOut: [], opening: "21.5", in: "10", out: "9", fees: "1" },
      ...{ closing: "21.5", unexplained: "0.0", unexplainedByOtherReading: "1.0" },
    },
  ]);
});

it("remainders of two accounts that cancel out are unexplained", () => {
  const [sum] = sumsOf([endsOf({ usd: "1" }, {}), endsOf({}, { usd: "1" }, b)], []);

  expect(sum).toMatchObject({ state: "unexplained", unexplained: "0", accounts: 2 });
});

it("a sum leaves out, and names, the accounts with an unknown amount and those that were not asked", () => {
  const ends = [
    endsOf({ usd: "1" }, { usd: "11" }),
    endsOf({ usd: "1" }, { usd: "1" }, { accountId: "unknown", closingWalk: { unsettled: ["usd"] } }),
    endsOf({ usd: "1" }, { usd: "1" }, { accountId: "not asked", isAsked: false }),
  ];

  const [sum] = sumsOf(ends);

  expect(sum).toMatchObject({
    state: "unknown",
    accounts: 1,
    leftOut: ["unknown", "not asked"],
    opening: "1",
    in: "10",
  });
});

it("a sum of no account is null, not zero", () => {
  const [sum] = sumsOf([endsOf({ usd: "1" }, { usd: "1" }, { isAsked: false })]);

  expect(sum).toEqual({
    ...{
      asset: "usd",
      state: "not_asked",
      accounts: 0,
      leftOut: ["a"],
      opening: null,
      in: null,
      out: null,
      fees: null,
    },
    ...{ closing: null, unexplained: null, unexplainedByOtherReading: null },
  });
});

it.each<[states: LineState[], worst: LineState]>([
  [["explained", "explained"], "explained"],
  [["explained", "undetermined"], "undetermined"],
  [["undetermined", "not_asked"], "not_asked"],
  [["unknown", "not_asked"], "unknown"],
  [["unexplained", "unknown"], "unexplained"],
])("of lines that are %j, the state is %s", (states, worst) => {
  const [line] = reconcile([endsOf({ usd: "1" }, { usd: "1" })], []).lines;
  const lines = states.flatMap((state) => (line ? [{ ...line, state }] : []));

  expect(sumsByAsset(lines)).toMatchObject([{ state: worst }]);
  expect(sumsByAsset(lines.toReversed())).toMatchObject([{ state: worst }]);
});
