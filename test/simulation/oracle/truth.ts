import { between, pick, type Random, randomOf } from "./random.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** How often a quantity changes in a day, so that many walks see a change. */
const CHANGES_PER_DAY = 20;

/** How often an account is renamed. */
const RENAMED_MS = 30 * HOUR_MS;

/** A balance as the API sends it. */
export interface TrueBalance {
  readonly asset: { readonly symbol: string; readonly type: string; readonly name: string; readonly decimals: number };
  readonly amount: Readonly<Record<string, { readonly available: string; readonly total: string }>>;
}

interface Quantity {
  readonly at: number;
  /** `undefined`: no longer held. */
  readonly held: { readonly available: string; readonly total: string } | undefined;
}

const ASSETS = [
  { symbol: "btc", type: "crypto", name: "Bitcoin", decimals: 8, price: 90_000 },
  { symbol: "eth", type: "crypto", name: "Ethereum", decimals: 18, price: 3_000 },
  { symbol: "sol", type: "crypto", name: "Solana", decimals: 9, price: 150 },
  { symbol: "xrp", type: "crypto", name: "XRP", decimals: 6, price: 2 },
  { symbol: "link", type: "crypto", name: "Chainlink", decimals: 18, price: 20 },
  { symbol: "usdc", type: "crypto", name: "USD Coin", decimals: 6, price: 1 },
  { symbol: "usd", type: "fiat", name: "United States Dollar", decimals: 2, price: 1 },
  // The API does not know its price.
  { symbol: "dust", type: "crypto", name: "Dust", decimals: 18, price: undefined },
] as const;

/** What an account really holds at every instant, by the seed alone. */
export class TrueAccount {
  readonly accountId: string;
  readonly type = "prime";
  readonly owner: string;
  /** The times in which the account exists, in milliseconds since 1970. */
  readonly lives: readonly { readonly from: number; readonly to: number }[];
  readonly #seed: string;
  readonly #quantities = new Map<string, Quantity[]>();

  /** @param near times near which many of the changes are, such as slots: a walk then reads other amounts than another */
  constructor(seed: string, index: number, lives: TrueAccount["lives"], near: readonly number[]) {
    const digits = (random: Random, count: number) =>
      Array.from({ length: count }, () => Math.floor(random() * 16).toString(16)).join("");
    const uuid = (random: Random) => [8, 4, 4, 4, 12].map((count) => digits(random, count)).join("-");
    this.accountId = `account_${uuid(randomOf(seed, "account", index))}`;
    this.owner = `entity_${uuid(randomOf(seed, "owner"))}`;
    this.lives = lives;
    this.#seed = `${seed} ${index}`;
    for (const asset of ASSETS) this.#quantities.set(asset.symbol, this.#quantitiesOf(asset, lives, near));
  }

  /** Returns the name at a time. */
  nameAt(at: number): string {
    const shift = randomOf(this.#seed, "name")() * RENAMED_MS;
    return `Account ${Math.floor((at + shift) / RENAMED_MS)}`;
  }

  exists(at: number): boolean {
    return this.lives.some(({ from, to }) => from <= at && at < to);
  }

  /** Returns every balance at a time, in no particular order. */
  balances(at: number): TrueBalance[] {
    return ASSETS.flatMap(({ symbol }) => this.balance(symbol, at) ?? []);
  }

  balance(symbol: string, at: number): TrueBalance | undefined {
    const asset = ASSETS.find((one) => one.symbol === symbol);
    const held = asset && lastBefore(this.#quantities.get(symbol) ?? [], at)?.held;
    if (asset === undefined || held === undefined) return undefined;
    const { price, ...description } = asset;
    const factor = price === undefined ? 0 : price * this.#priceFactor(symbol, at);
    const value = (quantity: string) => (Number(quantity) * factor).toFixed(2);
    const usd = symbol === "usd" ? held : { available: value(held.available), total: value(held.total) };
    return { asset: description, amount: { [symbol]: held, ...(price !== undefined && { usd }) } };
  }

  /** Returns the start of a time, and every later instant in it at which a balance can change. */
  instants(from: number, to: number): number[] {
    const seconds: number[] = [];
    for (let at = (Math.floor(from / 1000) + 1) * 1000; at <= to; at += 1000) seconds.push(at);
    const changes = [...this.#quantities.values()].flat().map(({ at }) => at);
    return [from, ...seconds, ...changes.filter((at) => at > from && at <= to)];
  }

  /** Prices move every second in some hours, so that assets move across pages during a walk, and else every quarter of an hour. */
  #priceFactor(symbol: string, at: number): number {
    const hour = Math.floor(at / HOUR_MS);
    const isVolatile = randomOf(this.#seed, "volatile", hour)() < 0.2;
    const tick = isVolatile ? Math.floor(at / 1000) : Math.floor(at / (15 * MINUTE_MS));
    return between(randomOf(this.#seed, "price", symbol, tick), 0.3, 1.7);
  }

  #quantitiesOf({ symbol, decimals }: (typeof ASSETS)[number], lives: TrueAccount["lives"], near: readonly number[]) {
    const random = randomOf(this.#seed, "quantities", symbol);
    const times = lives.flatMap(({ from, to }) => {
      const own = near.filter((at) => at > from && at < to);
      const count = Math.ceil(((to - from) / (24 * HOUR_MS)) * CHANGES_PER_DAY);
      const some = Array.from({ length: count }, () =>
        own.length > 0 && random() < 0.7
          ? pick(random, own) + between(random, -5_000, 20_000)
          : between(random, from, to),
      );
      return [from, ...some];
    });
    const change = (at: number): Quantity => {
      if (random() < 0.15) return { at, held: undefined };
      const total = digitsOf(random, decimals);
      const isOnHold = random() < 0.3;
      return { at, held: { available: isOnHold ? half(total) : total, total } };
    };
    return times.map((at) => change(Math.floor(at))).sort((a, b) => a.at - b.at);
  }
}

/** Returns a decimal number with all digits that the asset has. */
function digitsOf(random: Random, decimals: number): string {
  const digits = Array.from({ length: decimals }, () => Math.floor(random() * 10)).join("");
  return `${1 + Math.floor(random() * 500)}.${digits}`;
}

/** Returns an amount with half of the whole number, and the same fraction. */
function half(amount: string): string {
  const [whole = "", fraction = ""] = amount.split(".");
  return `${Math.floor(Number(whole) / 2)}.${fraction}`;
}

function lastBefore(quantities: readonly Quantity[], at: number): Quantity | undefined {
  let [low, high] = [0, quantities.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((quantities[middle] as Quantity).at <= at) low = middle + 1;
    else high = middle;
  }
  return quantities[low - 1];
}
