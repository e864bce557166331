import { type Previous, type WalkSource, walk } from "../../../core/snapshot/walk.ts";
import { testClock } from "../../support/clock.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { ACCOUNT, amountsOf, assetOf, balancesOf } from "../domain/snapshots.ts";

// test/fuzz/walks.test.ts tries random lists.

const ONE = ["1", "1"] as const;
const previous: Previous = {
  balances: balancesOf({ a: { a: ONE }, b: { b: ONE }, c: { c: ONE }, e: { e: ONE } }),
  unsettled: [],
};

const symbolsOf = ({ balances }: { balances: readonly { asset: { symbol: string } }[] }) =>
  balances.map(({ asset }) => asset.symbol).sort();

/**
 * A source whose passes list these symbols, the last list for ever. Requests for single assets return what `held` has.
 * @param refused the asset for which the API refuses an answer
 */
function sourceOf(lists: readonly (readonly string[])[], held: readonly string[], refused?: string): WalkSource {
  const balanceOf = (symbol: string) => ({ asset: assetOf(symbol), amounts: amountsOf({ [symbol]: ["1", "1"] }) });
  let passes = 0;
  return {
    pass: async () => {
      const list = lists[Math.min(passes++, lists.length - 1)] ?? [];
      const sent = { at: 0, monotonicMs: 0 };
      return { balances: list.map(balanceOf), pages: 2, sent, lastSent: sent };
    },
    balance: async (_, symbol) => {
      if (symbol === refused) return "unknown";
      return held.includes(symbol) ? balanceOf(symbol) : "absent";
    },
  };
}

describe("an asset that no pass shows, while another one is listed twice", () => {
  it("leaves the walk uncertain, although another asset was sold meanwhile", async () => {
    const lists = [["a", "b", "b", "e"], ...Array(4).fill(["a", "b", "b", "c"])];
    const source = sourceOf(lists, ["a", "b", "c", "d"]);

    const walked = await walk({ source, clock: testClock() }, ACCOUNT, previous, new AbortController().signal);

    expect(walked).toMatchObject({ consistency: "uncertain", hidden: 1, unsettled: [], passes: 5 });
    expect(symbolsOf(walked)).toEqual(["a", "b", "c"]);
  });

  it("is not confused with an asset that was sold, and bought again before the pass that shows it", async () => {
    const lists = [...Array(3).fill(["a", "b", "b", "c"]), ["a", "b", "c", "d", "e"]];
    const source = sourceOf(lists, ["a", "b", "c", "d", "e"]);
    const held = source.balance;
    const asked: string[] = [];
    source.balance = async (...request) => {
      asked.push(request[1]);
      return asked.length === 1 ? "absent" : held(...request);
    };

    const walked = await walk({ source, clock: testClock() }, ACCOUNT, previous, new AbortController().signal);

    expect(walked).toMatchObject({ consistency: "verified", hidden: 0, passes: 4 });
    expect(asked).toEqual(["e"]);
    expect(symbolsOf(walked)).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("may be the unsettled one: two passes are enough", async () => {
    const source = sourceOf([["a", "b", "b", "e"]], ["a", "b", "c", "e"], "c");

    const walked = await walk({ source, clock: testClock() }, ACCOUNT, previous, new AbortController().signal);

    expect(walked).toMatchObject({ consistency: "uncertain", hidden: 0, unsettled: ["c"], passes: 2 });
  });

  it("is found by another pass that shows it", async () => {
    const lists = [
      ["a", "b", "b", "e"],
      ["a", "b", "b", "c"],
      ["a", "b", "c", "d"],
    ];
    const source = sourceOf(lists, ["a", "b", "c", "d"]);

    const walked = await walk({ source, clock: testClock() }, ACCOUNT, previous, new AbortController().signal);

    expect(walked).toMatchObject({ consistency: "verified", hidden: 0, passes: 3 });
    expect(symbolsOf(walked)).toEqual(["a", "b", "c", "d"]);
  });

  it("is found by a single request if only an earlier pass shows it", async () => {
    const lists = [
      ["a", "b", "b"],
      ["a", "c", "c"],
    ];
    const source = sourceOf(lists, ["a", "b", "c"]);

    const walked = await walk({ source, clock: testClock() }, ACCOUNT, undefined, new AbortController().signal);

    expect(walked).toMatchObject({ consistency: "verified", hidden: 0, passes: 2 });
    expect(symbolsOf(walked)).toEqual(["a", "b", "c"]);
  });
});
