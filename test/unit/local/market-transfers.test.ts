import { Big } from "big.js";
import fc from "fast-check";
import { createMarket, type Market, type MarketOptions } from "../../../local/simulated-cdp/market/market.ts";
import type { WireTransfer } from "../../../local/simulated-cdp/server.ts";
import { EXHAUSTIVE } from "../../support/exhaustive.ts";
import { describe, expect, it } from "../../support/jest.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const at = (text: string | undefined) => Date.parse(text as string);
const isCompleted = ({ status }: WireTransfer) => status === "completed";

/** Instants of ticks, two milliseconds to two days apart. */
const ticks = fc
  .array(fc.oneof(fc.integer({ min: 2, max: 5_000 }), fc.integer({ min: 2, max: 48 * HOUR_MS })), { maxLength: 25 })
  .map((gaps) => gaps.map((_, i) => Date.UTC(2026, 1, 1) + gaps.slice(0, i + 1).reduce((a, b) => a + b)));

const options = fc.record({
  ...{ seed: fc.nat(), ticks, sourceAmountIncludesFees: fc.boolean() },
  concealedShare: fc.constantFrom(0, 0.2, 1),
});

const feeAssets = ({ fees = [] }: WireTransfer) => fees.map(({ asset }) => asset);
const isConversion = ({ sourceAsset, targetAsset }: WireTransfer) => sourceAsset !== targetAsset;

const KINDS: Readonly<Record<string, (transfer: WireTransfer) => boolean>> = {
  "between accounts": ({ source, target }) =>
    Boolean(source.accountId && target.accountId) && source.accountId !== target.accountId,
  conversion: isConversion,
  "deposit by bank": ({ source }) => source.paymentMethodId !== undefined,
  "deposit by ACH": ({ source }) => source.companyEntryDescription !== undefined,
  "deposit by Fedwire": ({ source }) => source.omad !== undefined,
  "deposit from an address": ({ source }) => source.address !== undefined,
  "withdrawal to a bank": ({ target }) => target.paymentMethodId !== undefined,
  "withdrawal to an address": ({ target }) => target.address !== undefined,
  "withdrawal by email": ({ target }) => target.email !== undefined,
  "fee in the source asset": (one) => Boolean(one.source.accountId) && feeAssets(one).includes(one.sourceAsset ?? ""),
  "fee of a deposit": (one) => !one.source.accountId && feeAssets(one).length > 0,
  "fee in the target asset": (one) => isConversion(one) && feeAssets(one).includes(one.targetAsset ?? ""),
  "fee in another asset": (one) => feeAssets(one).some((fee) => fee !== one.sourceAsset && fee !== one.targetAsset),
};

/** Returns the totals of all assets, with a key of account and asset. */
function totalsOf(market: Market): Map<string, Big> {
  const totals = new Map<string, Big>();
  for (const { accountId, balances } of market.accounts()) {
    for (const { asset, amount } of balances) {
      totals.set(`${accountId} ${asset.symbol}`, new Big(amount[asset.symbol]?.total ?? "absent"));
    }
  }
  return totals;
}

/** Adds to totals what completed transfers move, by the rules of the reconciliation. */
function apply(totals: Map<string, Big>, transfers: readonly WireTransfer[], includesFees: boolean): void {
  const add = (accountId: string | undefined, asset: string, amount: Big) => {
    if (accountId === undefined) return;
    const key = `${accountId} ${asset}`;
    totals.set(key, (totals.get(key) ?? new Big(0)).plus(amount));
  };
  for (const { source, target, sourceAsset = "", targetAsset = "", fees = [], ...one } of transfers) {
    add(source.accountId, sourceAsset, new Big(one.sourceAmount ?? "absent").neg());
    add(target.accountId, targetAsset, new Big(one.targetAmount ?? "absent"));
    for (const { asset, amount } of fees) {
      const isPaid = asset === sourceAsset ? !includesFees : asset !== targetAsset;
      if (isPaid) add(source.accountId, asset, new Big(amount).neg());
    }
  }
}

const texts = (totals: Map<string, Big>) => Object.fromEntries([...totals].map(([key, big]) => [key, big.toFixed()]));

describe("the transfers of a market", () => {
  it("explain every change exactly, with the concealed ones; complete between ticks, after their creation; and have different ids", () => {
    fc.assert(
      fc.property(options, (given) => {
        const market = createMarket(given);
        const expected = totalsOf(createMarket({ seed: given.seed }));

        const completed = [...market.transfers().filter(isCompleted), ...market.concealedTransfers()];
        apply(expected, completed, given.sourceAmountIncludesFees);

        expect(texts(expected)).toEqual(texts(totalsOf(market)));
        for (const { createdAt, executedAt, completedAt, updatedAt } of completed) {
          const times = [createdAt, executedAt, completedAt, updatedAt].map(at);
          expect(times.toSorted((a, b) => a - b)).toEqual(times);
          expect(market.ticks).not.toContain(at(completedAt));
          expect(at(updatedAt)).toBeLessThan(market.ticks.at(-1) ?? 0);
        }
        expect(new Set(completed.map(({ transferId }) => transferId)).size).toBe(completed.length);
      }),
      { numRuns: EXHAUSTIVE ? 200 : 8 },
    );
  });

  it("are the same for the same seed and ticks, and leave prices and balances as other options have them", () => {
    fc.assert(
      fc.property(options, ({ seed, ticks, ...rest }) => {
        const market = createMarket({ seed, ticks, ...rest });
        const continued = createMarket({ seed, ticks: ticks.slice(0, 3), ...rest });
        for (const tick of ticks.slice(3)) continued.tick(tick);
        const plain = createMarket({ seed, ticks: ticks.length });

        expect(continued.transfers()).toEqual(market.transfers());
        expect(continued.concealedTransfers()).toEqual(market.concealedTransfers());
        expect(continued.accounts()).toEqual(market.accounts());
        expect(market.accounts()).toEqual(plain.accounts());
      }),
      { numRuns: EXHAUSTIVE ? 100 : 4 },
    );
  });

  it("conceal nothing by default, and about the share that is asked for", () => {
    const of = (changes: Partial<MarketOptions>) => createMarket({ seed: 5, ticks: 60, ...changes });
    const none = of({});
    const some = of({ concealedShare: 0.25 });

    const all = none.transfers();
    const share = some.concealedTransfers().length / all.filter(isCompleted).length;
    const listed = [...some.transfers(), ...some.concealedTransfers()].map(({ transferId }) => transferId);

    expect(none.concealedTransfers()).toEqual([]);
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.3);
    expect(listed.toSorted()).toEqual(all.map(({ transferId }) => transferId).toSorted());
    expect(of({ concealedShare: 1, ticks: 10 }).transfers().filter(isCompleted)).toEqual([]);
  });

  it("are of every kind", () => {
    const market = createMarket({ seed: 17, ticks: 90 });
    const tickAfter = (time: string | undefined) => market.ticks.findIndex((tick) => tick > at(time));
    const isLate = ({ completedAt }: WireTransfer) =>
      (market.ticks[tickAfter(completedAt)] ?? 0) - at(completedAt) < MINUTE_MS;
    const isAcross = (one: WireTransfer) => tickAfter(one.executedAt) < tickAfter(one.completedAt);

    const count = (isOfKind: (transfer: WireTransfer) => boolean) => completed.filter(isOfKind).length;
    const completed = market.transfers().filter(isCompleted);
    const missing = Object.keys(KINDS).filter((kind) => count(KINDS[kind] as (typeof KINDS)[string]) === 0);
    const statuses = new Set(market.transfers().map(({ status }) => status));

    // In one asset, what arrives is what was paid without the fee.
    const wrong = completed.filter((one) => {
      const fees = (one.fees ?? []).filter(({ asset }) => asset === one.sourceAsset);
      const received = fees.reduce((left, { amount }) => left.minus(amount), new Big(one.sourceAmount ?? "absent"));
      return !isConversion(one) && !received.eq(one.targetAmount ?? "absent");
    });
    expect(wrong).toEqual([]);
    expect(missing).toEqual([]);
    expect([...statuses].sort()).toEqual(["completed", "failed", "processing", "quoted"]);
    for (const isRare of [isLate, isAcross]) {
      expect(count(isRare)).toBeGreaterThan(0);
      expect(count(isRare)).toBeLessThan(completed.length / 10);
    }
  });
});
