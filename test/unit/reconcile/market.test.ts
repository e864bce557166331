import { Big } from "big.js";
import fc from "fast-check";
import { decodeTransfersPage } from "../../../core/coinbase/transfer-schema.ts";
import { type Snapshot, snapshotOf } from "../../../core/domain/snapshot.ts";
import type { Transfer } from "../../../core/domain/transfer.ts";
import { reconcile } from "../../../core/reconcile/reconcile.ts";
import type { AccountEnds } from "../../../core/reconcile/reconciliation.ts";
import { createMarket, type Market } from "../../../local/simulated-cdp/market/market.ts";
import type { WireTransfer } from "../../../local/simulated-cdp/server.ts";
import { expect, it } from "../../support/jest.ts";
import { WALK } from "../domain/snapshots.ts";

// The simulated market, whose balances change at each tick, and whose walks take a second after it.

const MINUTE = 60_000;
const START = Date.UTC(2026, 1, 1);

const anyMarket = fc.record({
  ...{ seed: fc.nat(), sourceAmountIncludesFees: fc.boolean() },
  gaps: fc.array(fc.integer({ min: 5 * MINUTE, max: 48 * 60 * MINUTE }), { minLength: 4, maxLength: 20, size: "max" }),
  opening: fc.nat(2),
});
type MarketCase = typeof anyMarket extends fc.Arbitrary<infer T> ? T : never;

interface Outcome {
  readonly ends: readonly AccountEnds[];
  readonly transfers: readonly Transfer[];
  readonly concealed: readonly WireTransfer[];
}

/** Plays a market. The period is from one of the first ticks to the one before the last. */
function play({ seed, gaps, opening, ...options }: MarketCase, concealedShare: number): Outcome {
  const market = createMarket({ seed, concealedShare, ...options });
  let now = START;
  const snapshots = gaps.map((gap) => {
    now += gap;
    market.tick(now);
    return snapshotsOf(market, now);
  });
  const [first, last] = [snapshots[opening] ?? [], snapshots.at(-2) ?? []];
  const page = decodeTransfersPage({ transfers: market.transfers() });
  if (page.problems !== undefined) throw new Error(page.problems);
  return {
    ends: first.map((snapshot, index) => {
      const { accountId } = snapshot;
      return { accountId, opening: snapshot, closing: last[index] as Snapshot, isAsked: true };
    }),
    transfers: page.value.items,
    concealed: market.concealedTransfers(),
  };
}

function snapshotsOf(market: Market, capturedAt: number): Snapshot[] {
  return market.accounts().map(({ accountId, balances: wire }) => {
    const balances = wire.map(({ asset, amount }) => ({ asset, amounts: new Map(Object.entries(amount)) }));
    const slot = new Date(capturedAt).toISOString();
    const walk = { ...WALK, balances, capturedAt, completedAt: capturedAt + 1_000 };
    return snapshotOf(walk, { accountId, slot, trigger: "schedule" }).snapshot;
  });
}

/** Returns what the concealed transfers moved in an asset of an account between both ends. */
function concealedEffect(
  { accountId, opening, closing }: AccountEnds,
  asset: string,
  concealed: readonly WireTransfer[],
  includesFees: boolean,
): Big {
  let effect = new Big(0);
  for (const { source, target, completedAt = "", fees = [], ...of } of concealed) {
    if (completedAt <= opening.capturedAt || completedAt > closing.capturedAt) continue;
    if (target.accountId === accountId && of.targetAsset === asset) effect = effect.plus(of.targetAmount ?? "absent");
    if (source.accountId !== accountId) continue;
    if (of.sourceAsset === asset) effect = effect.minus(of.sourceAmount ?? "absent");
    for (const { amount } of fees.filter((fee) => fee.asset === asset)) {
      const isPaid = asset === of.sourceAsset ? !includesFees : asset !== of.targetAsset;
      if (isPaid) effect = effect.minus(amount);
    }
  }
  return effect;
}

/** Returns the completed transfers that were in progress at some instant of a walk, a minute before and after it included. */
function undeterminedAt({ accountId, opening, closing }: AccountEnds, transfers: readonly Transfer[]): string[] {
  const isInProgress = ({ executedAt = "", completedAt = "" }: Transfer, walk: Snapshot) =>
    Date.parse(executedAt) <= Date.parse(walk.completedAt) + MINUTE &&
    Date.parse(completedAt) >= Date.parse(walk.capturedAt) - MINUTE;
  return transfers
    .filter(({ status }) => status === "completed")
    .filter(({ source, target }) => [source, target].some((of) => of.kind === "account" && of.accountId === accountId))
    .filter((transfer) => [opening, closing].some((walk) => isInProgress(transfer, walk)))
    .map(({ transferId }) => `${accountId} ${transferId}`);
}

it("the remainders of a market's accounts are what the market concealed, to the last digit, unless a transfer was in progress", () => {
  fc.assert(
    fc.property(anyMarket, fc.constantFrom(0.1, 0.5, 1), (given, share) => {
      const { ends, transfers, concealed } = play(given, share);
      const includesFees = given.sourceAmountIncludesFees;

      const { lines, undetermined } = reconcile(ends, transfers, includesFees ? "included" : "excluded");

      const ids = undetermined.map(({ accountId, transfer }) => `${accountId} ${transfer.transferId}`);
      expect(ids.sort()).toEqual(ends.flatMap((account) => undeterminedAt(account, transfers)).sort());
      const certain = lines.filter(({ undetermined }) => undetermined.length === 0);
      for (const { accountId, asset, unexplained } of certain) {
        const account = ends.find((of) => of.accountId === accountId) as AccountEnds;
        const expected = concealedEffect(account, asset, concealed, includesFees);
        expect({ asset, effect: new Big(unexplained ?? "unknown").toFixed() }).toEqual({
          asset,
          effect: expected.toFixed(),
        });
      }
      expect(certain.length).toBeGreaterThan(lines.length / 2);
    }),
    { numRuns: 5 },
  );
});

it("the transfers of a market that conceals nothing explain every change, by the reading that is meant", () => {
  fc.assert(
    fc.property(anyMarket, (given) => {
      const { ends, transfers } = play(given, 0);

      const { reading, unexplainedLines, lines } = reconcile(ends, transfers);

      const meant = given.sourceAmountIncludesFees ? "included" : "excluded";
      expect(unexplainedLines).toMatchObject({ [reading]: 0, [meant]: 0 });
      expect(lines.filter(({ state }) => !["explained", "undetermined"].includes(state))).toEqual([]);
    }),
    { numRuns: 5 },
  );
});
