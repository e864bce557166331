import type { Transfer } from "../../../core/domain/transfer.ts";
import { effectsOf } from "../../../core/reconcile/effects.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { account, fee, OUTSIDE, transferOf } from "./transfers.ts";

/** Returns the effects as texts such as `out 10 usd`, by both readings if they differ. */
function effects(accountId: string, changes: Partial<Transfer>): string[] {
  const texts = (["included", "excluded"] as const).map((reading) =>
    effectsOf(transferOf(changes), accountId, reading).map(
      ({ column, amount, asset }) => `${column} ${amount ?? "?"} ${asset ?? "?"}`,
    ),
  );
  const [included = [], excluded = []] = texts;
  return `${included}` === `${excluded}` ? included : [...included, "or", ...excluded];
}

const WITHDRAWAL = { source: account("a"), target: OUTSIDE };

describe("the source account", () => {
  it("pays the source amount in the source asset", () => {
    expect(effects("a", { ...WITHDRAWAL, sourceAmount: "10", targetAmount: "9", targetAsset: "eur" })).toEqual([
      "out 10 usd",
    ]);
  });

  it("pays fees in the source asset as a part of the source amount, or in addition", () => {
    const fees = [fee("1.5", "usd"), fee("0.25", "usd")];

    expect(effects("a", { ...WITHDRAWAL, fees })).toEqual([
      ...["out 8.25 usd", "fees 1.5 usd", "fees 0.25 usd"],
      "or",
      ...["out 10 usd", "fees 1.5 usd", "fees 0.25 usd"],
    ]);
  });

  it("pays fees in a third asset", () => {
    expect(effects("a", { ...WITHDRAWAL, fees: [fee("0.01", "eth")] })).toEqual(["out 10 usd", "fees 0.01 eth"]);
  });

  it("does not pay fees in the target asset", () => {
    expect(effects("a", { ...WITHDRAWAL, targetAsset: "eur", fees: [fee("1", "eur")] })).toEqual(["out 10 usd"]);
  });

  it("can be the target, too: a conversion moves both assets", () => {
    const conversion = { source: account("a"), target: account("a"), targetAmount: "0.002", targetAsset: "btc" };

    expect(effects("a", conversion)).toEqual(["out 10 usd", "in 0.002 btc"]);
  });
});

describe("the target account", () => {
  it("gets the target amount in the target asset, and pays no fees", () => {
    const fees = [fee("1", "usd"), fee("0.01", "eth")];

    expect(effects("a", { targetAmount: "9", targetAsset: "eur", fees })).toEqual(["in 9 eur"]);
    expect(effects("a", { source: account("b"), fees })).toEqual(["in 10 usd"]);
  });
});

it("a transfer moves nothing in an account that is neither its source nor its target", () => {
  expect(effects("b", { ...WITHDRAWAL, fees: [fee("1", "usd")] })).toEqual([]);
});

describe("an amount or asset that the API does not state", () => {
  it.each<[name: string, changes: Partial<Transfer>, expected: readonly string[]]>([
    [
      "the source amount, with a fee",
      { ...WITHDRAWAL, sourceAmount: undefined, fees: [fee("1", "usd")] },
      ["out ? usd", "fees 1 usd"],
    ],
    ["the source asset", { ...WITHDRAWAL, sourceAsset: undefined }, ["out ? ?"]],
    [
      "the source asset, with a fee that can be a part of the source amount",
      { ...WITHDRAWAL, sourceAsset: undefined, fees: [fee("1", "usd")] },
      ["out ? ?", "fees ? ?"],
    ],
    ["the target amount", { targetAmount: undefined }, ["in ? usd"]],
    ["the target asset", { targetAsset: undefined }, ["in ? ?"]],
    [
      "the target asset, with a fee that can be deducted from the target amount",
      { ...WITHDRAWAL, targetAsset: undefined, fees: [fee("1", "usd"), fee("2", "eur")] },
      ["out 9 usd", "fees 1 usd", "fees ? eur", "or", "out 10 usd", "fees 1 usd", "fees ? eur"],
    ],
    [
      "the target's, which the source account does not need",
      { ...WITHDRAWAL, targetAmount: undefined },
      ["out 10 usd"],
    ],
    ["the source's, which the target account does not need", { sourceAsset: undefined }, ["in 10 usd"]],
  ])("%s", (_, changes, expected) => {
    expect(effects("a", changes)).toEqual(expected);
  });
});
