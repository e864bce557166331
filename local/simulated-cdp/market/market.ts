import { Big } from "big.js";
import type { SimulatedAccount, WireBalance, WireTransfer } from "../wire.ts";
import { formatAmount, MARKET_ASSETS, type MarketAsset } from "./assets.ts";
import { explain } from "./movements.ts";
import { createRandom, type RandomInteger, randomUuid } from "./random.ts";
import { type ListingOptions, TransferBook } from "./transfer-book.ts";

/** A small market for the demo. Its prices and balances change with every tick. */
export interface Market {
  /** The instants of the ticks that have passed, in milliseconds since 1970. */
  readonly ticks: readonly number[];
  /**
   * Changes all prices and some quantities and holds. Transfers that complete between the previous tick and this one explain the
   * quantities. Balances change only at the tick, so that they are true in the first half of the time until the next one.
   * @param at in milliseconds since 1970. An instant that is not after the previous tick counts as 2 ms after it.
   */
  tick(at: number): void;
  /** Returns the accounts that are open, with their current balances. */
  accounts(): SimulatedAccount[];
  /** Returns the transfers that the API lists. */
  transfers(): readonly WireTransfer[];
  /** Returns the completed transfers that the API conceals. */
  concealedTransfers(): readonly WireTransfer[];
  /**
   * Renames an account. @param at when it is updated, in milliseconds since 1970. Default: now
   * @throws {RangeError} if no open account has the id
   */
  rename(accountId: string, name: string, at?: number): void;
  /** Closes an account: the API no longer lists or finds it. @throws {RangeError} if no open account has the id */
  close(accountId: string): void;
}

export interface MarketOptions extends ListingOptions {
  /** The same seed and ticks give the same accounts and the same movements. */
  readonly seed: number;
  /** The ticks of an earlier market that have passed: their instants, or their number if one came every hour. Default: none. */
  readonly ticks?: number | readonly number[];
}

interface Holding {
  asset: MarketAsset;
  total: Big;
  hold: Big;
}

/** Enough digits for the cheapest asset. */
const PRICE_DECIMALS = 12;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/**
 * Distinguishes the seed of the transfers from that of the market. With this value, the demo's example week has explained,
 * unexplained and undetermined lines.
 */
const TRANSFER_SEED = 12;
/** When the accounts were last updated. */
const START = Date.UTC(2026, 0, 5, 9);

const OPERATIONS = ["usd", "eur", "usdc", "btc", "eth", "sol", "xrp", "link"];
const HOLDERS = [
  { type: "prime", name: "Treasury", ageDays: 340, share: "1", symbols: MARKET_ASSETS.map(({ symbol }) => symbol) },
  { type: "business", name: "Operations", ageDays: 210, share: "0.08", symbols: OPERATIONS },
  { type: "cdp", name: "Payouts", ageDays: 35, share: "0.01", symbols: ["usdc", "eth"] },
];

/** Creates a market with three accounts: prime with 31 assets, business with 8, cdp with 2. */
export function createMarket({ seed, ticks: passed = 0, ...options }: MarketOptions): Market {
  const random = createRandom(seed);
  const owner = `entity_${randomUuid(random)}`;
  const prices = new Map<string, Big>();
  for (const { symbol, price } of MARKET_ASSETS) if (price !== undefined) prices.set(symbol, new Big(price));
  const holders = HOLDERS.map(({ type, name, ageDays, share, symbols }) => ({
    account: {
      accountId: `account_${randomUuid(random)}`,
      type,
      owner,
      name,
      createdAt: new Date(START - ageDays * DAY_MS).toISOString(),
      updatedAt: new Date(START).toISOString(),
    },
    holdings: MARKET_ASSETS.filter(({ symbol }) => symbols.includes(symbol)).map((asset): Holding => {
      const total = new Big(asset.typicalQuantity).times(share).times(fraction(random, 0.7e9, 1.3e9));
      return { asset, total: total.round(asset.decimals), hold: new Big(0) };
    }),
  }));

  /** They still trade, so that the others move as if none had closed. */
  const closed = new Set<string>();
  const openHolders = () => holders.filter(({ account }) => !closed.has(account.accountId));
  const accountOf = (accountId: string) => {
    const found = openHolders().find(({ account }) => account.accountId === accountId);
    if (found === undefined) throw new RangeError(`no open account ${accountId}`);
    return found.account;
  };

  // A separate stream: prices and balances, which the documents show, do not depend on what transfers draw.
  const transferRandom = createRandom(seed ^ TRANSFER_SEED);
  const book = new TransferBook(transferRandom, options);
  /** Add the transfers of past ticks to the book: later, because that takes longer than the ticks, and most markets need none. */
  const pending: (() => void)[] = [];
  const bookUntilNow = () => {
    for (const add of pending.splice(0)) add();
    return book;
  };
  const ticks: number[] = [];
  const market: Market = {
    ticks,
    tick: (given) => {
      const previous = ticks.at(-1) ?? given - HOUR_MS;
      const at = Math.max(given, previous + 2);
      ticks.push(at);
      const before = holders.map(({ holdings }) => holdings.map(({ total }) => total));
      for (const [symbol, price] of prices) prices.set(symbol, nextPrice(symbol, price, random));
      for (const { holdings } of holders) for (const holding of holdings) trade(holding, random);
      const totals = holders.flatMap(({ account: { accountId }, holdings }, holder) =>
        holdings.map(({ asset, total }, i) => ({ accountId, asset, by: total.minus(before[holder]?.[i] ?? 0) })),
      );
      const changes = totals.filter(({ by }) => !by.eq(0));
      const pricesThen = new Map(prices);
      pending.push(() => {
        book.addCompleted(explain(changes, pricesThen, transferRandom), { previous, at });
        book.addUnfinished(changes, { previous, at });
      });
    },
    accounts: () =>
      openHolders().map(({ account, holdings }) => ({
        ...account,
        balances: holdings.map((holding) => toBalance(holding, prices.get(holding.asset.symbol))),
      })),
    transfers: () => bookUntilNow().listed,
    concealedTransfers: () => bookUntilNow().concealed,
    rename: (accountId, name, at = Date.now()) => {
      Object.assign(accountOf(accountId), { name, updatedAt: new Date(at).toISOString() });
    },
    close: (accountId) => {
      closed.add(accountOf(accountId).accountId);
    },
  };
  const hours = (count: number) => Array.from({ length: count }, (_, hour) => START + (hour + 1) * HOUR_MS);
  for (const at of typeof passed === "number" ? hours(passed) : passed) market.tick(at);
  return market;
}

/** Returns a price after a tick: stablecoins hardly change, the euro a little, other assets by up to 1.2 %. */
function nextPrice(symbol: string, price: Big, random: RandomInteger): Big {
  const millionths = random(-12_000, 12_000);
  if (symbol === "usd") return price;
  if (symbol.startsWith("usd")) return new Big(1).plus(new Big(millionths).times("1e-8"));
  const factor = new Big(1).plus(new Big(millionths).times(symbol === "eur" ? "1e-7" : "1e-6"));
  return price.times(factor).round(PRICE_DECIMALS);
}

/** Changes the total of one holding in four, within what is available, and the hold of one in eight. */
function trade(holding: Holding, random: RandomInteger): void {
  const [trades, change, holds, share] = [random(1, 4), fraction(random, -2e7, 2e7), random(1, 8), random(0, 40)];
  const { decimals } = holding.asset;
  if (trades === 1) {
    const available = holding.total.minus(holding.hold);
    holding.total = holding.total.plus(available.times(change).round(decimals));
  }
  if (holds === 1) {
    // A hold below 10 % is rounded down to none, because most balances have no hold.
    holding.hold = share < 10 ? new Big(0) : holding.total.times(share).times("0.01").round(decimals, Big.roundDown);
  }
}

function toBalance({ asset, total, hold }: Holding, price: Big | undefined): WireBalance {
  const { symbol, type, name, decimals } = asset;
  const available = total.minus(hold);
  const format = (amount: Big) => formatAmount(asset, amount);
  const usd = price !== undefined && {
    usd: { available: available.times(price).toFixed(2), total: total.times(price).toFixed(2) },
  };
  const amount = { ...usd, [symbol]: { available: format(available), total: format(total) } };
  return { asset: { symbol, type, name, decimals }, amount };
}

/** Returns an exact fraction with nine decimals, from `min` to `max` billionths. */
function fraction(random: RandomInteger, min: number, max: number): Big {
  return new Big(random(min, max)).times("1e-9");
}
