import type { WireParty } from "../wire.ts";
import type { MarketAsset } from "./assets.ts";
import { type RandomInteger, randomHex, randomUuid } from "./random.ts";

/** The networks of the assets that are not on Ethereum, from the schema `PaymentNetwork` of the API's OpenAPI document. */
const NETWORKS: Readonly<Record<string, string>> = {
  sol: "solana",
  avax: "avacchain",
  arb: "arbitrum",
  op: "optimism",
  usdc: "base",
};
const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const COMPANIES = ["Acme Corp", "Globex", "Initech"];
const EMAILS = ["payroll@example.com", "supplier@example.com"];

/** Returns an account as the source or the target of a transfer of an asset. */
export function accountParty(accountId: string, { symbol }: MarketAsset): WireParty {
  return { accountId, asset: symbol };
}

/** Returns where a deposit of an asset comes from. @param at milliseconds since 1970 */
export function outsideSource(asset: MarketAsset, at: number, random: RandomInteger): WireParty {
  const { symbol, type } = asset;
  const [kind, companyName] = [random(1, 3), pick(COMPANIES, random)];
  if (type === "crypto") return addressParty(asset, random);
  if (symbol !== "usd" || kind === 1) return paymentMethod(asset, random);
  if (kind === 2) return { currency: symbol, companyName, companyEntryDescription: "PAYROLL" };
  const day = new Date(at).toISOString().slice(0, 10).replaceAll("-", "");
  const omad = `${day}MMQFMP2P${String(random(1, 999_999)).padStart(6, "0")}`;
  return { currency: symbol, omad, accountNumber: String(random(10_000_000, 99_999_999)), originatorName: companyName };
}

/** Returns where a withdrawal of an asset goes to. */
export function outsideTarget(asset: MarketAsset, random: RandomInteger): WireParty {
  const [kind, email] = [random(1, 4), pick(EMAILS, random)];
  if (asset.symbol === "usdc" && kind === 1) return { email, asset: asset.symbol };
  return asset.type === "crypto" ? addressParty(asset, random) : paymentMethod(asset, random);
}

/** Returns the transaction of a transfer from or to an address; `undefined` if it has none. */
export function onchainTransaction(parties: readonly WireParty[], random: RandomInteger) {
  const network = parties.find((party) => party.network !== undefined)?.network;
  return network === undefined ? undefined : { transactionHash: `0x${randomHex(random, 64)}`, network };
}

function addressParty({ symbol }: MarketAsset, random: RandomInteger): WireParty {
  const network = NETWORKS[symbol] ?? "ethereum";
  const base58 = () => Array.from({ length: 44 }, () => BASE58[random(0, BASE58.length - 1)]).join("");
  return { address: network === "solana" ? base58() : `0x${randomHex(random, 40)}`, network, asset: symbol };
}

function paymentMethod({ symbol }: MarketAsset, random: RandomInteger): WireParty {
  return { paymentMethodId: `paymentMethod_${randomUuid(random)}`, asset: symbol };
}

function pick(texts: readonly string[], random: RandomInteger): string {
  return texts[random(0, texts.length - 1)] ?? "";
}
