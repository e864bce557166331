import { slotAt } from "../core/domain/slot.ts";
import type { TransferSet } from "../core/domain/transfer.ts";
import { decodeTransfers } from "../core/transfer-format.ts";
import type { Market } from "../local/simulated-cdp/market/market.ts";
import { EXAMPLE, HOUR_MS } from "./example-history.ts";

/** As if the transfers had been read then: an hour after the last slot of the example. */
const READ_AT = EXAMPLE.from + EXAMPLE.hours * HOUR_MS;

/** Returns the transfers that the demo's API lists. @param market at the end of the example history */
export function demoTransferSet(market: Market): TransferSet {
  const accountIds = market.accounts().map(({ accountId }) => accountId);
  // The first tick has transfers of the hour before it.
  const listed = market.transfers().filter(({ updatedAt }) => Date.parse(updatedAt) >= EXAMPLE.from);
  const decoded = decodeTransfers(listed);
  if (decoded.problems !== undefined) throw new Error(decoded.problems);
  return {
    reads: [{ key: null, accountIds, updatedAfter: slotAt(EXAMPLE.from), readAt: slotAt(READ_AT), denied: false }],
    transfers: decoded.value,
  };
}
