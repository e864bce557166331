import { Big } from "big.js";
import type { MarketAsset } from "./assets.ts";
import { type Fee, fee, sumOf, transferFee } from "./fees.ts";
import { onceIn, type RandomInteger } from "./random.ts";

/** A nonzero change of the total of an asset in an account. */
export interface Change {
  readonly accountId: string;
  readonly asset: MarketAsset;
  readonly by: Big;
}

/** What a completed transfer moves. */
export interface Movement {
  /** The ids of the accounts; `undefined`: outside. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly sourceAsset: MarketAsset;
  /** What the source pays in the source asset, including the fees in this asset. */
  readonly paid: Big;
  readonly targetAsset: MarketAsset;
  readonly received: Big;
  readonly fees: readonly Fee[];
}

/** A change, and the part of it that no movement explains yet. */
interface Open extends Change {
  left: Big;
}

interface Context {
  readonly open: readonly Open[];
  readonly prices: ReadonlyMap<string, Big>;
  readonly random: RandomInteger;
}

/** Returns movements that explain all changes exactly: transfers between accounts, conversions, and what comes and goes outside. */
export function explain(
  changes: readonly Change[],
  prices: ReadonlyMap<string, Big>,
  random: RandomInteger,
): readonly Movement[] {
  const open = changes.map((change): Open => ({ ...change, left: change.by }));
  const context = { open, prices, random };
  const explainEach = (one: (change: Open, context: Context) => Movement | undefined) =>
    open.flatMap((change) => (change.left.eq(0) ? [] : (one(change, context) ?? [])));
  return [...explainEach(transferInside), ...explainEach(convert), ...explainEach(transferOutside)];
}

/** Explains a fall, or a part of it, by a transfer to an account in which the same asset rose. */
function transferInside(fall: Open, context: Context): Movement | undefined {
  const { open, random } = context;
  if (fall.left.gt(0) || onceIn(4, random)) return undefined;
  const rise = open.find(({ asset, left }) => asset === fall.asset && left.gt(0));
  if (rise === undefined) return undefined;
  const paid = smaller(fall.left.abs(), rise.left);
  const fees = transferFee(fall.asset, paid, random);
  return move({ fall, rise, paid, received: paid.minus(sumOf(fees)), fees }, context);
}

/** Explains a fall, or a part of it, by a conversion into an asset of the same account that rose, near the market's price. */
function convert(fall: Open, context: Context): Movement | undefined {
  const { open, prices, random } = context;
  const rise = open.find(
    ({ accountId, asset, left }) => accountId === fall.accountId && left.gt(0) && prices.has(asset.symbol),
  );
  const [sourcePrice, targetPrice] = [prices.get(fall.asset.symbol), prices.get(rise?.asset.symbol ?? "")];
  if (fall.left.gt(0) || !rise || !sourcePrice || !targetPrice || onceIn(3, random)) return undefined;

  const feeShare = new Big(random(0, 8)).times("1e-3");
  const rate = sourcePrice.times(new Big(1).minus(feeShare)).div(targetPrice);
  const paid = smaller(fall.left.abs(), rise.left.div(rate).round(fall.asset.decimals, Big.roundUp));
  const received = smaller(rise.left, paid.times(rate).round(rise.asset.decimals, Big.roundDown));
  if (received.eq(0)) return undefined;
  // A fee in the target asset is deducted from what is received.
  const [feeAsset, charged] = onceIn(6, random) ? [rise.asset, received] : [fall.asset, paid];
  return move({ fall, rise, paid, received, fees: fee("conversion", feeAsset, charged.times(feeShare)) }, context);
}

/** Explains the rest of a change by a deposit or a withdrawal. */
function transferOutside(change: Open, context: Context): Movement {
  const amount = change.left.abs();
  const fees = transferFee(change.asset, amount, context.random);
  if (change.left.lt(0)) {
    return move({ fall: change, paid: amount, received: amount.minus(sumOf(fees)), fees }, context);
  }
  // The sender pays the fee of a deposit.
  return move({ rise: change, paid: amount.plus(sumOf(fees)), received: amount, fees }, context);
}

interface Moved extends Pick<Movement, "paid" | "received" | "fees"> {
  /** At least one of the two. */
  readonly fall?: Open;
  readonly rise?: Open;
}

/** Returns a movement, and takes what it explains from the changes. */
function move({ fall, rise, paid, received, fees }: Moved, context: Context): Movement {
  const [{ asset: sourceAsset }, { asset: targetAsset }] = [(fall ?? rise) as Open, (rise ?? fall) as Open];
  if (fall !== undefined) fall.left = fall.left.plus(paid);
  if (rise !== undefined) rise.left = rise.left.minus(received);
  const otherFees = fall === undefined ? [] : feeInOtherAsset(fall.accountId, [sourceAsset, targetAsset], context);
  const parties = { from: fall?.accountId, to: rise?.accountId };
  return { ...parties, sourceAsset, paid, targetAsset, received, fees: [...fees, ...otherFees] };
}

/** Returns once in six times a fee of a few dollars in an asset that the transfer does not move, and that fell too. */
function feeInOtherAsset(accountId: string, moved: readonly MarketAsset[], { open, prices, random }: Context): Fee[] {
  const [isCharged, dollars] = [onceIn(6, random), random(2, 40)];
  const isOther = (one: Open) => one.accountId === accountId && one.left.lt(0) && !moved.includes(one.asset);
  const payer = isCharged ? open.find(isOther) : undefined;
  const price = prices.get(payer?.asset.symbol ?? "");
  if (payer === undefined || price === undefined) return [];
  const fees = fee("network", payer.asset, smaller(payer.left.abs(), new Big(dollars).div(price)));
  payer.left = payer.left.plus(sumOf(fees));
  return fees;
}

function smaller(a: Big, b: Big): Big {
  return a.lt(b) ? a : b;
}
