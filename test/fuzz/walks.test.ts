import fc from "fast-check";
import { possibleAssets, snapshotOf } from "../../core/domain/snapshot.ts";
import { type WalkSource, walk } from "../../core/snapshot/walk.ts";
import { testClock } from "../support/clock.ts";
import { describe, expect } from "../support/jest.ts";
import { ACCOUNT, amountsOf, assetOf, SLOT } from "../unit/domain/snapshots.ts";
import { fuzz } from "./fuzz.ts";

// A model of the API's list: a pass has an entry for each asset that is held. An asset that moves between two pages while
// they are read takes the entry of another one. Between two passes, assets are bought and sold.

const SYMBOLS = [..."abcdefgh"];

interface Round {
  readonly held: readonly string[];
  /** For each entry: whose balance it shows, as an index of `held`. */
  readonly shows: readonly number[];
}

const anyHeld = fc.subarray(SYMBOLS);
const anyRound = (change: fc.Arbitrary<readonly string[]>): fc.Arbitrary<Round> =>
  change.chain((held) =>
    fc.record({
      held: fc.constant(held),
      shows: fc.tuple(
        ...held.map((_, own) => fc.oneof({ weight: 4, arbitrary: fc.constant(own) }, fc.nat(held.length - 1))),
      ),
    }),
  );

/** Mostly what was held before: a walk lasts seconds. */
const anyRounds = anyHeld.chain((first) =>
  fc.array(anyRound(fc.oneof({ weight: 3, arbitrary: fc.constant(first) }, anyHeld)), { minLength: 1, maxLength: 5 }),
);

const anyCase = fc.record({
  rounds: anyRounds,
  previous: fc.option(fc.record({ held: anyHeld, unsettled: anyHeld }), { nil: undefined }),
  /** Assets whose own balance the API refuses to answer. */
  refused: fc.oneof(fc.constant<string[]>([]), anyHeld),
});

const balanceOf = (symbol: string) => ({ asset: assetOf(symbol), amounts: amountsOf({ [symbol]: ["1", "1"] }) });

describe("a walk", () => {
  fuzz("is verified only with every asset, and never counts fewer than are held", 400, anyCase, async (given) => {
    const { rounds, previous, refused } = given;
    let passes = 0;
    // The last list stays for ever.
    const now = () => rounds[Math.min(passes, rounds.length) - 1] as Round;
    const source: WalkSource = {
      pass: async () => {
        passes++;
        const balances = now().shows.map((at) => balanceOf(now().held[at] ?? ""));
        const sent = { at: 0, monotonicMs: 0 };
        return { balances, pages: 2, sent, lastSent: sent };
      },
      balance: async (_, symbol) => {
        if (refused.includes(symbol)) return "unknown";
        return now().held.includes(symbol) ? balanceOf(symbol) : "absent";
      },
    };
    const before = previous && {
      balances: new Map(previous.held.map((symbol) => [symbol, balanceOf(symbol).amounts])),
      unsettled: previous.unsettled,
    };

    const walked = await walk({ source, clock: testClock() }, ACCOUNT, before, new AbortController().signal);

    const { held } = now();
    const { snapshot } = snapshotOf(walked, { accountId: ACCOUNT, slot: SLOT, trigger: "schedule" });
    const found = [...snapshot.balances.keys()].sort();
    expect(walked.passes).toBe(passes);
    expect(found).toHaveLength(walked.balances.length);
    expect(held).toEqual(expect.arrayContaining(found));
    expect(possibleAssets(snapshot)).toBeGreaterThanOrEqual(held.length);
    if (walked.consistency === "verified") expect(found).toEqual(held);
    else expect(walked.hidden + walked.unsettled.length).toBeGreaterThan(0);
  });
});
