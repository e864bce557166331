import { slotAt } from "../../../core/domain/slot.ts";
import type { Transfer, TransferParty } from "../../../core/domain/transfer.ts";
import { type Effect, effectsOf } from "../../../core/reconcile/effects.ts";
import type { FeeReading } from "../../../core/reconcile/reconciliation.ts";
import { shownName } from "../format/shown-name.ts";

/** Returns an account's name and the start of its id. */
export type AccountLabel = (accountId: string) => string;

/** Returns a party of a transfer in words. */
export function partyText(party: TransferParty, label: AccountLabel): string {
  switch (party.kind) {
    case "account":
      return label(party.accountId);
    case "paymentMethod":
      return `payment method ${shownName(party.paymentMethodId)}`;
    case "address":
      return `address ${shownName(party.address)} on ${shownName(party.network)}`;
    case "ach":
      return "ACH";
    case "fedwire":
      return "Fedwire";
    case "email":
      return "an email address";
    case "other":
      return "unknown";
  }
}

/** Returns the other side of a transfer of an account; the account itself if it is both. */
export function counterpartyOf({ source, target }: Transfer, accountId: string, label: AccountLabel): string {
  const isSource = source.kind === "account" && source.accountId === accountId;
  return partyText(isSource ? target : source, label);
}

/** Returns what a transfer moves in an asset of an account; `null` if an amount is unknown. */
export function effectsIn(
  transfer: Transfer,
  accountId: string,
  asset: string,
  reading: FeeReading,
): readonly Effect[] {
  return effectsOf(transfer, accountId, reading).filter((effect) => effect.asset === asset || effect.asset === null);
}

/** Returns what a transfer moves in an account: `out 2 usdc, fees 0.1 usdc`. */
export function effectsText(transfer: Transfer, accountId: string, reading: FeeReading): string {
  const text = ({ column, amount, asset }: Effect) =>
    `${column} ${amount ?? "unknown"}${asset === null ? "" : ` ${shownName(asset)}`}`;
  return effectsOf(transfer, accountId, reading).map(text).join(", ");
}

/** Returns a whole transfer in words: `2 usdc from Treasury 89af9ed0 to ACH`. */
export function transferText(transfer: Transfer, label: AccountLabel): string {
  const { source, target, sourceAmount, sourceAsset, targetAmount, targetAsset } = transfer;
  const amount = (quantity = "unknown", asset = "") => `${quantity} ${shownName(asset)}`.trim();
  const [paid, received] = [amount(sourceAmount, sourceAsset), amount(targetAmount, targetAsset)];
  const what = targetAmount === undefined || paid === received ? paid : `${paid} as ${received}`;
  return `${what} from ${partyText(source, label)} to ${partyText(target, label)}`;
}

/** Returns an instant of the API in the format of a slot. */
export function instantOf(time: string | undefined): string | undefined {
  return time === undefined ? undefined : slotAt(Date.parse(time));
}
