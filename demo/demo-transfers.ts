import { slotAt } from "../core/domain/slot.ts";
import type { TransferSet } from "../core/domain/transfer.ts";
import { decodeTransfers } from "../core/transfer-format.ts";
import type { Market } from "../local/simulated-cdp/market/market.ts";
import type { WireTransfer } from "../local/simulated-cdp/server.ts";
import { concerns } from "../local/simulated-cdp/transfers.ts";
import { EXAMPLE, HOUR_MS } from "./example-history.ts";

/** As if the transfers had been read then: an hour after the last slot of the example. */
const READ_AT = EXAMPLE.from + EXAMPLE.hours * HOUR_MS;

/** Returns the transfers in the example history that the demo's API lists. They are always the same. */
export function demoTransferSet(market: Market): TransferSet {
  const accountIds = market.accounts().map(({ accountId }) => accountId);
  const isInExample = (transfer: WireTransfer) => {
    const updatedAt = Date.parse(transfer.updatedAt);
    return updatedAt >= EXAMPLE.from && updatedAt <= READ_AT && accountIds.some((id) => concerns(transfer, id));
  };
  const decoded = decodeTransfers(market.transfers().filter(isInExample));
  if (decoded.problems !== undefined) throw new Error(decoded.problems);
  return {
    reads: [{ key: null, accountIds, updatedAfter: slotAt(EXAMPLE.from), readAt: slotAt(READ_AT), denied: false }],
    transfers: decoded.value,
  };
}
