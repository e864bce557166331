import Big from "big.js";
import { derivedPrice, percent, placesOf, scale, subtract } from "../domain/amount.ts";
import type { Asset } from "../domain/balance.ts";

/** What is held of an asset at one end of a change, in one account or in several together. Amounts are decimal strings. */
export interface ChangeEnd {
  /** `undefined`: unknown, because the asset is unsettled. */
  readonly held: boolean | undefined;
  /** `null`: not held, or unsettled. */
  readonly total: string | null;
  /** `null`: not held, or held without a price. */
  readonly value: string | null;
}

/**
 * Why the value of an asset changed. The two effects add up to the change in value exactly. They are `null` if the value at
 * one end is unknown.
 */
export interface ValueChange {
  /** Derived: value ÷ quantity, with eight significant digits. `null` without a quantity or a value. */
  readonly fromPrice: string | null;
  readonly toPrice: string | null;
  /** With two decimals. `null`: unknown, or compared with zero. */
  readonly quantityPercent: string | null;
  readonly valuePercent: string | null;
  /** The part of the change that the quantity explains: its change × the price before, rounded to the denomination's digits. */
  readonly quantityEffect: string | null;
  /** The remainder, which the price explains. */
  readonly priceEffect: string | null;
}

/** Returns the differences between two ends: `null` for one that is unknown. An asset that is not held counts as zero. */
export function differences(from: ChangeEnd, to: ChangeEnd): { quantity: string | null; value: string | null } {
  if (from.held === undefined || to.held === undefined) return { quantity: null, value: null };
  // An asset without a price has an unknown value.
  const isValueKnown = [from, to].every(({ held, value }) => !held || value !== null);
  return {
    quantity: subtract(to.total ?? "0", from.total ?? "0"),
    value: isValueKnown ? subtract(to.value ?? "0", from.value ?? "0") : null,
  };
}

/**
 * Splits a change in value into the effects of quantity and price. An opened or closed position is all quantity.
 * @param digits the decimals of the denomination, see `denominationDigits`
 */
export function valueChange(from: ChangeEnd, to: ChangeEnd, digits: number): ValueChange {
  const { quantity, value } = differences(from, to);
  const quantityEffect =
    quantity === null || value === null ? null : effectOfQuantity(from, to, quantity, value, digits);
  return {
    fromPrice: priceOf(from),
    toPrice: priceOf(to),
    quantityPercent: quantity === null ? null : percent(quantity, from.total ?? "0"),
    valuePercent: value === null ? null : percent(value, from.value ?? "0"),
    quantityEffect,
    priceEffect: quantityEffect === null || value === null ? null : subtract(value, quantityEffect),
  };
}

function effectOfQuantity(from: ChangeEnd, to: ChangeEnd, quantity: string, value: string, digits: number): string {
  if (from.held !== to.held) return value;
  if (isZero(quantity)) return new Big(0).toFixed(digits);
  // A quantity of zero has no price.
  if (isZero(from.total) || isZero(to.total)) return value;
  return scale(quantity, from.value ?? "0", from.total ?? "0", digits);
}

function priceOf({ total, value }: ChangeEnd): string | null {
  return total === null || value === null ? null : derivedPrice(value, total);
}

function isZero(decimal: string | null): boolean {
  return new Big(decimal ?? "0").eq(0);
}

/** More decimals than this are a mistake in a description. */
const MAX_DIGITS = 100;

/**
 * Returns how many decimals the amounts of a denomination have: as its description says, or else as many as the longest value.
 * @param assets the catalog's descriptions, by symbol
 */
export function denominationDigits(
  denomination: string,
  assets: ReadonlyMap<string, Asset>,
  values: Iterable<string>,
): number {
  const described = assets.get(denomination)?.decimals ?? -1;
  if (described >= 0 && described <= MAX_DIGITS) return described;
  let digits = 0;
  for (const value of values) digits = Math.max(digits, placesOf(value));
  return digits;
}
