import type { Big } from "big.js";

/** An asset of the demo market. */
export interface MarketAsset {
  symbol: string;
  type: "crypto" | "fiat";
  name: string;
  decimals: number;
  /** The initial price of one unit in usd; undefined for an asset without a price. */
  price: string | undefined;
  /** The typical initial quantity in a large account. */
  typicalQuantity: string;
}

function crypto(
  symbol: string,
  name: string,
  decimals: number,
  price: string | undefined,
  typicalQuantity: string,
): MarketAsset {
  return { symbol, type: "crypto", name, decimals, price, typicalQuantity };
}

function fiat(symbol: string, name: string, price: string, typicalQuantity: string): MarketAsset {
  return { symbol, type: "fiat", name, decimals: 2, price, typicalQuantity };
}

/** Real assets with invented but plausible prices and quantities. The demo's prime account holds all 31. */
export const MARKET_ASSETS: readonly MarketAsset[] = [
  fiat("usd", "United States Dollar", "1", "1250000"),
  fiat("eur", "Euro", "1.0862", "410000"),
  crypto("btc", "Bitcoin", 8, "97140.25", "84.2"),
  crypto("eth", "Ethereum", 18, "3382.4", "1210"),
  crypto("sol", "Solana", 9, "188.31", "9400"),
  crypto("usdc", "USD Coin", 6, "1", "2600000"),
  crypto("usdt", "Tether", 6, "0.9996", "700000"),
  crypto("xrp", "XRP", 6, "2.214", "310000"),
  crypto("ada", "Cardano", 6, "0.8127", "420000"),
  crypto("doge", "Dogecoin", 8, "0.3122", "900000"),
  crypto("avax", "Avalanche", 18, "36.05", "5200"),
  crypto("link", "Chainlink", 18, "21.47", "12000"),
  crypto("dot", "Polkadot", 10, "6.91", "30000"),
  crypto("pol", "Polygon", 18, "0.4713", "250000"),
  crypto("ltc", "Litecoin", 8, "104.6", "1900"),
  crypto("bch", "Bitcoin Cash", 8, "431.2", "400"),
  crypto("uni", "Uniswap", 18, "12.93", "8000"),
  crypto("aave", "Aave", 18, "291.7", "350"),
  crypto("atom", "Cosmos", 6, "6.38", "15000"),
  crypto("near", "NEAR Protocol", 24, "4.92", "18000"),
  crypto("arb", "Arbitrum", 18, "0.7245", "96000"),
  crypto("op", "Optimism", 18, "1.764", "41000"),
  crypto("xlm", "Stellar Lumens", 7, "0.3851", "160000"),
  crypto("algo", "Algorand", 6, "0.3402", "140000"),
  crypto("fil", "Filecoin", 18, "4.87", "7700"),
  crypto("shib", "Shiba Inu", 18, "0.00002118", "1500000000"),
  crypto("ldo", "Lido DAO", 18, "1.802", "16000"),
  crypto("grt", "The Graph", 18, "0.2017", "110000"),
  crypto("crv", "Curve DAO Token", 18, "0.8944", "21000"),
  crypto("hbar", "Hedera", 8, "0.2756", "230000"),
  // An asset without a price: the demo shows that unpriced is not worthless.
  crypto("rep", "Augur", 18, undefined, "640"),
];

/** Returns an amount as the API writes it. */
export function formatAmount({ type }: MarketAsset, amount: Big): string {
  return type === "fiat" ? amount.toFixed(2) : amount.toFixed();
}
