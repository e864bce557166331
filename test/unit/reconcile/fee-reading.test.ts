import { betterReading, type ReadLine } from "../../../core/reconcile/fee-reading.ts";
import { reconcile } from "../../../core/reconcile/reconcile.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { account, endsOf, fee, OUTSIDE, transferOf } from "./transfers.ts";

const withdrawal = transferOf({ source: account("a"), target: OUTSIDE, fees: [fee("1", "usd")] });

describe("the reading of fees", () => {
  it("is the one that explains more lines", () => {
    expect(reconcile([endsOf({ usd: "10" }, {})], [withdrawal])).toMatchObject({
      reading: "included",
      unexplainedLines: { included: 0, excluded: 1 },
      lines: [{ state: "explained", out: "9", fees: "1", unexplained: "0", unexplainedByOtherReading: "1" }],
    });
    expect(reconcile([endsOf({ usd: "11" }, {})], [withdrawal])).toMatchObject({
      reading: "excluded",
      unexplainedLines: { included: 1, excluded: 0 },
      lines: [{ state: "explained", out: "10", fees: "1", unexplained: "0", unexplainedByOtherReading: "-1" }],
    });
  });

  it("is the given one even if it explains less", () => {
    expect(reconcile([endsOf({ usd: "11" }, {})], [withdrawal], "included")).toMatchObject({
      reading: "included",
      unexplainedLines: { included: 1, excluded: 0 },
      lines: [{ state: "unexplained", unexplained: "-1", unexplainedByOtherReading: "0" }],
    });
  });

  it("is included if both explain the same", () => {
    expect(reconcile([endsOf({}, { usd: "10" })], [transferOf()]).reading).toBe("included");
  });
});

describe("if both readings leave as many lines unexplained, the better one", () => {
  const line = (asset: string, unexplained: string, state: ReadLine["state"] = "unexplained"): ReadLine => ({
    asset,
    state,
    unexplained,
  });
  it.each<[name: string, included: ReadLine[], excluded: ReadLine[], expected: string]>([
    ["leaves the smaller remainder, whatever its sign", [line("usd", "2")], [line("usd", "-3")], "included"],
    [
      "leaves the smaller remainder in more assets",
      [line("usd", "1"), line("btc", "2"), line("eth", "2")],
      [line("usd", "1000"), line("btc", "1"), line("eth", "1")],
      "excluded",
    ],
    [
      "is included if each leaves the smaller one in as many assets",
      [line("usd", "1000"), line("btc", "2")],
      [line("usd", "1"), line("btc", "3")],
      "included",
    ],
    [
      "is judged by the sum of an asset's absolute remainders, which do not cancel out",
      [line("usd", "5"), line("usd", "-5")],
      [line("usd", "1"), line("usd", "1")],
      "excluded",
    ],
    [
      "is judged by unexplained lines only: an undetermined one leaves nothing",
      [line("usd", "2"), line("usd", "9", "undetermined")],
      [line("usd", "3"), line("usd", "1", "undetermined")],
      "included",
    ],
    ["leaves nothing in an asset", [line("usd", "1")], [line("btc", "1")], "included"],
  ])("%s", (_, included, excluded, expected) => {
    expect(betterReading({ included, excluded })).toBe(expected);
  });
});
