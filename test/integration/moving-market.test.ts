import pMap from "p-map";
import type { Balance } from "../../core/domain/balance.ts";
import type { BalanceSource } from "../../core/domain/ports.ts";
import { type Previous, walk } from "../../core/snapshot/walk.ts";
import { createRandom, type RandomInteger } from "../../local/simulated-cdp/market/random.ts";
import type { SimulatedAccount } from "../../local/simulated-cdp/server.ts";
import { makeAccount, makeBalance } from "../support/accounts.ts";
import { EXHAUSTIVE } from "../support/exhaustive.ts";
import { afterEach, expect, it } from "../support/jest.ts";
import { closeServers, noDeadline, startApi, testClock } from "../unit/coinbase/harness.ts";

afterEach(closeServers);

const ACCOUNTS = EXHAUSTIVE ? 8 : 5;
const WALKS_PER_ACCOUNT = 5;
const ASSETS = 32;
const PAGE_SIZE = 8;

/** An account whose assets change value, and so their position in the list, between any two pages. */
class Market {
  readonly account: SimulatedAccount;
  readonly #random: RandomInteger;
  readonly #values = new Map<string, number>();
  #bought = 0;

  constructor(seed: number) {
    this.#random = createRandom(seed);
    for (let asset = 0; asset < ASSETS; asset++) this.#buy();
    const balances = () =>
      [...this.#values].map(([symbol, cents]) => makeBalance(symbol, "1.5", (cents / 100).toFixed(2)));
    this.account = Object.defineProperty(makeAccount(), "balances", { get: balances, enumerable: true });
  }

  held(): string[] {
    return [...this.#values.keys()].sort();
  }

  tick(): void {
    for (const [symbol, cents] of this.#values) {
      this.#values.set(symbol, Math.max(1, Math.round((cents * this.#random(85, 118)) / 100)));
    }
  }

  /** Sells and buys assets between two snapshots. */
  trade(): void {
    if (this.#random(1, 3) === 1) this.#values.delete(this.held()[this.#random(0, this.#values.size - 1)] ?? "");
    if (this.#random(1, 3) === 1) this.#buy();
  }

  #buy(): void {
    this.#values.set(`x${this.#bought++}`, this.#random(1_000, 100_000));
  }
}

const symbolsOf = ({ balances }: { balances: readonly Balance[] }) => balances.map(({ asset }) => asset.symbol);

it("walks lose and duplicate nothing while the list is reordered between any two pages", async () => {
  const markets = Array.from({ length: ACCOUNTS }, (_, seed) => new Market(seed + 1));
  const byPath = new Map(
    markets.map((market) => [`/platform/v2/accounts/${market.account.accountId}/balances`, market]),
  );
  const clock = testClock();
  const { source: sourceOf } = await startApi({
    clock,
    accounts: () => markets.map(({ account }) => account),
    onRequest: ({ path, phase }) => (phase === "handled" ? byPath.get(path)?.tick() : undefined),
    limit: 1e9,
    readsPerTenSeconds: 1e9,
  });
  const figures = { walks: 0, naiveLost: 0, naiveDoubled: 0, lost: 0, doubled: 0, invented: 0 };
  const consistencies = new Set<string>();
  const passCounts = new Set<number>();

  await pMap(
    markets,
    async (market) => {
      let previous: Previous | undefined;
      for (let round = 0; round < WALKS_PER_ACCOUNT; round++) {
        market.trade();
        const { source, passes } = recording(sourceOf({ pageSize: PAGE_SIZE }));

        const walked = await walk({ source, clock }, market.account.accountId, previous, noDeadline());

        const held = market.held();
        const [naive, ours] = [passes[0] ?? [], symbolsOf(walked)];
        figures.walks++;
        figures.naiveLost += Number(held.some((symbol) => !naive.includes(symbol)));
        figures.naiveDoubled += Number(new Set(naive).size < naive.length);
        figures.lost += Number(held.some((symbol) => !ours.includes(symbol)));
        figures.doubled += Number(new Set(ours).size < ours.length);
        figures.invented += Number(ours.some((symbol) => !held.includes(symbol)));
        consistencies.add(walked.consistency);
        passCounts.add(walked.passes);
        const balances = new Map(walked.balances.map(({ asset, amounts }) => [asset.symbol, amounts]));
        previous = { ...walked, balances };
      }
    },
    { concurrency: 4 },
  );

  // The markets are seeded, so the errors of a naive walk are the same in every run.
  const expected = EXHAUSTIVE
    ? { walks: 40, naiveLost: 36, naiveDoubled: 36, passes: [1, 2, 3] }
    : { walks: 25, naiveLost: 22, naiveDoubled: 22, passes: [1, 2] };
  const passes = [...passCounts].sort();
  expect({ ...figures, passes }).toEqual({ ...expected, lost: 0, doubled: 0, invented: 0 });
  expect([...consistencies]).toEqual(["verified"]);
}, 300_000);

/** Wraps the source to record what each pass returned. A naive walk would keep the first pass. */
function recording(real: BalanceSource): { source: BalanceSource; passes: string[][] } {
  const passes: string[][] = [];
  const source: BalanceSource = {
    checkKey: () => real.checkKey(),
    listAccounts: (signal) => real.listAccounts(signal),
    describe: (accountIds, signal) => real.describe(accountIds, signal),
    account: (...args) => real.account(...args),
    balance: (...asked) => real.balance(...asked),
    pass: async (...asked) => {
      const pass = await real.pass(...asked);
      passes.push(symbolsOf(pass));
      return pass;
    },
  };
  return { source, passes };
}
