import { demoTransferSet } from "../../../demo/demo-transfers.ts";
import { createDemoMarket, EXAMPLE, EXAMPLE_TICKS, HOUR_MS } from "../../../demo/example-history.ts";
import { describe, expect, it } from "../../support/jest.ts";

const market = createDemoMarket(EXAMPLE_TICKS.slice(0, 48));
const [treasury = "", operations = "", payouts = ""] = market.accounts().map(({ accountId }) => accountId);

describe("demoTransferSet", () => {
  it("has the transfers of the accounts from the start of the example on, as if they were asked for", () => {
    const readAt = EXAMPLE.from + 48 * HOUR_MS;

    const { reads, transfers } = demoTransferSet(market, [payouts], readAt);

    const times = { updatedAfter: "2026-10-25T04:00:00.000Z", readAt: "2026-10-27T04:00:00.000Z" };
    expect(reads).toEqual([{ key: null, accountIds: [payouts], ...times, denied: false }]);
    const earliest = transfers.map(({ updatedAt = "" }) => updatedAt).sort()[0] ?? "";
    expect(earliest > times.updatedAfter).toBe(true);
    for (const { source, target } of transfers) {
      expect([source, target]).toContainEqual({ kind: "account", accountId: payouts });
    }
  });

  it("has each transfer between two of the accounts once", () => {
    const { transfers } = demoTransferSet(market, [treasury, operations, payouts], EXAMPLE.from + 48 * HOUR_MS);

    const ids = transfers.map(({ transferId }) => transferId);
    const listed = market.transfers().filter(({ updatedAt }) => Date.parse(updatedAt) >= EXAMPLE.from);
    expect(ids).toEqual(listed.map(({ transferId }) => transferId));
    expect(new Set(ids).size).toBe(ids.length);
  });
});
