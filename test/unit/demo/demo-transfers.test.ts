import { demoTransferSet } from "../../../demo/demo-transfers.ts";
import { createDemoMarket, EXAMPLE_TICKS } from "../../../demo/example-history.ts";
import { describe, expect, it } from "../../support/jest.ts";

const END = "2026-11-08T04:00:00.000Z";

describe("demoTransferSet", () => {
  it("has each listed transfer of the example history once", () => {
    const market = createDemoMarket(EXAMPLE_TICKS.slice(0, 6));

    const { reads, transfers } = demoTransferSet(market);

    const accountIds = market.accounts().map(({ accountId }) => accountId);
    const times = { updatedAfter: "2026-10-25T04:00:00.000Z", readAt: END };
    expect(reads).toEqual([{ key: null, accountIds, ...times, denied: false }]);
    const listed = market.transfers().filter(({ updatedAt }) => updatedAt >= times.updatedAfter);
    expect(transfers.map(({ transferId }) => transferId)).toEqual(listed.map(({ transferId }) => transferId));
    expect(new Set(listed.map(({ transferId }) => transferId)).size).toBe(transfers.length);
  });
});
