import { decode } from "../core/coinbase/decode.ts";
import { readTransfer } from "../core/coinbase/transfer-schema.ts";
import { slotAt } from "../core/domain/slot.ts";
import type { Transfer, TransferSet } from "../core/domain/transfer.ts";
import type { Market } from "../local/simulated-cdp/market/market.ts";
import type { WireTransfer } from "../local/simulated-cdp/server.ts";
import { EXAMPLE } from "./example-history.ts";

/**
 * Returns what the demo's API lists of the transfers of accounts since the start of the example, as if it was asked.
 * @param readAt in milliseconds since 1970, not before the market's last tick
 */
export function demoTransferSet(market: Market, accountIds: readonly string[], readAt: number): TransferSet {
  const isAsked = ({ source, target, updatedAt }: WireTransfer) =>
    [source, target].some(({ accountId = "" }) => accountIds.includes(accountId)) &&
    Date.parse(updatedAt) >= EXAMPLE.from;
  return {
    reads: [{ key: null, accountIds, updatedAfter: slotAt(EXAMPLE.from), readAt: slotAt(readAt), denied: false }],
    transfers: market.transfers().filter(isAsked).map(decoded),
  };
}

/** @throws Error if the market's transfer is not in the API's format */
function decoded(transfer: WireTransfer): Transfer {
  const result = decode(readTransfer, transfer, [transfer.transferId]);
  if (result.problems !== undefined) throw new Error(result.problems);
  return result.value;
}
