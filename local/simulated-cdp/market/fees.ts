import { Big } from "big.js";
import type { WireFee } from "../wire.ts";
import type { MarketAsset } from "./assets.ts";
import { onceIn, type RandomInteger } from "./random.ts";

/** A fee of a movement. */
export interface Fee {
  readonly type: WireFee["type"];
  readonly amount: Big;
  readonly asset: MarketAsset;
}

/** Returns the fee of a bank or a network, which is less than the amount; no fee every second time. */
export function transferFee(asset: MarketAsset, amount: Big, random: RandomInteger): Fee[] {
  const [isFree, dollars, share] = [onceIn(2, random), random(1, 2) * 10 + 5, random(1, 20)];
  if (isFree) return [];
  if (asset.type === "crypto") return fee("network", asset, amount.times(share).times("1e-4"));
  return amount.gt(1_000) ? fee("bank", asset, new Big(dollars)) : [];
}

/** Returns a fee of a type in an asset, rounded down; none if this leaves nothing. */
export function fee(type: Fee["type"], asset: MarketAsset, amount: Big): Fee[] {
  const rounded = amount.round(asset.decimals, Big.roundDown);
  return rounded.gt(0) ? [{ type, amount: rounded, asset }] : [];
}

/** Adds up fees that are in the same asset. */
export function sumOf(fees: readonly Fee[]): Big {
  return fees.reduce((sum, { amount }) => sum.plus(amount), new Big(0));
}
