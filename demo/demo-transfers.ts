import { slotAt } from "../core/domain/slot.ts";
import type { TransferSet } from "../core/domain/transfer.ts";
import { decodeTransfers } from "../core/transfer-format.ts";
import type { Market } from "../local/simulated-cdp/market/market.ts";
import type { WireTransfer } from "../local/simulated-cdp/server.ts";
import { EXAMPLE } from "./example-history.ts";

/**
 * Returns the transfers of accounts that the demo's API lists, updated between the start of the example and an instant.
 * @param readAt in milliseconds since 1970. With the end of the example, the result is always the same.
 */
export function demoTransferSet(market: Market, accountIds: readonly string[], readAt: number): TransferSet {
  const isKnown = (updatedAt: number) => updatedAt >= EXAMPLE.from && updatedAt <= readAt;
  const isAsked = ({ source, target, updatedAt }: WireTransfer) =>
    [source, target].some(({ accountId = "" }) => accountIds.includes(accountId)) && isKnown(Date.parse(updatedAt));
  const decoded = decodeTransfers(market.transfers().filter(isAsked));
  if (decoded.problems !== undefined) throw new Error(decoded.problems);
  return {
    reads: [{ key: null, accountIds, updatedAfter: slotAt(EXAMPLE.from), readAt: slotAt(readAt), denied: false }],
    transfers: decoded.value,
  };
}
