import { subtract, sum } from "../domain/amount.ts";
import type { Transfer, TransferParty } from "../domain/transfer.ts";
import type { FeeReading } from "./reconciliation.ts";

/** An amount that a completed transfer adds to a column of an account's asset. */
export interface Effect {
  /** `null`: the API does not state it, so that it can be any asset of the account. */
  readonly asset: string | null;
  readonly column: "in" | "out" | "fees";
  /** `null`: it cannot be known from what the API states. */
  readonly amount: string | null;
}

/** Returns what a completed transfer moves in an account that is its source, its target, or both. */
export function effectsOf(transfer: Transfer, accountId: string, reading: FeeReading): Effect[] {
  return [
    ...(isAccount(transfer.source, accountId) ? paidBySource(transfer, reading) : []),
    ...(isAccount(transfer.target, accountId) ? [receivedByTarget(transfer)] : []),
  ];
}

function isAccount(party: TransferParty, accountId: string): boolean {
  return party.kind === "account" && party.accountId === accountId;
}

/** The target amount is documented as the amount received, so that fees in the target asset are deducted already. */
function receivedByTarget({ targetAsset, targetAmount }: Transfer): Effect {
  return targetAsset === undefined ? unknown("in") : { asset: targetAsset, column: "in", amount: targetAmount ?? null };
}

function paidBySource({ sourceAsset, sourceAmount, targetAsset, fees }: Transfer, reading: FeeReading): Effect[] {
  if (sourceAsset === undefined) {
    // Without the source asset it is unknown which fees are a part of the source amount, and which are deducted from the target amount.
    return [unknown("out"), ...(fees.length > 0 ? [unknown("fees")] : [])];
  }
  const ownFees = fees.filter(({ asset }) => asset === sourceAsset).map(({ amount }) => amount);
  const included = reading === "included" && ownFees.length > 0;
  const out = included && sourceAmount !== undefined ? subtract(sourceAmount, sum(ownFees)) : (sourceAmount ?? null);
  const paidFees = fees
    .filter(({ asset }) => asset === sourceAsset || asset !== targetAsset)
    .map(({ asset, amount }): Effect => {
      // A fee in another asset can be in the target asset if the API does not state that one.
      const isKnown = asset === sourceAsset || targetAsset !== undefined;
      return { asset, column: "fees", amount: isKnown ? amount : null };
    });
  return [{ asset: sourceAsset, column: "out", amount: out }, ...paidFees];
}

function unknown(column: Effect["column"]): Effect {
  return { asset: null, column, amount: null };
}
