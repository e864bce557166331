import { type NoticeRules, noticesOf } from "../../../core/domain/notices.ts";
import type { WalkSummary } from "../../../core/domain/snapshot.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { ACCOUNT, type BalanceTexts, snapshotWith } from "./snapshots.ts";

const RULES: NoticeRules = { movedPercent: 50, explained: [] };

/** Returns a snapshot with these quantities. All assets have a price, except those in `unpriced`. */
function holding(
  quantities: Readonly<Record<string, string>>,
  { unpriced = [], ...settlement }: Partial<WalkSummary> & { unpriced?: readonly string[] } = {},
) {
  const texts: BalanceTexts = Object.fromEntries(
    Object.entries(quantities).map(([symbol, total]) => [
      symbol,
      { [symbol]: [total, total], ...(!unpriced.includes(symbol) && { usd: ["1", "1"] }) },
    ]),
  );
  return snapshotWith(texts, settlement);
}

describe("noticesOf", () => {
  it("reports what is unknown, and compares nothing, without a previous snapshot", () => {
    const known = noticesOf(holding({ btc: "1" }), undefined, RULES);
    const unknown = noticesOf(holding({ btc: "1" }, { unsettled: ["eth"], hidden: 2 }), undefined, RULES);

    expect(known).toEqual([]);
    expect(unknown).toEqual([
      { kind: "unsettled", asset: "eth" },
      { kind: "hidden", entries: 2 },
    ]);
  });

  it("reports an asset that vanished, with its previous quantity", () => {
    const notices = noticesOf(holding({ btc: "1" }), holding({ btc: "1", eth: "2.50", dust: "0.0" }), RULES);

    expect(notices).toEqual([{ kind: "vanished", asset: "eth", last: "2.50" }]);
  });

  it("reports an unsettled asset, but not as vanished", () => {
    const notices = noticesOf(holding({ btc: "1" }, { unsettled: ["eth"] }), holding({ btc: "1", eth: "2" }), RULES);

    expect(notices).toEqual([
      { kind: "unsettled", asset: "eth" },
      { kind: "coverageFell", denomination: "usd", from: { covers: 2, of: 2 }, to: { covers: 1, of: 2 } },
    ]);
  });

  it.each([
    ["2.00", "3.00", 0],
    ["2.00", "3.000000000000000001", 1],
    ["2.00", "0.999999999999999999", 1],
    ["0", "0.000000000000000001", 1],
  ])("reports a change by more than the configured share: from %s to %s", (from, to, count) => {
    const notices = noticesOf(holding({ btc: to }), holding({ btc: from }), RULES);

    expect(notices).toEqual(count === 0 ? [] : [{ kind: "moved", asset: "btc", from, to }]);
  });

  it("does not report a hold or a new asset", () => {
    const [free, onHold] = [snapshotWith({ btc: { btc: ["10", "10"] } }), snapshotWith({ btc: { btc: ["1", "10"] } })];

    const holds = [...noticesOf(onHold, free, RULES), ...noticesOf(free, onHold, RULES)];
    const added = noticesOf(holding({ btc: "1", eth: "9" }), holding({ btc: "1" }), RULES);

    expect([holds, added]).toEqual([[], []]);
  });

  it.each([
    ["an asset", ["usdc"], []],
    ["an asset of the account", [`${ACCOUNT}/usdc`], []],
    ["an asset of another account", ["account_00000000-9846-4fe7-bfe9-ccc22d935114/usdc"], ["moved", "vanished"]],
  ])("does not report an explained change: %s", (_, explained, kinds) => {
    const before = holding({ usdc: "1", btc: "1" });

    const moved = noticesOf(holding({ usdc: "9", btc: "1" }), before, { movedPercent: 50, explained });
    const vanished = noticesOf(holding({ btc: "1" }), before, { movedPercent: 50, explained });

    expect([...moved, ...vanished].map(({ kind }) => kind)).toEqual(kinds);
  });

  const fell = (covers: number, of: number) => ({
    kind: "coverageFell",
    denomination: "usd",
    from: { covers: 2, of: 3 },
    to: { covers, of },
  });
  const rep = { unpriced: ["rep"] };

  it.each([
    ["lost a price", holding({ btc: "1", eth: "1", rep: "1" }, { unpriced: ["rep", "eth"] }), [fell(1, 3)]],
    ["lost no price", holding({ btc: "1", eth: "1", rep: "1" }, rep), []],
    ["was sold", holding({ btc: "1", rep: "1" }, rep), []],
    ["is unsettled", holding({ rep: "1" }, { ...rep, unsettled: ["btc", "eth"] }), [fell(0, 3)]],
  ])("reports a total that leaves out more assets than before: an asset %s", (_, after, expected) => {
    const before = holding({ btc: "1", eth: "1", rep: "1" }, rep);

    const notices = noticesOf(after, before, RULES).filter(({ kind }) => kind === "coverageFell");

    expect(notices).toEqual(expected);
  });
});
